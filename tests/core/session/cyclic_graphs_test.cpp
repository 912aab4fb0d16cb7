// SPDX-License-Identifier: MIT
#include <mercator/dialect/recording.hpp>
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace mercator;

namespace {

/// Counts its own kind; the leak sanitizer sees what else is left behind.
class Counted {
public:
    Counted() noexcept { ++alive; }
    Counted(const Counted&) noexcept { ++alive; }
    Counted& operator=(const Counted&) noexcept = default;
    ~Counted() { --alive; }
    static inline long alive = 0;
};

struct Club;
/// Refers to its own class, to a class that refers back, and to many of one that does.
struct Person {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> mother_id;
    std::optional<std::int64_t> home_id;
    One<Person> mother;
    Many<Person> children;
    One<Club> home;
    Many<Club> clubs;
    Counted counted;
};
struct Club {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> leader_id;
    One<Person> leader;
    Many<Person> members;
    Counted counted;
};
void describe(Mapping<Person>& person) {
    person.table("cg_people");
    person.column<&Person::id>().primary_key();
    person.column<&Person::name>(String(200));
    person.column<&Person::mother_id>().references<&Person::id>();
    person.column<&Person::home_id>().references<&Club::id>();
    person.relationship<&Person::children>().backref<&Person::mother>();
    person.relationship<&Person::home>();
    person.relationship<&Person::clubs>()
        .secondary(Table("cg_members",
                         Column("person_id", BigInteger()).references("cg_people.id").primary_key(),
                         Column("club_id", BigInteger()).references("cg_clubs.id").primary_key()))
        .back_populates<&Club::members>();
}
void describe(Mapping<Club>& club) {
    club.table("cg_clubs");
    club.column<&Club::id>().primary_key();
    club.column<&Club::name>(String(40));
    club.column<&Club::leader_id>().references<&Person::id>();
    club.relationship<&Club::leader>().post_update();
    club.relationship<&Club::members>().back_populates<&Person::clubs>();
}

/// Two people and a club, each of which leads to all others and back to itself.
std::shared_ptr<Person> make_cycle(Session& session) {
    const auto mother = session.add(Person{.name = std::string(100, 'm')});
    const auto child = session.add(Person{.name = "child", .mother = mother});
    const auto club = session.add(Club{.name = "club", .leader = child});
    child->home = club;
    mother->home = club;
    club->members.add(mother);
    child->clubs.add(club);
    return child;
}

} // namespace

TEST_CASE("REL-42 ten thousand cyclic graphs are made, flushed and let go without a leak") {
    const auto recorder = Recorder::named("cyclic-graphs");
    Database database("ansi://cyclic-graphs");
    database.map<Person, Club>();
    const long before = Counted::alive;
    std::shared_ptr<Person> kept;
    for (int i = 0; i < 10'000; ++i) {
        Session session = database.session();
        const auto child = make_cycle(session);
        REQUIRE(Counted::alive >= before + 3);
        if (i % 10 != 9) session.flush(); // else it ends as it was added
        if (i % 10 == 3) session.commit();
        if (i % 10 == 5) session.clear();
        if (i % 10 == 7) session.delete_(child);
        if (i == 5'000) kept = child;
        recorder->clear();
    }
    // One handle keeps its graph, all of it, and nothing else is left.
    CHECK(Counted::alive == before + 3);
    CHECK(kept->home->leader == kept);
    CHECK(kept->mother->children.front() == kept);
    CHECK(kept->clubs.front()->members.size() == 2);
    kept.reset();
    CHECK(Counted::alive == before);
}

TEST_CASE("REL-42 objects that no session has are their members' own, and go with them") {
    const long before = Counted::alive;
    {
        const auto mother = std::make_shared<Person>();
        const auto child = std::make_shared<Person>(Person{.mother = mother});
        CHECK(child->mother.get() == mother.get());
    }
    CHECK(Counted::alive == before);
}
