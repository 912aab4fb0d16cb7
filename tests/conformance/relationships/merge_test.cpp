// SPDX-License-Identifier: MIT
// session.merge: what an object from outside holds comes onto the session's own. (Case C27.)
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace {

struct Book;

struct Writer {
    std::int64_t id{};
    std::string name;
    std::optional<int> born;
    Many<Book> books;
    One<Book> best;
    std::optional<std::int64_t> best_id;
};
struct Book {
    std::int64_t id{};
    std::string title;
    std::optional<std::int64_t> writer_id;
    One<Writer> writer;
};
void describe(Mapping<Writer>& writer) {
    writer.table("merge_writers");
    writer.column<&Writer::id>().primary_key();
    writer.column<&Writer::name>(String(40));
    writer.column<&Writer::born>();
    writer.column<&Writer::best_id>().references<&Book::id>();
    writer.relationship<&Writer::books>().foreign_keys<&Book::writer_id>().backref<&Book::writer>();
    writer.relationship<&Writer::best>().foreign_keys<&Writer::best_id>().post_update();
}
void describe(Mapping<Book>& book) {
    book.table("merge_books");
    book.column<&Book::id>().primary_key();
    book.column<&Book::title>(String(40));
    book.column<&Book::writer_id>().references<&Writer::id>();
}

/// A key of three columns, and a relationship that merge does not follow.
struct Place;
struct Seat {
    std::string house;
    int row{};
    int number{};
    std::string guest;
    std::optional<std::int64_t> place_id;
    One<Place> place;
};
struct Place {
    std::int64_t id{};
    std::string name;
};
void describe(Mapping<Seat>& seat) {
    seat.table("merge_seats");
    seat.column<&Seat::house>(String(20));
    seat.column<&Seat::row>();
    seat.column<&Seat::number>();
    seat.column<&Seat::guest>(String(40));
    seat.primary_key<&Seat::house, &Seat::row, &Seat::number>();
    seat.column<&Seat::place_id>().references<&Place::id>();
    seat.relationship<&Seat::place>().cascade(Cascade::save_update);
}
void describe(Mapping<Place>& place) {
    place.table("merge_places");
    place.column<&Place::id>().primary_key();
    place.column<&Place::name>(String(40));
}

/// A writer with two books.
struct Shop : Backend {
    Shop() {
        database().create_all<Writer, Book, Place, Seat>();
        Session session = database().session();
        const auto writer = session.add(Writer{.name = "Ann", .born = 1970});
        const auto first = session.add(Book{.title = "first"});
        const auto second = session.add(Book{.title = "second"});
        writer->books.add(first);
        writer->books.add(second);
        session.commit();
        writer_id = writer->id;
        first_id = first->id;
        second_id = second->id;
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::int64_t writer_id = 0;
    std::int64_t first_id = 0;
    std::int64_t second_id = 0;
    std::unique_ptr<SqlLog> log;
};

} // namespace

TEST_CASE("REL-24 merge copies the columns of a plain struct onto the row's object") {
    Shop shop;
    Session session = shop->session();
    Writer given{.id = shop.writer_id, .name = "Anna"};
    const auto merged = session.merge(given);
    CHECK(merged == session.get<Writer>(shop.writer_id));
    CHECK(merged->name == "Anna");
    CHECK_FALSE(merged->born.has_value()); // all columns, also those left out
    CHECK(session.is_modified(merged));
    shop.log->clear();
    session.commit();
    CHECK_MESSAGE(shop.log->count() == 1, shop.log->dump());
    CHECK(shop.log->count("UPDATE") == 1);
    CHECK(merged->books.size() == 2); // nothing was said of them
    CHECK(given.name == "Anna");
}

TEST_CASE("REL-24 merge of what is equal writes nothing, and asks once") {
    Shop shop;
    Session session = shop->session();
    shop.log->clear();
    const Writer given{.id = shop.writer_id, .name = "Ann", .born = 1970};
    const auto merged = session.merge(given);
    CHECK_MESSAGE(shop.log->count("SELECT") == 1, shop.log->dump());
    CHECK(session.merge(given) == merged);
    CHECK(shop.log->count() == 1);
    session.commit();
    CHECK_MESSAGE(shop.log->count() == 1, shop.log->dump());
}

TEST_CASE("REL-24 merge of an object without a row makes a new one") {
    Shop shop;
    Session session = shop->session();
    const auto by_new_key = session.merge(Writer{.name = "Bob"});
    CHECK(session.status(by_new_key) == ObjectStatus::Pending);
    const auto by_own_key =
        session.merge(Seat{.house = "north", .row = 1, .number = 2, .guest = "Bob"});
    CHECK(session.status(by_own_key) == ObjectStatus::Pending);
    session.commit();
    CHECK(by_new_key->id != 0);
    CHECK(shop->session().query<Writer>().count() == 2);
    CHECK(shop->session().get<Seat>("north", 1, 2)->guest == "Bob");
}

TEST_CASE("REL-24 KEY-05 merge finds a row by a key of three columns") {
    Shop shop;
    {
        Session session = shop->session();
        session.add(Seat{.house = "north", .row = 1, .number = 2, .guest = "Bob"});
        session.add(Seat{.house = "north", .row = 2, .number = 1, .guest = "Cleo"});
        session.commit();
    }
    Session session = shop->session();
    const auto merged =
        session.merge(Seat{.house = "north", .row = 2, .number = 1, .guest = "Dora"});
    CHECK(session.status(merged) == ObjectStatus::Persistent);
    session.commit();
    CHECK(shop->session().get<Seat>("north", 1, 2)->guest == "Bob");
    CHECK(shop->session().get<Seat>("north", 2, 1)->guest == "Dora");
    CHECK(shop->session().query<Seat>().count() == 2);
}

TEST_CASE("REL-24 merge of another session's handle follows what is loaded there") {
    Shop shop;
    Session source = shop->session();
    const auto there = source.get<Writer>(shop.writer_id);
    there->name = "Anna";
    Session session = shop->session();

    SUBCASE("books loaded, one changed, one gone, one new") {
        REQUIRE(there->books.size() == 2);
        source.get<Book>(shop.first_id)->title = "first again";
        there->books.remove(source.get<Book>(shop.second_id));
        there->books.add(source.add(Book{.title = "third"}));
        const auto merged = session.merge(there);
        REQUIRE(merged != there);
        CHECK(merged->books.size() == 2);
        CHECK(merged->books[0]->title == "first again");
        CHECK(merged->books[1]->title == "third");
        CHECK(merged->books[1]->writer.handle() == merged);
        session.commit();
        Session fresh = shop->session();
        const auto writer = fresh.get<Writer>(shop.writer_id);
        CHECK(writer->name == "Anna");
        CHECK(writer->books.size() == 2);
        CHECK(writer->books[0]->title == "first again");
        CHECK_FALSE(fresh.get<Book>(shop.second_id)->writer_id.has_value());
    }
    SUBCASE("books not loaded are left alone, and not loaded here") {
        shop.log->clear();
        const auto merged = session.merge(there);
        CHECK_MESSAGE(shop.log->count("SELECT") == 1, shop.log->dump());
        session.commit();
        CHECK(merged->books.size() == 2);
        CHECK(shop->session().get<Writer>(shop.writer_id)->name == "Anna");
    }
    SUBCASE("the source's session has ended") {
        REQUIRE(there->books.size() == 2);
        source.close();
        there->books[0]->title = "first again";
        const auto merged = session.merge(there);
        session.commit();
        CHECK(shop->session().get<Book>(shop.first_id)->title == "first again");
        CHECK(merged->books.size() == 2);
    }
}

TEST_CASE("REL-24 merge of what the session has already gives it back") {
    Shop shop;
    Session session = shop->session();
    const auto writer = session.get<Writer>(shop.writer_id);
    CHECK(session.merge(writer) == writer);
    const auto fresh = session.add(Writer{.name = "new"});
    CHECK(session.merge(fresh) == fresh);
    CHECK_THROWS_AS(session.merge(std::shared_ptr<Writer>()), ArgumentError);

    session.expunge(writer);
    writer->name = "changed outside";
    const auto merged = session.merge(writer);
    CHECK(merged != writer);
    CHECK(session.status(merged) == ObjectStatus::Persistent);
    session.commit();
    CHECK(shop->session().get<Writer>(shop.writer_id)->name == "changed outside");
}

TEST_CASE("REL-24 a collection given in a plain struct replaces the row's") {
    Shop shop;
    Session session = shop->session();
    Writer given{.id = shop.writer_id, .name = "Ann", .born = 1970};
    given.books.add(std::make_shared<Book>(Book{.id = shop.second_id, .title = "second"}));
    given.books.add(std::make_shared<Book>(Book{.title = "third"}));
    const auto merged = session.merge(given);
    CHECK(merged->books.size() == 2);
    session.commit();
    Session fresh = shop->session();
    const auto writer = fresh.get<Writer>(shop.writer_id);
    CHECK(writer->books.size() == 2);
    CHECK(writer->books[0]->id == shop.second_id);
    CHECK(writer->books[1]->title == "third");
    CHECK(fresh.get<Book>(shop.first_id)->writer == nullptr);
    CHECK(fresh.query<Book>().count() == 3);
}

TEST_CASE("REL-24 a foreign key that merge copies leads to the other parent at once") {
    Shop shop;
    Session session = shop->session();
    const auto other = session.add(Writer{.name = "Bob"});
    session.flush();
    const auto book = session.get<Book>(shop.first_id);
    REQUIRE(book->writer->name == "Ann");
    const auto merged =
        session.merge(Book{.id = shop.first_id, .title = "first", .writer_id = other->id});
    CHECK(merged == book);
    CHECK(book->writer.handle() == other);
    session.commit();
    CHECK(shop->session().get<Book>(shop.first_id)->writer->name == "Bob");
}

TEST_CASE("REL-24 C27 merge of objects that refer to each other ends, each merged once") {
    Shop shop;
    Session source = shop->session();
    const auto there = source.get<Writer>(shop.writer_id);
    there->best = there->books[0];
    source.flush();
    there->books[0]->title = "best";
    source.commit();
    Session session = shop->session();
    shop.log->clear();
    const auto merged = session.merge(there);
    // The writer, each book, and the collection of the writer's own.
    CHECK_MESSAGE(shop.log->count("SELECT") <= 4, shop.log->dump());
    CHECK(merged->best->writer.handle() == merged);
    CHECK(merged->best.handle() == merged->books[0]);
    CHECK(merged->books.size() == 2);
    shop.log->clear();
    session.commit();
    CHECK_MESSAGE(shop.log->count() == 0, shop.log->dump());
}

TEST_CASE("REL-24 merge does not follow relationships without the merge cascade") {
    Shop shop;
    Session source = shop->session();
    const auto seat = source.add(Seat{.house = "south", .row = 1, .number = 1, .guest = "Bob"});
    seat->place = source.add(Place{.name = "box"});
    source.commit();
    seat->place->name = "changed";
    Session session = shop->session();
    shop.log->clear();
    const auto merged = session.merge(seat);
    CHECK_MESSAGE(shop.log->count("SELECT") == 1, shop.log->dump());
    session.commit();
    CHECK_MESSAGE(shop.log->count() == 1, shop.log->dump());
    CHECK(merged->place->name == "box");
}

TEST_CASE("REL-24 merging follows a chain of any length") {
    test::Backend backend;
    backend->create_all<Writer, Book>();
    constexpr int length = 30000;
    auto source = backend->session();
    const auto first = source.add(Writer{.name = "w"});
    auto writer = first;
    for (int i = 0; i < length; ++i) {
        const auto book = source.add(Book{.title = "b"});
        writer->best = book;
        writer = source.add(Writer{.name = "w"});
        book->writer = writer;
    }
    auto session = backend->session();
    const auto guard = session.no_autoflush();

    const auto merged = session.merge(first);

    CHECK(session.new_objects().size() == 2 * length + 1);
    int steps = 0;
    for (const Writer* one = merged.get(); one->best; one = one->best->writer.get()) ++steps;
    CHECK(steps == length);
}
