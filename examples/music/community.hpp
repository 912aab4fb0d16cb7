// SPDX-License-Identifier: MIT
#pragma once

#include "models.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace music {

/// Makes the tables anew and fills them: three roles, nine users, 45 songs.
void open_community(mercator::Database& db);

/// Gives the user the role that he has asked for. False when he has asked for none.
bool grant_wanted_role(mercator::Session& session, const std::string& username);

/// Takes a song from the user that shared it and deletes it: an orphan goes with its owner.
void take_down(mercator::Session& session, const std::string& title);

/// Makes the songs of one user those of another: as many UPDATEs as there are songs, in one
/// statement, and no DELETE.
std::size_t hand_over_songs(mercator::Session& session, const std::string& from,
                            const std::string& to);

struct RoleLine {
    std::string role;
    std::int64_t users;
    std::int64_t songs;
    friend bool operator==(const RoleLine&, const RoleLine&) = default;
};

/// Users and songs of each role, counted by walking role.users and user.songs.
[[nodiscard]] std::vector<RoleLine> count_by_walking(mercator::Session& session);
/// The same, counted by the database.
[[nodiscard]] std::vector<RoleLine> count_by_sql(mercator::Session& session);

/// A page of users with their role and their three newest songs, whatever their number.
[[nodiscard]] std::vector<std::shared_ptr<User>> page_of_users(mercator::Session& session);

} // namespace music
