// SPDX-License-Identifier: MIT
#include "school.hpp"
#include "support/sql_text.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace mercator;
using test::Backend;
using test::mentions;
using test::SqlLog;

namespace {

struct Entry;

struct Member {
    std::int64_t id{};
    std::string name;
    Many<Entry> entries;
};
struct Race {
    std::int64_t id{};
    std::string title;
    Many<Entry> entries;
};
struct Entry {
    std::int64_t member_id{};
    std::int64_t race_id{};
    std::optional<int> place;
    One<Member> member;
    One<Race> race;
};
void describe(Mapping<Member>& member) {
    member.table("members");
    member.column<&Member::id>().primary_key();
    member.column<&Member::name>(String(20));
    member.relationship<&Member::entries>()
        .cascade(Cascade::all | Cascade::delete_orphan)
        .backref<&Entry::member>();
}
void describe(Mapping<Race>& race) {
    race.table("races");
    race.column<&Race::id>().primary_key();
    race.column<&Race::title>(String(20));
    race.relationship<&Race::entries>()
        .cascade(Cascade::all | Cascade::delete_orphan)
        .backref<&Entry::race>();
}
void describe(Mapping<Entry>& entry) {
    entry.table("entries");
    entry.column<&Entry::member_id>().references<&Member::id>().primary_key();
    entry.column<&Entry::race_id>().references<&Race::id>().primary_key();
    entry.column<&Entry::place>();
}

// One table, both as a class and as the way to the other side, for reading.

struct Rating;
struct Plane;

struct Pilot {
    std::int64_t id{};
    std::string name;
    Many<Rating> ratings;
    Many<Plane> planes;
};
struct Plane {
    std::int64_t id{};
    std::string type;
};
struct Rating {
    std::int64_t pilot_id{};
    std::int64_t plane_id{};
    int hours = 0;
    One<Pilot> pilot;
    One<Plane> plane;
};
const Table rating_links{"ratings",
                         Column("pilot_id", BigInteger()).references("pilots.id").primary_key(),
                         Column("plane_id", BigInteger()).references("planes.id").primary_key()};
void describe(Mapping<Pilot>& pilot) {
    pilot.table("pilots");
    pilot.column<&Pilot::id>().primary_key();
    pilot.column<&Pilot::name>(String(20));
    pilot.relationship<&Pilot::ratings>().cascade_delete().backref<&Rating::pilot>();
    pilot.relationship<&Pilot::planes>().secondary(rating_links).viewonly();
}
void describe(Mapping<Plane>& plane) {
    plane.table("planes");
    plane.column<&Plane::id>().primary_key();
    plane.column<&Plane::type>(String(20));
}
void describe(Mapping<Rating>& rating) {
    rating.table("ratings");
    rating.column<&Rating::pilot_id>().references<&Pilot::id>().primary_key();
    rating.column<&Rating::plane_id>().references<&Plane::id>().primary_key();
    rating.column<&Rating::hours>();
    rating.relationship<&Rating::plane>();
}

/// Ada runs in two races, Bob in one.
struct Races : Backend {
    Races() {
        database().create_all<Member, Race, Entry>();
        auto session = database().session();
        const auto a = session.add(Member{.name = "Ada"});
        const auto b = session.add(Member{.name = "Bob"});
        const auto s = session.add(Race{.title = "Sprint"});
        const auto m = session.add(Race{.title = "Marathon"});
        session.add(Entry{.member = a, .race = s});
        session.add(Entry{.place = 2, .member = a, .race = m});
        session.add(Entry{.member = b, .race = m});
        session.commit();
        ada = a->id;
        bob = b->id;
        sprint = s->id;
        marathon = m->id;
        log = std::make_unique<SqlLog>(database().engine());
    }
    [[nodiscard]] std::string entries() {
        std::string text;
        for (const auto& row :
             rows("SELECT member_id, race_id FROM entries ORDER BY member_id, race_id"))
            text += display(row[0]) + '-' + display(row[1]) + ' ';
        return text;
    }
    std::int64_t ada = 0;
    std::int64_t bob = 0;
    std::int64_t sprint = 0;
    std::int64_t marathon = 0;
    std::unique_ptr<SqlLog> log;
};

} // namespace

TEST_CASE("REL-07 an association object is an entity with a key of two parents") {
    Races races;
    auto session = races->session();
    const auto bob = session.get<Member>(races.bob);
    const auto sprint = session.get<Race>(races.sprint);
    SUBCASE("enrol") {
        const auto entry = session.add(Entry{.place = 9, .member = bob, .race = sprint});
        CHECK(bob->entries.contains(entry));
        CHECK(sprint->entries.contains(entry));
        races.log->clear();
        session.commit();
        CHECK_MESSAGE(races.log->count() == 1, races.log->dump());
        CHECK(mentions(races.log->texts().front(), "INSERT INTO entries"));
        CHECK(entry->member_id == races.bob);
        CHECK(entry->race_id == races.sprint);
        CHECK(races.entries() == "1-1 1-2 2-1 2-2 ");
    }
    SUBCASE("grade") {
        const auto entry = session.get<Entry>(races.ada, races.sprint);
        entry->place = 1;
        races.log->clear();
        session.commit();
        CHECK_MESSAGE(races.log->count() == 1, races.log->dump());
        CHECK(mentions(races.log->texts().front(), "UPDATE entries SET place"));
        CHECK(races->session().get<Entry>(races.ada, races.sprint)->place == 1);
    }
    SUBCASE("remove from one parent deletes it") {
        const auto ada = session.get<Member>(races.ada);
        const auto entry = session.get<Entry>(races.ada, races.sprint);
        CHECK(ada->entries.size() == 2);
        ada->entries.remove(entry);
        races.log->clear();
        session.commit();
        CHECK_MESSAGE(races.log->count("DELETE") == 1, races.log->dump());
        CHECK(races.log->count("UPDATE") == 0);
        CHECK(races.entries() == "1-2 2-2 ");
        CHECK(ada->entries.size() == 1);
    }
    SUBCASE("delete it") {
        const auto ada = session.get<Member>(races.ada);
        CHECK(ada->entries.size() == 2);
        session.delete_(session.get<Entry>(races.ada, races.marathon));
        races.log->clear();
        session.commit();
        CHECK_MESSAGE(races.log->count() == 1, races.log->dump());
        CHECK(races.entries() == "1-1 2-2 ");
        CHECK(ada->entries.size() == 1);
    }
    SUBCASE("delete a parent deletes its own, and no other parent") {
        session.delete_(session.get<Race>(races.marathon));
        session.commit();
        CHECK(races.log->rows("DELETE") == 3);
        CHECK(races.entries() == "1-1 ");
        CHECK(session.query<Member>().count() == 2);
    }
}

TEST_CASE("REL-09 a view through association objects makes and removes them") {
    static constexpr auto races_of = through(&Member::entries, &Entry::race);
    Races races;
    auto session = races->session();
    const auto ada = session.get<Member>(races.ada);
    const auto bob = session.get<Member>(races.bob);
    const auto sprint = session.get<Race>(races.sprint);
    const auto marathon = session.get<Race>(races.marathon);
    auto of_bob = races_of(*bob);
    SUBCASE("read") {
        std::string titles;
        for (const auto& race : races_of(*ada)) titles += race->title;
        CHECK(titles == "SprintMarathon");
        CHECK(of_bob.size() == 1);
        CHECK(*of_bob.begin() == marathon);
        CHECK_FALSE(of_bob.contains(sprint));
        CHECK(races_of(*ada).link_to(marathon)->place == 2);
    }
    SUBCASE("add") {
        CHECK(of_bob.size() == 1);
        races.log->clear();
        const auto entry = of_bob.add(sprint, Entry{.place = 5});
        CHECK(of_bob.add(sprint) == entry); // there already
        CHECK(entry->member == bob);
        CHECK(entry->race == sprint);
        CHECK(sprint->entries.contains(entry));
        CHECK(of_bob.size() == 2);
        session.commit();
        CHECK_MESSAGE(races.log->count("INSERT") == 1, races.log->dump());
        CHECK(races.entries() == "1-1 1-2 2-1 2-2 ");
        CHECK(races->session().get<Entry>(races.bob, races.sprint)->place == 5);
    }
    SUBCASE("remove") {
        races_of(*ada).remove(marathon);
        of_bob.remove(sprint); // was not there
        session.commit();
        CHECK(races.log->count("DELETE") == 1);
        CHECK(races.entries() == "1-1 2-2 ");
        races_of(*ada).clear();
        session.commit();
        CHECK(races.entries() == "2-2 ");
    }
    SUBCASE("outside a session") {
        Member eve{.name = "Eve"};
        CHECK_THROWS_AS(races_of(eve).add(sprint), StateError);
    }
    SUBCASE("after the session") {
        CHECK(of_bob.size() == 1);
        session.close();
        CHECK(of_bob.size() == 1);
        CHECK_THROWS_AS(of_bob.add(sprint), DetachedError);
    }
}

TEST_CASE("REL-07 REL-28 the class of a table is written, a relationship by the same table reads") {
    Backend backend;
    backend->create_all<Pilot, Plane, Rating>();
    SqlLog log(backend->engine());
    auto session = backend->session();
    const auto ada = session.add(Pilot{.name = "Ada"});
    const auto jet = session.add(Plane{.type = "Jet"});
    const auto kite = session.add(Plane{.type = "Kite"});
    session.add(Rating{.hours = 7, .pilot = ada, .plane = jet});
    session.add(Rating{.hours = 1, .pilot = ada, .plane = kite});
    session.commit();
    CHECK(log.rows("INSERT") == 5);
    auto fresh = backend->session();
    const auto again = fresh.get<Pilot>(ada->id);
    REQUIRE(again->planes.size() == 2);
    CHECK(again->planes.front()->type == "Jet");
    CHECK_THROWS_AS(again->planes.remove(again->planes.front()), StateError);
    fresh.delete_(fresh.get<Rating>(ada->id, jet->id));
    fresh.commit();
    CHECK(backend.rows("SELECT hours FROM ratings") == ValueRows{{std::int64_t{1}}});
    log.clear();
    fresh.delete_(again);
    fresh.commit();
    CHECK_MESSAGE(log.rows("DELETE") == 2, log.dump()); // a rating and the pilot
}

TEST_CASE("REL-05 a table without a class serves Core statements and relationships alike") {
    school::School school;
    auto session = school->session();
    using school::enrollments;
    const auto student_id = col<std::int64_t>(enrollments, "student_id");
    const auto course_id = col<std::int64_t>(enrollments, "course_id");

    SUBCASE("select") {
        const auto rows = session.execute(
            select(student_id, func::count(course_id)).group_by(student_id).order_by(student_id));
        std::string text;
        for (const auto& [student, courses] : rows)
            text += std::to_string(student) + ':' + std::to_string(courses) + ' ';
        CHECK(text == "1:2 2:1 ");
    }
    SUBCASE("a query of objects by it") {
        const auto found = session.query<school::Student>()
                               .where(col(&school::Student::id)
                                          .in(select(student_id).where(course_id == school.logic)))
                               .all();
        REQUIRE(found.size() == 1);
        CHECK(found.front()->name == "Ada");
    }
    SUBCASE("insert flushes what it may refer to, and applies defaults") {
        const auto eve = session.add(school::Student{.name = "Eve"});
        session.flush();
        school.log->clear();
        const auto inserted = session.execute(
            insert_into(enrollments)
                .values({{"student_id", eve->id}, {"course_id", school.logic}})
                .values({{"student_id", school.bob},
                         {"course_id", school.logic},
                         {"enrolled_on", Date(std::chrono::year(2020), std::chrono::January,
                                              std::chrono::day(2))}}));
        CHECK(inserted == 2);
        CHECK_MESSAGE(school.log->count("INSERT") == 2, school.log->dump());
        const auto logic = session.get<school::Course>(school.logic);
        CHECK(logic->students.size() == 3);
        const auto day = session.scalar(
            select(col<Date>(enrollments, "enrolled_on")).where(student_id == eve->id));
        CHECK(day == school::first_day());
        session.rollback();
        CHECK(school.links() == "1-1 1-2 2-2");
    }
    SUBCASE("a column that is not there is named with those that are") {
        CHECK_THROWS_WITH_AS(col(enrollments, "studnet_id"),
                             doctest::Contains("it has student_id, course_id"), MappingError);
        CHECK_THROWS_AS(insert_into(enrollments).values({{"grade", 1}}), MappingError);
        CHECK_THROWS_AS(insert_into(enrollments).values({{"state", "a"}, {"state", "b"}}),
                        MappingError);
    }
}
