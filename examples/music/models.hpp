// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mercator.hpp>

#include <cstdint>
#include <optional>
#include <string>

/// A place where people share music: the smallest model with every kind of one-to-many.
namespace music {

struct User;
struct Song;

struct Role {
    std::int64_t id{};
    std::string name;
    mercator::Many<User> users;      ///< role.users
    mercator::Many<User> applicants; ///< by the other foreign key between the two tables
};

struct User {
    std::int64_t id{};
    std::string username;
    bool active = true;
    std::optional<std::int64_t> role_id;
    std::optional<std::int64_t> wanted_role_id;
    mercator::One<Role> role; ///< user.role: what role.users has on the other side
    mercator::One<Role> wanted_role;
    mercator::Many<Song> songs;  ///< the newest first
    mercator::Many<Song> newest; ///< three of them, for a page of users
};

struct Song {
    std::int64_t id{};
    std::string title;
    std::int64_t plays{};
    mercator::DateTime shared_at{};
    std::int64_t user_id{};
    mercator::One<User> user;
};

// Found by argument-dependent lookup; the structs know nothing of them.
void describe(mercator::Mapping<Role>& role);
void describe(mercator::Mapping<User>& user);
void describe(mercator::Mapping<Song>& song);

} // namespace music
