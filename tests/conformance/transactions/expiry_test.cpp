// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/loading/loader_option.hpp>
#include <mercator/loading/query.hpp>
#include <mercator/mapping/describe.hpp>
#include <mercator/session/session.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace {

struct ExpiringTeam {
    std::int64_t id{};
    std::string name;
    int points{};
    Deferred<std::string> motto;
    Many<struct ExpiringMate> mates;
};
struct ExpiringMate {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> team_id;
    One<ExpiringTeam> team;
};
void describe(Mapping<ExpiringTeam>& team) {
    team.table("expiring_teams");
    team.column<&ExpiringTeam::id>().primary_key();
    team.column<&ExpiringTeam::name>(String(40));
    team.column<&ExpiringTeam::points>();
    team.column<&ExpiringTeam::motto>(String(40));
    team.relationship<&ExpiringTeam::mates>().back_populates<&ExpiringMate::team>();
}
void describe(Mapping<ExpiringMate>& mate) {
    mate.table("expiring_mates");
    mate.column<&ExpiringMate::id>().primary_key();
    mate.column<&ExpiringMate::name>(String(40));
    mate.column<&ExpiringMate::team_id>().references<&ExpiringTeam::id>();
    mate.relationship<&ExpiringMate::team>().back_populates<&ExpiringTeam::mates>();
}

/// A team with one mate.
std::int64_t make_team(Backend& backend) {
    backend->create_all<ExpiringTeam, ExpiringMate>();
    Session session = backend->session();
    const auto team = session.add(ExpiringTeam{.name = "red", .points = 1, .motto = "first"});
    session.add(ExpiringMate{.name = "ada"})->team = team;
    session.commit();
    return team->id;
}

/// Somebody else changes the team's columns and gives it another mate.
void change(Backend& backend, std::int64_t key) {
    Session session = backend->session();
    const auto team = session.get_one<ExpiringTeam>(key);
    team->name = "blue";
    team->points = 2;
    team->motto = "second";
    session.add(ExpiringMate{.name = "bob"})->team = team;
    session.commit();
}

bool tells(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("UOW-09 refresh of named members is one SELECT of their columns") {
    Backend backend;
    const auto key = make_team(backend);
    Session session = backend->session();
    const auto team = session.get_one<ExpiringTeam>(key);
    session.commit();
    change(backend, key);
    team->name = "mine";
    team->points = 9;

    const SqlLog log(backend->engine());
    session.refresh<&ExpiringTeam::name>(team);
    INFO(log.dump());
    REQUIRE(log.count() == 1);
    CHECK(tells(log.texts()[0], "name"));
    CHECK_FALSE(tells(log.texts()[0], "points"));
    CHECK(team->name == "blue");
    CHECK(team->points == 9); // not asked for, so still changed
    CHECK(session.history(team, &ExpiringTeam::name).deleted.empty());
    session.commit();
    CHECK(log.count("UPDATE") == 1);
    CHECK_FALSE(tells(log.texts("UPDATE")[0], "name"));

    session.refresh<&ExpiringTeam::points, &ExpiringTeam::motto>(team);
    CHECK(log.count("SELECT") == 2);
    CHECK(team->motto.get() == "second");
    CHECK(log.count("SELECT") == 2);
}

TEST_CASE("UOW-09 refresh of a relationship loads it anew, and what is gone is told") {
    Backend backend;
    const auto key = make_team(backend);
    Session session = backend->session();
    const auto team = session.get_one<ExpiringTeam>(key);
    CHECK(team->mates.size() == 1);
    session.commit();
    change(backend, key);
    CHECK(team->mates.size() == 1);
    session.refresh<&ExpiringTeam::mates>(team);
    CHECK(team->mates.size() == 2);
    CHECK(team->name == "red");
    session.commit();

    backend.run("DELETE FROM expiring_mates");
    backend.run("DELETE FROM expiring_teams");
    CHECK_THROWS_AS(session.refresh<&ExpiringTeam::name>(team), StaleDataError);
    CHECK(team->name == "red");
    const auto fresh = session.add(ExpiringTeam{});
    CHECK_THROWS_AS(session.refresh<&ExpiringTeam::name>(fresh), StateError);
    CHECK_THROWS_AS(session.expire(fresh), StateError);
}

TEST_CASE("UOW-09 an expired object loads again what is touched, and its row when it is met") {
    Backend backend;
    const auto key = make_team(backend);
    Session session = backend->session();
    const auto team = session.get_one<ExpiringTeam>(key);
    CHECK(team->mates.size() == 1);
    CHECK(team->motto.get() == "first");
    session.commit();
    change(backend, key);
    team->points = 77;
    session.expire(team);
    CHECK(team->points == 1); // the change is dropped
    CHECK_FALSE(session.is_dirty());

    const SqlLog log(backend->engine());
    CHECK(team->motto.get() == "second");
    CHECK(team->mates.size() == 2);
    CHECK(log.count("SELECT") == 2);
    CHECK(team->name == "red");
    CHECK(session.get<ExpiringTeam>(key) == team);
    CHECK(team->name == "blue");
    CHECK(log.count() == 3);
    session.commit();
    CHECK(log.count("UPDATE") == 0);
}

TEST_CASE("UOW-09 single members can be expired") {
    Backend backend;
    const auto key = make_team(backend);
    Session session = backend->session();
    const auto team = session.get_one<ExpiringTeam>(key);
    CHECK(team->mates.size() == 1);
    session.commit();
    change(backend, key);
    const SqlLog log(backend->engine());
    session.expire<&ExpiringTeam::mates>(team);
    CHECK(log.count() == 0);
    CHECK(team->mates.size() == 2);
    CHECK(log.count() == 1);
    team->name = "mine";
    team->points = 5;
    session.expire<&ExpiringTeam::name, &ExpiringTeam::motto>(team);
    CHECK(team->name == "red");
    CHECK(team->points == 5);
    CHECK(team->motto.get() == "second");
    session.commit();
    CHECK(log.count("UPDATE") == 1);
    CHECK_FALSE(tells(log.texts("UPDATE")[0], "name"));
}

TEST_CASE("UOW-09 expire_on_commit is a flag: without it a commit leaves what was loaded") {
    Backend backend;
    const auto key = make_team(backend);
    for (const bool expires : {false, true}) {
        CAPTURE(expires);
        SessionOptions options = backend->session_options();
        options.expire_on_commit = expires;
        Session session = backend->session(options);
        const auto team = session.get_one<ExpiringTeam>(key);
        CHECK(team->mates.size() > 0);
        team->points += 1;
        session.commit();
        const SqlLog log(backend->engine());
        CHECK(team->mates.size() > 0);
        CHECK(log.count() == (expires ? 1 : 0));
        session.expire_all();
        CHECK(team->mates.size() > 0);
        CHECK(log.count() == (expires ? 2 : 1));
    }
}

TEST_CASE("UOW-10 an object belongs to one session until it is let go") {
    Backend backend;
    const auto key = make_team(backend);
    Session one = backend->session();
    Session two = backend->session();
    const auto team = one.get_one<ExpiringTeam>(key);
    CHECK_THROWS_AS(two.add(team), StateError);
    CHECK_THROWS_AS(two.delete_(team), StateError);
    CHECK_THROWS_AS(two.refresh(team), StateError);
    one.expunge(team);
    CHECK(one.status(team) == ObjectStatus::Detached);
    CHECK_FALSE(one.contains(team));
    team->name = "changed while away";
    one.commit();
    CHECK(two.get_one<ExpiringTeam>(key)->name == "red"); // not written

    one.add(team); // back again, with its change
    CHECK(one.status(team) == ObjectStatus::Persistent);
    one.commit();
    two.rollback();
    const auto merged = two.merge(team);
    CHECK(merged != team);
    CHECK(merged->name == "changed while away");
    one.expunge(team);
    CHECK(two.merge(team) == merged);
    CHECK_THROWS_AS(two.add(team), StateError); // its memory is the other session's
    Session three = backend->session();
    const auto copy = three.merge(*team);
    CHECK(three.contains(copy));
}

TEST_CASE("UOW-31 C07 a graph that was edited outside any session writes only what it changed") {
    Backend backend;
    const auto key = make_team(backend);
    std::shared_ptr<ExpiringTeam> team;
    {
        Session session = backend->session();
        team = session.query<ExpiringTeam>().where(col(&ExpiringTeam::id) == key).one();
        session.load(team, selectin<&ExpiringTeam::mates>());
    }
    team->points = 40;
    team->mates[0]->name = "grace";
    Session session = backend->session();
    const auto merged = session.merge(team);
    const SqlLog log(backend->engine());
    session.commit();
    INFO(log.dump());
    CHECK(log.count() == 2);
    CHECK(log.count("UPDATE") == 2);
    for (const auto& text : log.texts("UPDATE"))
        CHECK(tells(text, "points") != tells(text, "name"));
    CHECK(merged->mates[0]->name == "grace");
    session.merge(team);
    session.commit();
    CHECK(log.count("UPDATE") == 2); // merged once more, nothing is left to write
}
