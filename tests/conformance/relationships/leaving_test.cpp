// SPDX-License-Identifier: MIT
// Objects that leave their place: what takes it, what is dropped, expunged or rolled back, and what
// the other side shows then.
#include "support/backend.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

using namespace mercator;
using test::Backend;

namespace leaving {

struct Passport;
struct Crew;
struct Badge;
struct Note;

struct Person {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> crew_id;
    One<Passport> passport;
    Many<Badge> badges;
    Many<Note> notes; // no way back
    One<Crew> crew;
};
struct Passport {
    std::int64_t id{};
    std::string number;
    std::optional<std::int64_t> person_id;
    One<Person> person;
};
struct Badge {
    std::int64_t id{};
    std::string name;
    Many<Person> people;
    Many<Note> notes; // no way back
};
struct Note {
    std::int64_t id{};
    std::string text;
    std::optional<std::int64_t> person_id;
};
struct Crew {
    std::int64_t id{};
    std::string name;
    Many<Person> people;
};

const Table
    person_badges("leaving_person_badges",
                  Column("person_id", BigInteger()).primary_key().references("leaving_people.id"),
                  Column("badge_id", BigInteger()).primary_key().references("leaving_badges.id"));
const Table
    badge_notes("leaving_badge_notes",
                Column("badge_id", BigInteger()).primary_key().references("leaving_badges.id"),
                Column("note_id", BigInteger()).primary_key().references("leaving_notes.id"));

void describe(Mapping<Person>& person) {
    person.table("leaving_people");
    person.column<&Person::id>().primary_key();
    person.column<&Person::name>(String(40));
    person.column<&Person::crew_id>().references<&Crew::id>();
    person.relationship<&Person::passport>().backref<&Passport::person>();
    person.relationship<&Person::badges>().secondary(person_badges).backref<&Badge::people>();
    person.relationship<&Person::notes>();
}
void describe(Mapping<Passport>& passport) {
    passport.table("leaving_passports");
    passport.column<&Passport::id>().primary_key();
    passport.column<&Passport::number>(String(40));
    passport.column<&Passport::person_id>().unique().references<&Person::id>();
}
void describe(Mapping<Badge>& badge) {
    badge.table("leaving_badges");
    badge.column<&Badge::id>().primary_key();
    badge.column<&Badge::name>(String(40));
    badge.relationship<&Badge::notes>().secondary(badge_notes);
}
void describe(Mapping<Note>& note) {
    note.table("leaving_notes");
    note.column<&Note::id>().primary_key();
    note.column<&Note::text>(String(40));
    note.column<&Note::person_id>().references<&Person::id>();
}
void describe(Mapping<Crew>& crew) {
    crew.table("leaving_crews");
    crew.column<&Crew::id>().primary_key();
    crew.column<&Crew::name>(String(40));
    crew.relationship<&Crew::people>()
        .cascade(Cascade::all | Cascade::delete_orphan)
        .backref<&Person::crew>();
}

struct Place : Backend {
    Place() { database().create_all<Crew, Person, Passport, Badge, Note>(); }
    Session session() { return database().session(); }
};

} // namespace leaving

using namespace leaving;

TEST_CASE("REL-10 a new child takes the place of one that nobody has looked at") {
    Place place;
    {
        auto setup = place.session();
        setup.add(Passport{.number = "old", .person = setup.add(Person{.name = "Ada"})});
        setup.commit();
    }
    auto session = place.session();
    const auto ada = session.query<Person>().one();
    std::shared_ptr<Passport> fresh;
    SUBCASE("named by the child") {
        fresh = session.add(Passport{.number = "new", .person = ada});
    }
    SUBCASE("named by a child that waits to be inserted") {
        fresh = session.add(Passport{.number = "new"});
        fresh->person = ada;
    }
    SUBCASE("named by the owner") {
        fresh = session.add(Passport{.number = "new"});
        ada->passport = fresh;
    }

    CHECK(ada->passport == fresh);
    session.commit(); // the foreign key is unique

    auto reader = place.session();
    const auto passports = reader.query<Passport>().order_by(col(&Passport::id)).all();
    REQUIRE(passports.size() == 2);
    CHECK(passports[0]->person == nullptr);
    CHECK(passports[1]->number == "new");
    CHECK(passports[1]->person->passport == passports[1]);
}

TEST_CASE("REL-10 whose place is taken is asked without a flush, and changes in memory count") {
    Place place;
    {
        auto setup = place.session();
        setup.add(Passport{.number = "old", .person = setup.add(Person{.name = "Ada"})});
        setup.commit();
    }
    auto session = place.session();
    const auto ada = session.query<Person>().one();
    const auto old = session.query<Passport>().one();
    const auto bob = session.add(Person{.name = "Bob"});
    {
        const auto guard = session.no_autoflush();
        old->person = bob; // not written yet
        CHECK(ada->passport == nullptr);
        CHECK(bob->passport == old);
    }
    const auto fresh = session.add(Passport{.number = "new", .person = ada});
    session.commit();

    CHECK(old->person == bob);
    CHECK(fresh->person == ada);
    CHECK(session.query<Passport>().where(col(&Passport::person_id).is_null()).count() == 0);
}

TEST_CASE("REL-10 TXN-02 an owner that comes again leaves a child that went back to another") {
    Place place;
    auto session = place.session();
    const auto ada = session.add(Person{.name = "Ada"});
    const auto passport = session.add(Passport{.number = "1"});
    ada->passport = passport;
    session.commit();
    std::shared_ptr<Person> bob;
    {
        auto savepoint = session.begin_nested();
        bob = session.add(Person{.name = "Bob"});
        bob->passport = passport;
        session.flush();
        savepoint.rollback();
    }
    REQUIRE(ada->passport == passport);

    session.add(bob);
    session.commit();

    CHECK(ada->passport == passport);
    CHECK(bob->passport == nullptr);
    CHECK(passport->person == ada);
    CHECK(passport->person_id == ada->id);
}

TEST_CASE("C30 TXN-02 a parent that comes again brings a child whose side was rolled back") {
    Place place;
    auto session = place.session();
    const auto ada = session.add(Person{.name = "Ada"});
    session.flush();
    std::shared_ptr<Crew> crew;
    {
        auto savepoint = session.begin_nested();
        crew = session.add(Crew{.name = "crew"});
        ada->crew = crew; // the crew is new and keeps what it shows, the person is a row by now
        savepoint.rollback();
    }
    session.rollback();

    session.add(crew);
    for (const auto& person : crew->people) CHECK(person->crew == crew);
    const auto other = session.add(Crew{.name = "other"});
    session.add(ada);
    ada->crew = nullptr;
    ada->crew = other;
    session.commit();

    CHECK(crew->people.empty());
    REQUIRE(other->people.size() == 1);
    CHECK(other->people[0] == ada);
    CHECK(ada->crew_id == other->id);
}

TEST_CASE("REL-04 TXN-02 what an expunged object waits to write outlives a savepoint") {
    Place place;
    auto session = place.session();
    const auto ada = session.add(Person{.name = "Ada"});
    const auto gold = session.add(Badge{.name = "gold"});
    session.commit();
    ada->badges.add(gold);
    session.expunge(ada);
    session.begin_nested().rollback();

    session.add(ada);
    session.commit();

    CHECK(ada->badges.contains(gold));
    auto reader = place.session();
    CHECK(reader.query<Badge>().one()->people.size() == 1);
}

TEST_CASE("REL-25 a new object that goes with its deleted owner is shown nowhere") {
    Place place;
    auto session = place.session();
    const auto crew = session.add(Crew{.name = "crew"});
    const auto gold = session.add(Badge{.name = "gold"});
    session.commit();
    const auto ada = session.add(Person{.name = "Ada"});
    crew->people.add(ada);
    gold->people.add(ada);
    session.delete_(crew);
    session.commit();

    CHECK(session.status(ada) == ObjectStatus::Transient);
    CHECK(gold->people.empty());
    CHECK(session.query<Person>().count() == 0);
}

TEST_CASE("REL-01 REL-04 a new object that is deleted leaves owners that it has no member for") {
    Place place;
    auto session = place.session();
    const auto ada = session.add(Person{.name = "Ada"});
    const auto gold = session.add(Badge{.name = "gold"});
    session.commit();
    const auto note = session.add(Note{.text = "note"});
    ada->notes.add(note);
    gold->notes.add(note);

    session.delete_(note);

    CHECK(ada->notes.empty());
    CHECK(gold->notes.empty());
    CHECK_FALSE(session.is_dirty());
    session.commit();
    CHECK(session.query<Note>().count() == 0);
}

TEST_CASE("REL-01 REL-04 a deleted object leaves owners that it has no member for") {
    Place place;
    auto session = place.session();
    const auto ada = session.add(Person{.name = "Ada"});
    const auto gold = session.add(Badge{.name = "gold"});
    const auto note = session.add(Note{.text = "note"});
    ada->notes.add(note);
    gold->notes.add(note);
    session.commit();
    session.delete_(note);
    session.commit();

    CHECK(ada->notes.empty());
    CHECK(gold->notes.empty());
    CHECK_FALSE(session.is_dirty());
}

TEST_CASE(
    "REL-01 REL-24 a new object that was expunged keeps its place for the time it comes back") {
    Place place;
    auto session = place.session();
    const auto ada = session.add(Person{.name = "Ada"});
    session.commit();
    const auto note = session.add(Note{.text = "note"});
    ada->notes.add(note);
    session.expunge(note);
    ada->name = "Ada King";
    session.commit(); // writes, but not the note

    session.add(note);
    session.commit();

    CHECK(ada->notes.contains(note));
    CHECK(note->person_id == ada->id);
}
