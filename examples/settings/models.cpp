// SPDX-License-Identifier: MIT
#include "models.hpp"

#include <algorithm>

namespace settings {

namespace {

/// Two functions for one column; a program with real secrets encrypts here. This one is its own
/// inverse: it swaps the halves of ASCII's printable characters.
std::string scrambled(const std::string& text) {
    std::string result = text;
    for (char& c : result) {
        if (c > ' ' && c <= '~') c = static_cast<char>((c - '!' + 47) % 94 + '!');
    }
    return result;
}

} // namespace

void describe(mercator::Mapping<User>& user) {
    user.table("settings_users");
    user.column<&User::id>().primary_key();
    user.column<&User::username>(mercator::String(50)).unique();
    user.column<&User::recovery_mail>(mercator::String(100)).convert<&scrambled, &scrambled>();
    user.relationship<&User::settings>().back_populates<&Settings::user>().cascade(
        mercator::Cascade::all | mercator::Cascade::delete_orphan);
}

void describe(mercator::Mapping<Settings>& settings) {
    settings.table("settings");
    settings.column<&Settings::id>().primary_key();
    settings.column<&Settings::user_id>().references<&User::id>().unique();
    settings.column<&Settings::preferences>();
    settings.column<&Settings::appearance>();
    settings.column<&Settings::searches>(mercator::Text());
    settings.column<&Settings::digest>(mercator::NativeEnum("settings_digest"));
    settings.relationship<&Settings::user>().back_populates<&User::settings>();
}

std::string SearchesCodec::encode(const std::vector<std::string>& searches) {
    std::string stored;
    for (const auto& search : searches) stored += search + '\n';
    return stored;
}

std::vector<std::string> SearchesCodec::decode(const std::string& stored, int version) {
    const char end_of_search = version == 1 ? ',' : '\n';
    std::vector<std::string> searches;
    for (std::size_t begin = 0; begin < stored.size();) {
        const std::size_t end = std::min(stored.find(end_of_search, begin), stored.size());
        searches.push_back(stored.substr(begin, end - begin));
        begin = end + 1;
    }
    return searches;
}

} // namespace settings
