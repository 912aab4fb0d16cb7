// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/json.hpp>
#include <mercator/mercator.hpp>
#include <mercator/types/serialized.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

/// What people have set: members of types that no database has by itself.
namespace settings {

struct Settings;

struct User {
    mercator::Id<User> id; ///< no other class's number can stand here, nor be compared with it
    std::string username;
    std::optional<std::string> recovery_mail; ///< unreadable in the table
    mercator::One<Settings> settings;
};

/// A type of the program's own. One line gives it its JSON, the decorator below its column.
struct Preferences {
    std::string language = "en";
    int font_size = 12;
    std::map<std::string, bool> alerts;
    friend bool operator==(const Preferences&, const Preferences&) = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Preferences, language, font_size, alerts)

/// What somebody searched for, in a form of the program's own that has changed once: version 1 put
/// commas between the words, until somebody searched for one.
struct SearchesCodec {
    static constexpr int version = 2;
    static std::string encode(const std::vector<std::string>& searches);
    static std::vector<std::string> decode(const std::string& stored, int version);
};

enum class Digest { never, daily, weekly };

} // namespace settings

/// JSON text in, JSON text out. (`struct mercator::TypeDecorator<Preferences> :
/// mercator::StoredAsJsonText<Preferences> {};` is the same in one line, without this lesson.)
template <>
struct mercator::TypeDecorator<settings::Preferences> {
    using storage = std::string;
    static constexpr SqlType sql_type() noexcept { return Text(); }
    static std::string bind(const settings::Preferences& preferences) {
        return nlohmann::json(preferences).dump();
    }
    static settings::Preferences result(const std::string& text) {
        return nlohmann::json::parse(text).get<settings::Preferences>();
    }
};

namespace settings {

struct Settings {
    mercator::Id<Settings> id;
    mercator::Id<User> user_id;
    Preferences preferences;                              ///< text
    nlohmann::json appearance = nlohmann::json::object(); ///< the database's own JSON
    mercator::Serialized<std::vector<std::string>, SearchesCodec> searches;
    Digest digest = Digest::weekly;
    mercator::One<User> user;
};

void describe(mercator::Mapping<User>& user);
void describe(mercator::Mapping<Settings>& settings);

} // namespace settings
