// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/sql_log.hpp"
#include "support/sql_text.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <stdexcept>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace {

// People who follow each other.

const Table followers{"followers",
                      Column("follower_id", BigInteger()).references("persons.id").primary_key(),
                      Column("followed_id", BigInteger()).references("persons.id").primary_key()};

struct Person {
    std::int64_t id{};
    std::string name;
    Many<Person> follows;
    Many<Person> followed_by;
};
void describe(Mapping<Person>& person) {
    person.table("persons");
    person.column<&Person::id>().primary_key();
    person.column<&Person::name>(String(20));
    person.relationship<&Person::follows>()
        .secondary(followers)
        .primaryjoin([](auto own, auto link) { return own(&Person::id) == link("follower_id"); })
        .secondaryjoin(
            [](auto link, auto other) { return link("followed_id") == other(&Person::id); })
        .backref<&Person::followed_by>();
}

// Composite keys on both sides that have a column in common, and two relationships between the same
// two classes.

struct Shelf;

Table book_table(const char* name) {
    return Table(name, Column("town", String(10)).primary_key(),
                 Column("shelf_number", Integer()).primary_key(),
                 Column("isbn", String(13)).primary_key(),
                 ForeignKey{.columns = {"town", "shelf_number"},
                            .target_table = "shelves",
                            .target_columns = {"town", "number"}},
                 ForeignKey{.columns = {"town", "isbn"},
                            .target_table = "books",
                            .target_columns = {"town", "isbn"}});
}

struct Book {
    std::string town;
    std::string isbn;
    Many<Shelf> shelves;
    Many<Shelf> planned;
};
struct Shelf {
    std::string town;
    std::int32_t number{};
    Many<Book> books;
    Many<Book> planned;
};
void describe(Mapping<Book>& book) {
    book.table("books");
    book.column<&Book::town>(String(10)).primary_key();
    book.column<&Book::isbn>(String(13)).primary_key();
    book.relationship<&Book::shelves>()
        .secondary(book_table("shelf_books"))
        .backref<&Shelf::books>();
    book.relationship<&Book::planned>()
        .secondary(book_table("planned_books"))
        .backref<&Shelf::planned>();
}
void describe(Mapping<Shelf>& shelf) {
    shelf.table("shelves");
    shelf.column<&Shelf::town>(String(10)).primary_key();
    shelf.column<&Shelf::number>().primary_key();
}

// Keys that change: the database moves the rows of the first table, nobody those of the second.

Table sticker_table(const char* name, ReferentialAction on_update) {
    return Table(
        name,
        Column("item_code", String(10)).references("items.code").on_update(on_update).primary_key(),
        Column("sticker_id", BigInteger())
            .references("stickers.id")
            .on_delete(ReferentialAction::Cascade)
            .primary_key(),
        Column("place", String(10)).nullable(false));
}

bool no_place_left = false;

struct Sticker {
    std::int64_t id{};
    std::string text;
};
struct Item {
    std::string code;
    Many<Sticker> stickers;
    Many<Sticker> fixed;
};
void describe(Mapping<Sticker>& sticker) {
    sticker.table("stickers");
    sticker.column<&Sticker::id>().primary_key();
    sticker.column<&Sticker::text>(String(10));
}
void describe(Mapping<Item>& item) {
    item.table("items");
    item.column<&Item::code>(String(10)).primary_key();
    Table moving = sticker_table("item_stickers", ReferentialAction::Cascade);
    moving.columns[2].default_factory([] {
        if (no_place_left) throw std::runtime_error("no place left");
        return "front";
    });
    Table fixed = sticker_table("fixed_stickers", ReferentialAction::NoAction);
    item.relationship<&Item::stickers>().secondary(moving).passive_deletes();
    item.relationship<&Item::fixed>().secondary(fixed);
}

std::string names(const Many<Person>& people) {
    std::string text;
    for (const auto& person : people) text += person->name;
    return text;
}

} // namespace

TEST_CASE("REL-20 REL-04 people follow each other by a table that refers to them twice") {
    Backend backend;
    backend->create_all<Person>();
    SqlLog log(backend->engine());
    auto session = backend->session();
    const auto ada = session.add(Person{.name = "A"});
    const auto bob = session.add(Person{.name = "B"});
    const auto eve = session.add(Person{.name = "E"});
    ada->follows.add(bob);
    ada->follows.add(eve);
    ada->follows.add(ada);
    eve->followed_by.add(bob);
    CHECK(names(eve->followed_by) == "AB");
    CHECK(names(ada->followed_by) == "A");
    session.commit();
    CHECK(log.rows("INSERT") == 7);
    CHECK(backend.rows("SELECT follower_id, followed_id FROM followers ORDER BY 1, 2") ==
          ValueRows{{std::int64_t{1}, std::int64_t{1}},
                    {std::int64_t{1}, std::int64_t{2}},
                    {std::int64_t{1}, std::int64_t{3}},
                    {std::int64_t{2}, std::int64_t{3}}});

    auto fresh = backend->session();
    const auto one = fresh.get<Person>(ada->id);
    const auto three = fresh.get<Person>(eve->id);
    CHECK(names(one->follows) == "ABE");
    CHECK(names(one->followed_by) == "A");
    CHECK(names(three->followed_by) == "AB");
    CHECK(three->follows.empty());
    three->followed_by.remove(one);
    CHECK(names(one->follows) == "AB");
    log.clear();
    fresh.commit();
    CHECK_MESSAGE(log.count() == 1, log.dump());
    fresh.delete_(one); // takes rows of both columns along
    fresh.commit();
    CHECK(backend.rows("SELECT follower_id, followed_id FROM followers") ==
          ValueRows{{std::int64_t{2}, std::int64_t{3}}});
    CHECK(names(three->followed_by) == "B");
}

TEST_CASE("REL-04 composite keys, with a column that both sides share") {
    Backend backend;
    backend->create_all<Book, Shelf>();
    SqlLog log(backend->engine());
    auto session = backend->session();
    const auto left = session.add(Shelf{.town = "Bonn", .number = 1});
    const auto right = session.add(Shelf{.town = "Bonn", .number = 2});
    const auto atlas = session.add(Book{.town = "Bonn", .isbn = "11", .shelves = {left, right}});
    const auto novel = session.add(Book{.town = "Bonn", .isbn = "22"});
    left->planned.add(novel);
    session.commit();
    CHECK(backend.rows("SELECT town, shelf_number, isbn FROM shelf_books").size() == 2);
    CHECK(backend.rows("SELECT town, shelf_number, isbn FROM planned_books").size() == 1);

    auto fresh = backend->session();
    const auto shelf = fresh.get<Shelf>("Bonn", 1);
    REQUIRE(shelf->books.size() == 1);
    REQUIRE(shelf->planned.size() == 1);
    CHECK(shelf->books.front()->isbn == "11");
    CHECK(shelf->planned.front()->isbn == "22");
    shelf->books.remove(shelf->books.front());
    log.clear();
    fresh.commit();
    REQUIRE_MESSAGE(log.count() == 1, log.dump());
    CHECK(test::mentions(log.texts().front(), "shelf_books"));
    CHECK(backend.rows("SELECT shelf_number FROM shelf_books").size() == 1);

    SUBCASE("objects that differ in it are refused before anything is sent to the table") {
        const auto elsewhere = fresh.add(Shelf{.town = "Graz", .number = 7});
        elsewhere->books.add(fresh.get<Book>("Bonn", "22"));
        CHECK_THROWS_AS(fresh.flush(), StateError);
        fresh.rollback();
    }
    SUBCASE("deleting") {
        fresh.delete_(fresh.get<Book>("Bonn", "11"));
        fresh.delete_(fresh.get<Book>("Bonn", "22"));
        fresh.commit();
        CHECK(backend.rows("SELECT isbn FROM shelf_books").empty());
        CHECK(backend.rows("SELECT isbn FROM planned_books").empty());
    }
}

TEST_CASE("REL-04 REL-06 keys that change, deletes left to the database, columns without a value") {
    Backend backend;
    backend->create_all<Item, Sticker>();
    SqlLog log(backend->engine());
    auto session = backend->session();
    const auto red = session.add(Sticker{.text = "red"});
    const auto item = session.add(Item{.code = "old", .stickers = {red}});
    session.commit();

    SUBCASE("rows follow where the database makes them") {
        item->code = "new";
        const auto blue = session.add(Sticker{.text = "blue"});
        item->stickers.add(blue);
        session.commit();
        CHECK(backend.rows("SELECT item_code FROM item_stickers") ==
              ValueRows{{Value("new")}, {Value("new")}});
    }
    SUBCASE("a default that throws does so before anything is sent") {
        const auto blue = session.add(Sticker{.text = "blue"});
        session.flush();
        item->stickers.add(blue);
        log.clear();
        no_place_left = true;
        CHECK_THROWS_AS(session.flush(), std::runtime_error);
        no_place_left = false;
        CHECK(log.count() == 0);
        CHECK(session.is_dirty());
        session.commit(); // with blue, whose transaction is still there
        CHECK(backend.rows("SELECT sticker_id FROM item_stickers").size() == 2);
    }
    SUBCASE("removed and moved in one flush") {
        item->code = "new";
        item->stickers.remove(red);
        session.commit();
        CHECK(backend.rows("SELECT item_code FROM item_stickers").empty());
    }
    SUBCASE("a column without a value is an error that names the relationship") {
        item->fixed.add(red);
        std::string what;
        try {
            session.flush();
        } catch (const NotNullViolation& error) {
            what = error.what();
        }
        CHECK(what.find("Item.fixed") != std::string::npos);
        session.rollback();
    }
    SUBCASE("nobody moves them: refused before anything is sent") {
        session.execute(
            insert_into(sticker_table("fixed_stickers", ReferentialAction::NoAction))
                .values({{"item_code", "old"}, {"sticker_id", red->id}, {"place", "x"}}));
        session.commit();
        auto other = backend->session();
        const auto known = other.get<Item>("old");
        known->code = "new";
        log.clear();
        CHECK_THROWS_WITH_AS(
            other.flush(),
            doctest::Contains("rows of table fixed_stickers refer to it by Item.fixed"),
            StateError);
        CHECK(log.count("UPDATE") == 0);
        CHECK(log.count("DELETE") == 0);
        known->fixed.clear();
        other.commit();
        CHECK(backend.rows("SELECT item_code FROM item_stickers") == ValueRows{{Value("new")}});
    }
    SUBCASE("an object on the side without a member is deleted with its rows") {
        log.clear();
        session.delete_(red);
        session.commit();
        CHECK(log.count("DELETE") == 2); // of fixed_stickers: the other is left to the database
        CHECK(backend.rows("SELECT item_code FROM item_stickers").empty());
    }
}
