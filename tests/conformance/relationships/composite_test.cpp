// SPDX-License-Identifier: MIT
// Relationships between the same two classes in both directions, by keys of two and three columns.
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace composite {

struct Member;

/// Has members, and one of them leads it: two keys of two columns between two tables.
struct Team {
    std::int32_t league{};
    std::int32_t no{};
    std::string name;
    std::optional<std::int32_t> captain_league;
    std::optional<std::int32_t> captain_no;
    Many<Member> members;
    One<Member> captain;
};
struct Member {
    std::int32_t league{};
    std::int32_t no{};
    std::string name;
    std::optional<std::int32_t> team_league;
    std::optional<std::int32_t> team_no;
    One<Team> team;
    Many<Team> leads;
};

void describe(Mapping<Team>& team) {
    team.table("co_teams");
    team.column<&Team::league>().primary_key();
    team.column<&Team::no>().primary_key();
    team.column<&Team::name>(String(20));
    team.column<&Team::captain_league>();
    team.column<&Team::captain_no>();
    team.foreign_key(members<&Team::captain_league, &Team::captain_no>,
                     members<&Member::league, &Member::no>);
    team.relationship<&Team::members>().back_populates<&Member::team>().order_by<&Member::name>();
    team.relationship<&Team::captain>().backref<&Member::leads>().post_update();
}
void describe(Mapping<Member>& member) {
    member.table("co_members");
    member.column<&Member::league>().primary_key();
    member.column<&Member::no>().primary_key();
    member.column<&Member::name>(String(20));
    member.column<&Member::team_league>();
    member.column<&Member::team_no>();
    member.foreign_key(members<&Member::team_league, &Member::team_no>,
                       members<&Team::league, &Team::no>);
    member.relationship<&Member::team>().back_populates<&Team::members>();
}

/// A key of three columns, of which the children's own key has two more.
struct Reading;
struct Sensor {
    std::string site;
    std::int32_t room{};
    std::int32_t no{};
    Many<Reading> readings;
};
struct Reading {
    std::string site;
    std::int32_t room{};
    std::int32_t no{};
    std::int64_t at{};
    int value{};
    One<Sensor> sensor;
};
void describe(Mapping<Sensor>& sensor) {
    sensor.table("co_sensors");
    sensor.column<&Sensor::site>(String(10)).primary_key();
    sensor.column<&Sensor::room>().primary_key();
    sensor.column<&Sensor::no>().primary_key();
}
void describe(Mapping<Reading>& reading) {
    reading.table("co_readings");
    reading.column<&Reading::site>(String(10)).primary_key();
    reading.column<&Reading::room>().primary_key();
    reading.column<&Reading::no>().primary_key();
    reading.column<&Reading::at>().primary_key();
    reading.column<&Reading::value>();
    reading.foreign_key(members<&Reading::site, &Reading::room, &Reading::no>,
                        members<&Sensor::site, &Sensor::room, &Sensor::no>);
    reading.relationship<&Reading::sensor>().backref<&Sensor::readings>();
}

} // namespace composite

using namespace composite;

namespace {

constexpr Lazy strategies[] = {Lazy::select,   Lazy::batch,    Lazy::joined,
                               Lazy::subquery, Lazy::selectin, Lazy::immediate};

std::string teams_by(Session& session, Lazy strategy) {
    std::string text;
    for (const auto& team : session.query<Team>()
                                .order_by(col(&Team::league), col(&Team::no))
                                .options(all_others<Team>(strategy))
                                .all()) {
        text += team->name + "(";
        for (const auto& member : team->members) {
            text += member->name;
            CHECK(member->team == team);
        }
        text += ")";
        text += team->captain == nullptr ? "-" : team->captain->name;
        text += " ";
    }
    return text;
}

} // namespace

TEST_CASE(
    "REL-23 two classes refer to each other by keys of two columns, loaded by every strategy") {
    Backend backend;
    backend->create_all<Team, Member>();
    {
        auto session = backend->session();
        const auto red = session.add(Team{.league = 1, .no = 1, .name = "red"});
        const auto blue = session.add(Team{.league = 1, .no = 2, .name = "blue"});
        session.add(Team{.league = 2, .no = 1, .name = "none"});
        const auto ada = session.add(Member{.league = 2, .no = 1, .name = "Ada", .team = red});
        const auto bob = session.add(Member{.league = 1, .no = 1, .name = "Bob", .team = red});
        session.add(Member{.league = 1, .no = 2, .name = "Cid", .team = blue});
        red->captain = ada;
        blue->captain = bob; // leads one team and is a member of another
        CHECK(bob->leads.contains(blue));
        session.commit();
    }
    CHECK(backend.rows("SELECT captain_league, captain_no FROM co_teams WHERE name = 'blue'") ==
          ValueRows{{std::int64_t{1}, std::int64_t{1}}});
    for (const Lazy strategy : strategies) {
        CAPTURE(static_cast<int>(strategy));
        auto session = backend->session();
        CHECK(teams_by(session, strategy) == "red(AdaBob)Ada blue(Cid)Bob none()- ");
        const auto bob = session.get<Member>(1, 1);
        REQUIRE(bob->leads.size() == 1);
        CHECK(bob->leads[0]->name == "blue");
        CHECK(bob->team->name == "red");
    }
}

TEST_CASE("REL-23 collections by keys of three columns are read by two statements at most") {
    Backend backend;
    backend->create_all<Sensor, Reading>();
    {
        auto session = backend->session();
        for (int room = 1; room <= 3; ++room) {
            for (int no = 1; no <= 2; ++no) {
                const auto sensor = session.add(Sensor{.site = "north", .room = room, .no = no});
                for (int at = 0; at < room - 1; ++at)
                    sensor->readings.add(session.add(Reading{.at = at, .value = room * 10 + no}));
            }
        }
        session.commit();
    }
    for (const Lazy strategy : {Lazy::batch, Lazy::joined, Lazy::subquery, Lazy::selectin}) {
        CAPTURE(static_cast<int>(strategy));
        auto session = backend->session();
        SqlLog log(backend->engine());
        std::size_t readings = 0;
        for (const auto& sensor :
             session.query<Sensor>().options(all_others<Sensor>(strategy)).all()) {
            CHECK(sensor->readings.size() == static_cast<std::size_t>(sensor->room - 1));
            for (const auto& reading : sensor->readings) {
                CHECK(reading->value == sensor->room * 10 + sensor->no);
                CHECK(reading->sensor == sensor);
                ++readings;
            }
        }
        CHECK(readings == 6);
        CHECK_MESSAGE(log.count() == (strategy == Lazy::joined ? 1 : 2), log.dump());
    }
}
