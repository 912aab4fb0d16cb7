// SPDX-License-Identifier: MIT
#include "community.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>

namespace music {

using mercator::col;

void open_community(mercator::Database& db) {
    db.drop_all<Role, User, Song>();
    db.create_all<Role, User, Song>();
    auto session = db.session();
    const auto listener = session.add(Role{.name = "listener"});
    const auto moderator = session.add(Role{.name = "moderator"});
    const auto admin = session.add(Role{.name = "admin"});
    static constexpr std::array names{"ada",  "ben", "cleo", "dov", "eve",
                                      "finn", "gus", "hal",  "ida"};
    const mercator::DateTime start{std::chrono::seconds(1'700'000'000)};
    std::int64_t number = 0;
    for (const char* name : names) {
        auto user = session.add(User{.username = name});
        user->role = number == 0 ? admin : number < 3 ? moderator : listener;
        if (number == 4 || number == 7) user->wanted_role = moderator;
        for (std::int64_t song = 0; song <= number; ++song) {
            user->songs.add(session.add(Song{.title = fmt::format("{} no. {}", name, song + 1),
                                             .plays = (number * 37 + song * 11) % 100,
                                             .shared_at = start + std::chrono::hours(song)}));
        }
        ++number;
    }
    session.commit();
}

namespace {

std::shared_ptr<User> user_named(mercator::Session& session, const std::string& username) {
    return session.query<User>().where(col(&User::username) == username).one();
}

} // namespace

bool grant_wanted_role(mercator::Session& session, const std::string& username) {
    const auto user = user_named(session, username);
    if (!user->wanted_role) return false;
    user->role = user->wanted_role; // role.users of both roles know it before anything is written
    user->wanted_role = nullptr;
    session.commit();
    return true;
}

void take_down(mercator::Session& session, const std::string& title) {
    const auto song = session.query<Song>().where(col(&Song::title) == title).one();
    song->user->songs.remove(song);
    session.commit();
}

std::size_t hand_over_songs(mercator::Session& session, const std::string& from,
                            const std::string& to) {
    const auto giver = user_named(session, from);
    const auto taker = user_named(session, to);
    const std::vector<std::shared_ptr<Song>> songs(giver->songs.begin(), giver->songs.end());
    for (const auto& song : songs) song->user = taker;
    session.commit();
    return songs.size();
}

std::vector<RoleLine> count_by_walking(mercator::Session& session) {
    std::vector<RoleLine> lines;
    for (const auto& role : session.query<Role>().order_by(col(&Role::name)).all()) {
        RoleLine line{role->name, 0, 0};
        for (const auto& user : role->users) {
            ++line.users;
            line.songs += static_cast<std::int64_t>(user->songs.size());
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

std::vector<RoleLine> count_by_sql(mercator::Session& session) {
    const auto rows =
        session.execute(select(col(&Role::name), mercator::func::count_distinct(col(&User::id)),
                               mercator::func::count(col(&Song::id)))
                            .left_join<&Role::users>()
                            .left_join<&User::songs>()
                            .group_by(col(&Role::name))
                            .order_by(col(&Role::name)));
    std::vector<RoleLine> lines;
    for (const auto& [role, users, songs] : rows) lines.push_back({role, users, songs});
    return lines;
}

std::vector<std::shared_ptr<User>> page_of_users(mercator::Session& session) {
    return session.query<User>()
        .where(col(&User::active))
        .order_by(col(&User::username))
        .options(mercator::joined<&User::role>(), mercator::selectin<&User::newest>())
        .all();
}

} // namespace music
