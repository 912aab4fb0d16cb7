// SPDX-License-Identifier: MIT
// Keys and unique values that move: to another row, to another value, to the rows that refer to
// them. (Cases C12 to C15 and B06 of the reliability list.)
#include "backend.hpp"
#include "sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using mercator::col;
using mercator::ReferentialAction;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

struct City;
struct Country {
    std::string code;
    std::string name;
    mercator::Many<City> cities;
};
struct City { // follows by ON UPDATE CASCADE
    std::int64_t id{};
    std::string name;
    std::string country_code;
    mercator::One<Country> country;
};
void describe(mercator::Mapping<Country>& country) {
    country.column<&Country::code>(mercator::String(10)).primary_key();
    country.column<&Country::name>(mercator::String(40));
    country.relationship<&Country::cities>().backref<&City::country>();
}
void describe(mercator::Mapping<City>& city) {
    city.column<&City::id>().primary_key();
    city.column<&City::name>(mercator::String(40));
    city.column<&City::country_code>(mercator::String(10))
        .references<&Country::code>()
        .on_key_update(ReferentialAction::Cascade);
}

/// Its key is a part of the parent's, so it moves with it.
struct Stamp {
    std::string country_code;
    int number{};
    std::string motif;
};
void describe(mercator::Mapping<Stamp>& stamp) {
    stamp.column<&Stamp::country_code>(mercator::String(10))
        .primary_key()
        .references<&Country::code>()
        .on_key_update(ReferentialAction::Cascade);
    stamp.column<&Stamp::number>().primary_key();
    stamp.column<&Stamp::motif>(mercator::String(40));
}

struct Sheep;
struct Flock {
    std::string name;
    mercator::Many<Sheep> sheep;
};
struct Sheep { // the database does nothing; it may be without a flock
    std::int64_t id{};
    std::optional<std::string> flock_name;
    mercator::One<Flock> flock;
};
void describe(mercator::Mapping<Flock>& flock) {
    flock.column<&Flock::name>(mercator::String(20)).primary_key();
    flock.relationship<&Flock::sheep>().backref<&Sheep::flock>();
}
void describe(mercator::Mapping<Sheep>& sheep) {
    sheep.column<&Sheep::id>().primary_key();
    sheep.column<&Sheep::flock_name>(mercator::String(20)).references<&Flock::name>();
}

struct Wheel;
struct Cart {
    std::string name;
    mercator::Many<Wheel> wheels;
};
struct Wheel { // ... and may not
    std::int64_t id{};
    std::string cart_name;
    mercator::One<Cart> cart;
};
void describe(mercator::Mapping<Cart>& cart) {
    cart.column<&Cart::name>(mercator::String(20)).primary_key();
    cart.relationship<&Cart::wheels>().backref<&Wheel::cart>();
}
void describe(mercator::Mapping<Wheel>& wheel) {
    wheel.column<&Wheel::id>().primary_key();
    wheel.column<&Wheel::cart_name>(mercator::String(20)).references<&Cart::name>();
}

struct Seat {
    std::int64_t number{};
    std::string guest;
    std::optional<std::string> remark;
    std::optional<std::string> ticket;
    int place{};
};
void describe(mercator::Mapping<Seat>& seat) {
    seat.column<&Seat::number>().primary_key().autoincrement(false);
    seat.column<&Seat::guest>(mercator::String(20));
    seat.column<&Seat::remark>(mercator::String(20));
    seat.column<&Seat::ticket>(mercator::String(20)).unique();
    seat.column<&Seat::place>().unique();
}

struct Made {
    std::int64_t id{};
    std::string text;
};
void describe(mercator::Mapping<Made>& made) {
    made.table("made_key");
    made.column<&Made::id>().primary_key();
    made.column<&Made::text>(mercator::String(20));
}

struct Booth;
struct Fair {
    std::int64_t id{};
    std::string name;
    mercator::Many<Booth> booths;
};
struct Booth {
    std::int64_t id{};
    std::optional<std::int64_t> fair_id;
    mercator::One<Fair> fair;
};
void describe(mercator::Mapping<Fair>& fair) {
    fair.column<&Fair::id>().primary_key();
    fair.column<&Fair::name>(mercator::String(20)).unique();
    fair.relationship<&Fair::booths>().backref<&Booth::fair>();
}
void describe(mercator::Mapping<Booth>& booth) {
    booth.column<&Booth::id>().primary_key();
    booth.column<&Booth::fair_id>().references<&Fair::id>();
}

void add_germany(Backend& backend) {
    mercator::Session session = backend->session();
    const auto germany = session.add(Country{.code = "DE", .name = "Germany"});
    const auto france = session.add(Country{.code = "FR", .name = "France"});
    for (const char* name : {"Berlin", "Ulm"}) {
        germany->cities.add(session.add(City{.name = name}));
        france->cities.add(session.add(City{.name = std::string("New ") + name}));
    }
    session.add(Stamp{.country_code = "DE", .number = 1, .motif = "eagle"});
    session.add(Stamp{.country_code = "FR", .number = 1, .motif = "cock"});
    session.commit();
}

} // namespace

TEST_CASE(
    "C12 a natural key changes with ON UPDATE CASCADE: children in memory and in the database "
    "follow") {
    Backend backend;
    backend->create_all<Country, City, Stamp>();
    add_germany(backend);
    mercator::Session session = backend->session();
    const auto germany = session.get<Country>("DE");
    const auto berlin = session.query<City>().where(col(&City::name) == "Berlin").one();
    const auto stamp = session.get<Stamp>("DE", 1); // Ulm is not loaded
    SqlLog log(backend->engine());
    germany->code = "GER";
    berlin->name = "Berlin-Mitte"; // another change of a row that is taken along
    stamp->motif = "bear";
    session.flush();
    INFO(log.dump());
    CHECK(berlin->country_code == "GER");
    CHECK(stamp->country_code == "GER");
    CHECK(berlin->country.get() == germany.get());
    CHECK(session.get<Country>("GER") == germany);
    CHECK(session.get<Stamp>("GER", 1) == stamp);
    CHECK(session.get<Country>("DE") == nullptr);
    CHECK(log.rows("UPDATE") == 3); // the key, and one for each other change
    CHECK(germany->cities.size() == 2);
    session.commit();
    CHECK_FALSE(session.is_dirty());
    mercator::Session reader = backend->session();
    CHECK(reader.get<Country>("GER")->cities.size() == 2);
    CHECK(reader.get<City>(berlin->id)->name == "Berlin-Mitte");
    CHECK(reader.get<Stamp>("GER", 1)->motif == "bear");
    CHECK(reader.get<Country>("FR")->cities.size() == 2);
    CHECK(reader.get<Stamp>("FR", 1)->motif == "cock");
}

TEST_CASE("C12 a change of a natural key that is rolled back brings keys and children back") {
    Backend backend;
    backend->create_all<Country, City, Stamp>();
    add_germany(backend);
    mercator::Session session = backend->session();
    const auto germany = session.get<Country>("DE");
    const auto berlin = session.query<City>().where(col(&City::name) == "Berlin").one();
    const auto stamp = session.get<Stamp>("DE", 1);
    germany->code = "GER";
    session.flush();
    session.rollback();
    CHECK(germany->code == "DE");
    CHECK(berlin->country_code == "DE");
    CHECK(stamp->country_code == "DE");
    CHECK(session.get<Country>("DE") == germany);
    CHECK(session.get<Stamp>("DE", 1) == stamp);
    CHECK_FALSE(session.is_dirty());
    germany->code = "GER";
    berlin->country = session.get<Country>("FR"); // leaves while the key changes
    session.commit();
    CHECK(berlin->country_code == "FR");
    mercator::Session reader = backend->session();
    CHECK(reader.get<City>(berlin->id)->country_code == "FR");
    CHECK(reader.get<Country>("GER")->cities.size() == 1);
    CHECK(reader.get<Stamp>("GER", 1)->motif == "eagle");
}

TEST_CASE("C12 a key that is given up by one parent is taken by another in the same flush") {
    Backend backend;
    backend->create_all<Country, City, Stamp>();
    add_germany(backend);
    mercator::Session session = backend->session();
    const auto germany = session.get<Country>("DE");
    const auto berlin = session.query<City>().where(col(&City::name) == "Berlin").one();
    const auto ulm = session.query<City>().where(col(&City::name) == "Ulm").one();
    germany->code = "GER";
    const auto fresh = session.add(Country{.code = "DE", .name = "Delaware"});
    berlin->country = fresh; // whose code Berlin has already
    session.commit();
    CHECK(session.get<Country>("DE") == fresh);
    CHECK(berlin->country_code == "DE");
    CHECK(ulm->country_code == "GER");
    fresh->code = "US-DE";
    session.get<Country>("FR")->code = "DE";
    session.commit();
    mercator::Session reader = backend->session();
    CHECK(reader.get<Country>("DE")->name == "France");
    CHECK(reader.get<Country>("DE")->cities.size() == 2);
    CHECK(reader.get<City>(berlin->id)->country_code == "US-DE");
    CHECK(reader.get<City>(ulm->id)->country_code == "GER");
    CHECK(reader.get<Stamp>("DE", 1)->motif == "cock");
    CHECK(reader.get<Stamp>("GER", 1)->motif == "eagle");
}

TEST_CASE(
    "C12 without ON UPDATE CASCADE, children that can let go of the key for a moment follow") {
    Backend backend;
    backend->create_all<Flock, Sheep>();
    {
        mercator::Session session = backend->session();
        const auto flock = session.add(Flock{.name = "north"});
        for (int i = 0; i < 3; ++i) flock->sheep.add(session.add(Sheep{}));
        session.commit();
    }
    mercator::Session session = backend->session();
    const auto flock = session.get<Flock>("north"); // its sheep are not loaded
    flock->name = "south";
    session.commit();
    CHECK(flock->sheep.size() == 3);
    mercator::Session reader = backend->session();
    CHECK(reader.get<Flock>("north") == nullptr);
    CHECK(reader.get<Flock>("south")->sheep.size() == 3);
    CHECK(reader.query<Sheep>().where(col(&Sheep::flock_name) == "south").count() == 3);
}

TEST_CASE("C12 without ON UPDATE CASCADE, children that cannot let go make it a typed error, and "
          "nothing is lost") {
    Backend backend;
    backend->create_all<Cart, Wheel>();
    mercator::Session session = backend->session();
    const auto cart = session.add(Cart{.name = "red"});
    const auto wheel = session.add(Wheel{});
    cart->wheels.add(wheel);
    session.commit();
    cart->name = "blue";
    CHECK_THROWS_AS(session.commit(), mercator::ForeignKeyViolation);
    CHECK(cart->name == "blue");
    CHECK(wheel->cart_name == "red");
    cart->name = "red";
    session.commit();
    CHECK(backend->session().get<Cart>("red")->wheels.size() == 1);
}

TEST_CASE("C13 a row is deleted and another takes its unique value in one flush") {
    Backend backend;
    backend->create_all<Seat>();
    mercator::Session session = backend->session();
    const auto old = session.add(Seat{.number = 1, .guest = "Ann", .ticket = "A", .place = 1});
    const auto other = session.add(Seat{.number = 2, .guest = "Bob", .ticket = "B", .place = 2});
    session.commit();
    session.delete_(old);
    const auto fresh = session.add(Seat{.number = 3, .guest = "Cid", .ticket = "A", .place = 3});
    session.commit();
    session.delete_(fresh);
    other->ticket = "A"; // by an update this time
    session.commit();
    other->ticket = "C"; // and given up by an update
    session.add(Seat{.number = 4, .guest = "Dan", .ticket = "A", .place = 4});
    session.commit();
    mercator::Session reader = backend->session();
    const auto seats = reader.query<Seat>().order_by(col(&Seat::number)).all();
    REQUIRE(seats.size() == 2);
    CHECK(seats[0]->ticket == "C");
    CHECK(seats[1]->ticket == "A");
}

TEST_CASE("C13 two rows swap unique values: by way of NULL, or a typed error that loses nothing") {
    Backend backend;
    backend->create_all<Seat>();
    mercator::Session session = backend->session();
    const auto one = session.add(Seat{.number = 1, .ticket = "A", .place = 1});
    const auto two = session.add(Seat{.number = 2, .ticket = "B", .place = 2});
    const auto three = session.add(Seat{.number = 3, .ticket = "C", .place = 3});
    session.commit();
    std::swap(one->ticket, two->ticket);
    session.commit();
    CHECK(one->ticket == "B");
    CHECK(two->ticket == "A");
    const auto first = one->ticket; // a circle of three
    one->ticket = two->ticket;
    two->ticket = three->ticket;
    three->ticket = first;
    session.commit();
    {
        mercator::Session reader = backend->session();
        CHECK(reader.get<Seat>(1)->ticket == "A");
        CHECK(reader.get<Seat>(2)->ticket == "C");
        CHECK(reader.get<Seat>(3)->ticket == "B");
    }
    std::swap(one->place, two->place); // NOT NULL: there is no way around
    CHECK_THROWS_AS(session.commit(), mercator::UniqueViolation);
    CHECK(one->place == 2);
    std::swap(one->place, two->place);
    one->guest = "still alive";
    session.commit();
    CHECK(backend->session().get<Seat>(1)->guest == "still alive");
    CHECK(backend->session().get<Seat>(1)->place == 1);
}

TEST_CASE(
    "C13 a parent is replaced by one with the same unique name, and its children move or stay "
    "behind") {
    Backend backend;
    backend->create_all<Fair, Booth>();
    mercator::Session session = backend->session();
    const auto old = session.add(Fair{.name = "spring"});
    const auto moved = session.add(Booth{});
    const auto left = session.add(Booth{});
    moved->fair = old;
    left->fair = old;
    session.commit();
    session.delete_(old);
    const auto fresh = session.add(Fair{.name = "spring"});
    moved->fair = fresh;
    session.commit();
    CHECK(moved->fair_id == fresh->id);
    CHECK_FALSE(left->fair_id.has_value());
    mercator::Session reader = backend->session();
    CHECK(reader.query<Fair>().one()->booths.size() == 1);
    CHECK_FALSE(reader.get<Booth>(left->id)->fair_id.has_value());
}

TEST_CASE(
    "C13 whatever values rows take from each other in one flush, the database holds what memory "
    "says") {
    Backend backend;
    backend->create_all<Seat>();
    mercator::Session session = backend->session();
    std::mt19937 random(20'240'301);
    const auto below = [&](int end) {
        return static_cast<int>(random() % static_cast<unsigned>(end));
    };
    std::vector<std::shared_ptr<Seat>> seats;
    int next = 1;
    for (int round = 0; round < 60; ++round) {
        CAPTURE(round);
        for (int i = below(3); i > 0 && !seats.empty(); --i) {
            const auto at = seats.begin() + below(static_cast<int>(seats.size()));
            session.delete_(*at);
            seats.erase(at);
        }
        for (int i = below(4); i > 0; --i) {
            seats.push_back(session.add(Seat{.number = next, .place = next}));
            ++next;
        }
        // Some rows get another ticket, of those that there are: each once.
        std::vector<std::string> tickets;
        for (std::size_t i = 0; i < seats.size() + 1; ++i)
            tickets.push_back("T" + std::to_string(i));
        std::shuffle(tickets.begin(), tickets.end(), random);
        for (const auto& seat : seats) {
            seat->ticket = tickets.back();
            tickets.pop_back();
            if (below(5) == 0) seat->ticket.reset();
            if (below(3) == 0) seat->guest = "guest " + std::to_string(round);
        }
        session.commit();
        mercator::Session reader = backend->session();
        REQUIRE(reader.query<Seat>().count() == seats.size());
        for (const auto& seat : seats) {
            const auto found = reader.get<Seat>(seat->number);
            REQUIRE(found);
            CHECK(found->ticket == seat->ticket);
            CHECK(found->guest == seat->guest);
        }
    }
}

TEST_CASE("C12 a new child of a parent whose key changes in the same flush") {
    Backend backend;
    backend->create_all<Country, City>();
    mercator::Session session = backend->session();
    const auto country = session.add(Country{.code = "UK", .name = "Kingdom"});
    session.commit();
    country->code = "GB";
    const auto city = session.add(City{.name = "London"});
    city->country = country;
    session.commit();
    CHECK(backend->session().get<City>(city->id)->country_code == "GB");
}

TEST_CASE("C12 children follow a key that changes again after a failed commit") {
    Backend backend;
    backend->create_all<Country, City, Seat>();
    mercator::Session session = backend->session();
    const auto country = session.add(Country{.code = "UK", .name = "Kingdom"});
    const auto city = session.add(City{.name = "London"});
    city->country = country;
    session.add(Seat{.number = 1, .place = 1});
    session.commit();
    country->code = "XX";
    session.flush();
    const auto twin = session.add(Seat{.number = 2, .place = 1}); // the place must be unique
    CHECK_THROWS_AS(session.commit(), mercator::UniqueViolation);
    CHECK(city->country_code == "UK"); // as its row says
    twin->place = 2;
    country->code = "GB";
    session.commit();
    CHECK(city->country_code == "GB");
    CHECK(backend->session().get<City>(city->id)->country_code == "GB");
}

TEST_CASE("C12 children that were not loaded are found while the new key is in memory only") {
    Backend backend;
    backend->create_all<Country, City>();
    {
        mercator::Session session = backend->session();
        const auto country = session.add(Country{.code = "UK", .name = "Kingdom"});
        session.add(City{.name = "London"})->country = country;
        session.commit();
    }
    mercator::Session session = backend->session();
    const auto country = session.get_one<Country>("UK");
    country->code = "GB";
    CHECK(country->cities.size() == 1);
}

TEST_CASE("C14 a new object with the key of a deleted one has only its own values") {
    Backend backend;
    backend->create_all<Seat>();
    mercator::Session session = backend->session();
    const auto old = session.add(
        Seat{.number = 1, .guest = "Ann", .remark = "vegetarian", .ticket = "A", .place = 1});
    session.commit();
    session.delete_(old);
    const auto fresh = session.add(Seat{.number = 1, .guest = "Bob", .place = 1});
    session.commit();
    CHECK(session.get<Seat>(1) == fresh);
    mercator::Session reader = backend->session();
    const auto found = reader.get<Seat>(1);
    CHECK(found->guest == "Bob");
    CHECK_FALSE(found->remark.has_value());
    CHECK_FALSE(found->ticket.has_value());
}

TEST_CASE("C15 rows are numbered anew in one flush: keys and unique columns, up and down") {
    Backend backend;
    backend->create_all<Seat>();
    constexpr int count = 20;
    mercator::Session session = backend->session();
    std::vector<std::shared_ptr<Seat>> seats;
    for (int i = 1; i <= count; ++i)
        seats.push_back(session.add(Seat{.number = i, .guest = std::to_string(i), .place = i}));
    session.commit();
    for (const int step : {+1, -1}) {
        CAPTURE(step);
        for (const auto& seat : seats) {
            seat->number += step;
            seat->place += step;
        }
        session.commit();
        for (const auto& seat : seats) CHECK(session.get<Seat>(seat->number) == seat);
    }
    for (const auto& seat : seats) seat->place += 1; // without the keys: one statement would do
    seats[3]->guest = "another shape";
    session.commit();
    for (const auto& seat : seats) seat->number -= 1;
    session.commit();
    mercator::Session reader = backend->session();
    const auto found = reader.query<Seat>().order_by(col(&Seat::number)).all();
    REQUIRE(found.size() == count);
    for (int i = 0; i < count; ++i) {
        const auto& seat = *found[static_cast<std::size_t>(i)];
        CHECK(seat.number == i);
        CHECK(seat.place == i + 2);
        CHECK(seat.guest == (i == 3 ? "another shape" : std::to_string(i + 1)));
    }
}

TEST_CASE("C15 the statements of a renumbering are the same in a hundred runs") {
    Backend backend;
    backend->create_all<Seat>();
    std::vector<std::string> first;
    {
        mercator::Session session = backend->session();
        for (int i = 1; i <= 5; ++i) session.add(Seat{.number = i, .place = i});
        session.commit();
    }
    for (int run = 0; run < 100; ++run) {
        const int step = run % 2 == 0 ? 1 : -1;
        mercator::Session session = backend->session();
        const auto seats = session.query<Seat>().order_by(col(&Seat::place)).all();
        for (const auto& seat : seats) seat->place += step;
        SqlLog log(backend->engine());
        session.commit();
        std::vector<std::string> sent;
        for (const auto& statement : log.statements()) {
            sent.push_back(statement.sql);
            for (const auto& value : statement.parameters) sent.back() += " " + display(value);
        }
        if (run == 0) first = sent;
        CHECK(sent == first);
        CHECK(sent.size() == 5);
    }
}

TEST_CASE("B06 a key that the database makes again belongs to the new object") {
    Backend backend;
    backend->create_all<Made>();
    mercator::Session session = backend->session();
    session.add(Made{.text = "first"});
    const auto dead = session.add(Made{.text = "dead"});
    session.commit();
    const auto id = dead->id;
    session.delete_(dead);
    session.flush();
    CHECK(session.get<Made>(id) == nullptr);
    const auto fresh = session.add(Made{.text = "fresh"});
    session.flush(); // may have the same key, or the next
    CHECK(session.get<Made>(fresh->id) == fresh);
    session.commit();
    CHECK(session.get<Made>(fresh->id)->text == "fresh");
    CHECK(session.query<Made>().count() == 2);
    const auto given = session.add(Made{.id = id == fresh->id ? 500 : id, .text = "given"});
    session.commit();
    CHECK(session.get<Made>(given->id) == given);
    CHECK(backend->session().query<Made>().count() == 3);
}
