// SPDX-License-Identifier: MIT
#include "backend.hpp"
#include "sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

using mercator::col;
using mercator::test::Backend;

namespace {

struct Calls {
    int bind = 0;
    int result = 0;
    friend bool operator==(const Calls&, const Calls&) = default;
};
Calls calls;

/// Kept as text "EUR 1250".
struct Money {
    std::int64_t cents = 0;
    friend bool operator==(const Money&, const Money&) = default;
};

/// A decorator over a decorator: kept as Money is.
struct Price {
    Money net;
    friend bool operator==(const Price&, const Price&) = default;
};

/// Empty is NULL: the conversion sees it.
struct Note {
    std::string text;
    friend bool operator==(const Note&, const Note&) = default;
};

/// Says in its stored form which database it was made for.
struct Place {
    std::string name;
    friend bool operator==(const Place&, const Place&) = default;
};

/// Refuses to be stored, and to be read, when it is negative.
struct Age {
    int years = 0;
    friend bool operator==(const Age&, const Age&) = default;
};

} // namespace

template <>
struct mercator::TypeDecorator<Money> {
    using storage = std::string;
    static std::string bind(const Money& money) {
        ++calls.bind;
        return "EUR " + std::to_string(money.cents);
    }
    static Money result(std::string stored) {
        ++calls.result;
        return {std::stoll(stored.substr(4))};
    }
};
template <>
struct mercator::TypeDecorator<Price> {
    using storage = Money;
    static SqlType constexpr sql_type() { return String(30); }
    static Money bind(const Price& price) { return price.net; }
    static Price result(Money stored) { return {stored}; }
};
template <>
struct mercator::TypeDecorator<Note> {
    using storage = std::optional<std::string>;
    static storage bind(const Note& note) {
        return note.text.empty() ? std::nullopt : storage(note.text);
    }
    static Note result(storage stored) { return {stored.value_or("")}; }
};
template <>
struct mercator::TypeDecorator<Place> {
    using storage = std::string;
    static std::string bind(const Place& place, const mercator::DialectInfo& dialect) {
        return std::string(dialect.name) + ":" + place.name;
    }
    static Place result(std::string stored, const mercator::DialectInfo& dialect) {
        const auto colon = stored.find(':');
        if (dialect && stored.substr(0, colon) != dialect.name) throw std::runtime_error("foreign");
        return {stored.substr(colon + 1)};
    }
};
template <>
struct mercator::TypeDecorator<Age> {
    using storage = std::int32_t;
    static std::int32_t bind(const Age& age) {
        if (age.years < 0) throw std::out_of_range("-1 years: a secret");
        return age.years;
    }
    static Age result(std::int32_t stored) {
        if (stored < 0) throw std::out_of_range("a secret");
        return {stored};
    }
};

namespace {

struct DecoratedItem {
    std::int64_t id{};
    Money price;
    std::optional<Money> discount;
    std::int64_t box_id{};
    Price full;

    static void describe(mercator::Mapping<DecoratedItem>& item) {
        item.table("decorated_items");
        item.column<&DecoratedItem::id>().primary_key();
        item.column<&DecoratedItem::price>(mercator::String(30));
        item.column<&DecoratedItem::discount>(mercator::String(30));
        item.column<&DecoratedItem::box_id>().references("decorated_boxes.id");
        item.column<&DecoratedItem::full>();
    }
};

struct DecoratedBox {
    std::int64_t id{};
    Money worth;
    mercator::Many<DecoratedItem> items;

    static void describe(mercator::Mapping<DecoratedBox>& box) {
        box.table("decorated_boxes");
        box.column<&DecoratedBox::id>().primary_key();
        box.column<&DecoratedBox::worth>(mercator::String(30)).default_(Money{7});
        box.relationship<&DecoratedBox::items>();
    }
};

struct NullAware {
    std::int64_t id{};
    Note note;
    std::optional<Note> maybe;

    static void describe(mercator::Mapping<NullAware>& row) {
        row.table("null_aware");
        row.column<&NullAware::id>().primary_key();
        row.column<&NullAware::note>();
        row.column<&NullAware::maybe>();
    }
};

struct PlaceRow {
    std::int64_t id{};
    Place place;
    std::optional<Place> other;

    static void describe(mercator::Mapping<PlaceRow>& row) {
        row.table("place_rows");
        row.column<&PlaceRow::id>().primary_key();
        row.column<&PlaceRow::place>(mercator::String(60));
        row.column<&PlaceRow::other>(mercator::String(60));
    }
};

/// The database fills the member in.
struct PlaceDefault {
    std::int64_t id{};
    Place place;

    static void describe(mercator::Mapping<PlaceDefault>& row) {
        row.table("place_defaults");
        row.column<&PlaceDefault::id>().primary_key();
        row.column<&PlaceDefault::place>(mercator::String(60)).server_default("nowhere:x");
    }
};

struct AgeRow {
    std::int64_t id{};
    Age age;

    static void describe(mercator::Mapping<AgeRow>& row) {
        row.table("age_rows");
        row.column<&AgeRow::id>().primary_key();
        row.column<&AgeRow::age>();
    }
};

template <class Action>
Calls calls_of(Action&& action) {
    calls = {};
    action();
    return calls;
}

} // namespace

TEST_CASE("CUS-01 CUS-02 CUS-03 CUS-04 CUS-05 a decorated type is converted once per value, on all "
          "ways") {
    Backend backend;
    backend->create_all<DecoratedBox, DecoratedItem>();
    mercator::Session session = backend->session();
    auto box = session.add(DecoratedBox{});
    for (int i = 0; i < 3; ++i) {
        auto item = session.add(DecoratedItem{.price = {100 * i}, .full = {{i}}});
        if (i == 1) item->discount = Money{5};
        box->items.add(item);
    }
    session.commit();
    CHECK(box->worth == Money{7});

    SUBCASE("what is stored is what the decorator of the decorator says") {
        const auto rows = backend.rows("select price, discount, " + backend.quoted("full") +
                                       " from decorated_items order by id");
        REQUIRE(rows.size() == 3);
        CHECK(rows[1] == std::vector<mercator::Value>{"EUR 100", "EUR 5", "EUR 1"});
        CHECK(rows[2][1].is_null());
    }
    SUBCASE("results: each value once, nothing for NULL") {
        mercator::Session fresh = backend->session();
        const auto prices = calls_of([&] {
            const auto found = fresh.execute(select(col(&DecoratedItem::price)));
            CHECK(found.size() == 3);
        });
        CHECK(prices == Calls{0, 3});
        const auto discounts = calls_of([&] {
            const auto found = fresh.execute(
                select(col(&DecoratedItem::discount)).order_by(col(&DecoratedItem::id)));
            CHECK(found.scalars()[1] == Money{5});
            CHECK(!found.scalars()[2]);
        });
        CHECK(discounts == Calls{0, 1});
        // price, full, and one discount of three objects, read only: there is no snapshot.
        const auto objects =
            calls_of([&] { CHECK(fresh.query<DecoratedItem>().values().size() == 3); });
        CHECK(objects.result == 7);
    }
    SUBCASE("along a relationship, joined and by a second statement") {
        for (const bool joined : {true, false}) {
            mercator::Session fresh = backend->session();
            std::shared_ptr<DecoratedBox> found;
            const auto made = calls_of([&] {
                const auto query = fresh.query<DecoratedBox>();
                found = joined ? query.options(mercator::joined<&DecoratedBox::items>()).one()
                               : query.options(mercator::selectin<&DecoratedBox::items>()).one();
            });
            REQUIRE(found->items.size() == 3);
            CHECK(found->items[1]->price == Money{100});
            CHECK(found->items[2]->full == Price{{2}});
            // worth (in each joined row), three prices, three full, one discount
            CHECK(made.result == (joined ? 10 : 8));
        }
    }
    SUBCASE("values in statements") {
        mercator::Session fresh = backend->session(); // with nothing that it could compare
        std::int64_t found = 0;
        CHECK(calls_of([&] {
                  found = fresh.query<DecoratedItem>()
                              .where(col(&DecoratedItem::price) == Money{100})
                              .count();
              }) == Calls{1, 0});
        CHECK(found == 1);
        CHECK(calls_of([&] {
                  found = fresh.query<DecoratedItem>()
                              .where(col(&DecoratedItem::price).in({Money{0}, Money{200}}))
                              .count();
              }) == Calls{2, 0});
        CHECK(found == 2);
        CHECK(calls_of([&] {
                  found = fresh.query<DecoratedItem>()
                              .where(col(&DecoratedItem::discount) == std::optional<Money>())
                              .count();
              }) == Calls{0, 0});
        CHECK(found == 2);
        CHECK(calls_of([&] {
                  fresh.query<DecoratedItem>()
                      .where(col(&DecoratedItem::full) == Price{{2}})
                      .update(mercator::set(&DecoratedItem::price, Money{9}));
              }) == Calls{2, 0});
        CHECK(fresh.query<DecoratedItem>().where(col(&DecoratedItem::price) == Money{9}).count() ==
              1);
    }
}

TEST_CASE("CUS-05 a decorator whose storage is optional sees NULL") {
    Backend backend;
    backend->create_all<NullAware>();
    {
        mercator::Session session = backend->session();
        session.add(NullAware{.note = {""}, .maybe = Note{"b"}});
        session.add(NullAware{.note = {"a"}});
        session.commit();
    }
    const auto rows = backend.rows("select note, maybe from null_aware order by id");
    CHECK(rows[0][0].is_null());
    CHECK(rows[0][1] == mercator::Value("b"));
    CHECK(rows[1][0] == mercator::Value("a"));
    mercator::Session session = backend->session();
    const auto found = session.query<NullAware>().order_by(col(&NullAware::id)).all();
    CHECK(found[0]->note == Note{});
    CHECK(found[0]->maybe == Note{"b"});
    CHECK(found[1]->note == Note{"a"});
    CHECK(!found[1]->maybe);
    CHECK(session.query<NullAware>().where(col(&NullAware::note) == Note{}).count() == 1);
    mercator::test::SqlLog log(backend->engine());
    found[1]->note = {};
    session.commit();
    CHECK(log.count("UPDATE") == 1);
    session.commit();
    CHECK(log.count("UPDATE") == 1);
}

TEST_CASE("CUS-06 a conversion is told which database it is") {
    Backend backend;
    const std::string name(backend->engine().dialect().name());
    backend->create_all<PlaceRow>();
    {
        mercator::Session session = backend->session();
        session.add(PlaceRow{.place = {"Ulm"}, .other = Place{"Bonn"}});
        session.add(PlaceRow{.place = {"Kiel"}});
        session.commit();
    }
    const auto rows = backend.rows("select place, other from place_rows order by id");
    CHECK(rows[0] == std::vector<mercator::Value>{name + ":Ulm", name + ":Bonn"});
    CHECK(rows[1][0] == mercator::Value(name + ":Kiel"));

    mercator::Session session = backend->session();
    mercator::test::SqlLog log(backend->engine());
    const auto found = session.query<PlaceRow>().order_by(col(&PlaceRow::id)).all();
    CHECK(found[0]->place == Place{"Ulm"});
    CHECK(found[0]->other == Place{"Bonn"});
    session.commit();
    CHECK(log.count("UPDATE") == 0); // it is compared without a database
    CHECK(session.query<PlaceRow>().where(col(&PlaceRow::place) == Place{"Kiel"}).count() == 1);
    CHECK(session.query<PlaceRow>()
              .where(col(&PlaceRow::place).in({Place{"Kiel"}, Place{"Ulm"}, Place{"Bonn"}}))
              .count() == 2);
    CHECK(session.query<PlaceRow>()
              .where(col(&PlaceRow::place).between(Place{"A"}, Place{"L"}))
              .count() == 1);
    CHECK(session.execute(select(col(&PlaceRow::place)).where(col(&PlaceRow::other).is_not_null()))
              .scalar_one() == Place{"Ulm"});
    session.query<PlaceRow>()
        .where(col(&PlaceRow::place) == Place{"Kiel"})
        .update(mercator::set(&PlaceRow::other, Place{"Lehe"}));
    found[0]->place = {"Trier"};
    session.commit();
    const auto after = backend.rows("select place, other from place_rows order by id");
    CHECK(after[0][0] == mercator::Value(name + ":Trier"));
    CHECK(after[1][1] == mercator::Value(name + ":Lehe"));
}

TEST_CASE("CUS-04 CUS-06 what an INSERT returns is converted for its database") {
    Backend backend;
    backend->create_all<PlaceDefault>();
    mercator::Session session = backend->session();
    session.add(PlaceDefault{});
    try {
        session.flush(); // the conversion knows that "nowhere" is another database
        FAIL("it was read");
    } catch (const mercator::DataError& error) {
        CHECK(error.where() == "PlaceDefault.place");
    }
    session.rollback();
    auto row = session.add(PlaceDefault{.place = {"Ulm"}});
    session.commit();
    mercator::Session other = backend->session();
    CHECK(other.get<PlaceDefault>(row->id)->place == Place{"Ulm"});
}

TEST_CASE("CUS-03 CUS-04 what a conversion throws is a DataError that names the member") {
    Backend backend;
    backend->create_all<AgeRow>();
    mercator::Session session = backend->session();
    session.add(AgeRow{.age = {-1}});
    try {
        session.flush();
        FAIL("it was stored");
    } catch (const mercator::DataError& error) {
        CHECK(error.where() == "AgeRow.age");
        CHECK(std::string(error.what()).find("Age") != std::string::npos);
        CHECK(std::string(error.what()).find("secret") == std::string::npos);
    }
    session.rollback();
    CHECK_THROWS_AS(
        static_cast<void>(session.query<AgeRow>().where(col(&AgeRow::age) == Age{-1}).count()),
        mercator::DataError);
    backend.run("insert into age_rows (age) values (-5)");
    mercator::Session other = backend->session();
    try {
        static_cast<void>(other.query<AgeRow>().all());
        FAIL("it was read");
    } catch (const mercator::DataError& error) {
        CHECK(error.where() == "AgeRow.age");
        CHECK(std::string(error.what()).find("secret") == std::string::npos);
    }
}
