// SPDX-License-Identifier: MIT
// The one-to-many models of examples/music, with what their loading costs.
#include "music/community.hpp"

#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

using namespace music;
using mercator::col;
using mercator::test::Backend;
using mercator::test::SqlLog;

TEST_CASE("music: roles, users and songs are walked with one statement each") {
    Backend backend;
    open_community(*backend);
    auto session = backend->session();
    const SqlLog log(backend->engine());
    const auto lines = count_by_walking(session);
    CHECK(log.count() == 3);
    CHECK((lines ==
           std::vector<RoleLine>{{"admin", 1, 1}, {"listener", 6, 39}, {"moderator", 2, 5}}));
    CHECK((lines == count_by_sql(session)));
}

TEST_CASE("music: a user gets the role that he wanted, and both roles know it before the flush") {
    Backend backend;
    open_community(*backend);
    auto session = backend->session();
    const auto moderator = session.query<Role>().where(col(&Role::name) == "moderator").one();
    REQUIRE(moderator->users.size() == 2);
    REQUIRE(moderator->applicants.size() == 2);
    CHECK(moderator->applicants[0]->username == "eve");
    const SqlLog log(backend->engine());
    CHECK(grant_wanted_role(session, "eve"));
    CHECK(log.count("UPDATE") == 1); // both foreign keys at once
    CHECK(moderator->users.size() == 3);
    CHECK(moderator->applicants.size() == 1);
    CHECK_FALSE(grant_wanted_role(session, "ada"));
}

TEST_CASE("music: a song that is taken down is an orphan and deleted") {
    Backend backend;
    open_community(*backend);
    auto session = backend->session();
    const SqlLog log(backend->engine());
    take_down(session, "ida no. 9");
    CHECK(log.count("DELETE") == 1);
    CHECK(log.count("UPDATE") == 0);
    auto fresh = backend->session();
    CHECK(fresh.query<Song>().count() == 44);
    CHECK_THROWS_AS(take_down(fresh, "ida no. 9"), mercator::NoResultFound);
}

TEST_CASE("music: songs that move to another user are updated and not deleted") {
    Backend backend;
    open_community(*backend);
    auto session = backend->session();
    const SqlLog log(backend->engine());
    CHECK(hand_over_songs(session, "hal", "ada") == 8);
    CHECK(log.rows("UPDATE") == 8);
    CHECK(log.count("DELETE") == 0);
    auto fresh = backend->session();
    const auto ada = fresh.query<User>().where(col(&User::username) == "ada").one();
    CHECK(ada->songs.size() == 9);
    CHECK(std::is_sorted(ada->songs.begin(), ada->songs.end(),
                         [](const auto& a, const auto& b) { return a->shared_at > b->shared_at; }));
}

TEST_CASE("music: a page of users comes with roles and their three newest songs") {
    Backend backend;
    open_community(*backend);
    auto session = backend->session();
    const SqlLog log(backend->engine());
    const auto page = page_of_users(session);
    REQUIRE(page.size() == 9);
    std::size_t songs = 0;
    for (const auto& user : page) {
        CHECK(user->role);
        CHECK(user->newest.size() <= 3);
        songs += user->newest.size();
    }
    CHECK(songs == 1 + 2 + 7 * 3);
    CHECK(page[8]->newest[0]->title == "ida no. 9");
    // Users with roles, then songs: at once where the database has window functions, else for each.
    CHECK(log.count() == (backend.can().window_functions ? 2 : 1 + page.size()));
    CHECK_THROWS_AS(page[0]->newest.add(page[8]->newest[0]), mercator::StateError);
}
