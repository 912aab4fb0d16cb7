// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/sql_log.hpp"
#include "support/sql_text.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;
using test::mentions;
using test::SqlLog;

namespace collection_models {

struct Book;
struct Note;
struct Tag;

struct Shelf {
    std::int64_t id{};
    std::string name;
    Many<Book> books;
    Many<Note> notes;
    Many<Note> log;
    Many<Tag> tags;
};
struct Book {
    std::int64_t id{};
    std::string title;
    std::optional<std::int64_t> shelf_id;
    One<Shelf> shelf;
};
struct Note {
    std::int64_t id{};
    std::string text;
    std::optional<std::int64_t> shelf_id;
    std::optional<std::int64_t> log_id;
};
struct Tag {
    std::int64_t id{};
    std::string word;
};

void describe(Mapping<Shelf>& shelf) {
    shelf.table("shelves");
    shelf.column<&Shelf::id>().primary_key();
    shelf.column<&Shelf::name>(String(40));
    shelf.relationship<&Shelf::books>()
        .lazy(Lazy::dynamic)
        .order_by<&Book::title>()
        .backref<&Book::shelf>();
    shelf.relationship<&Shelf::notes>().foreign_keys<&Note::shelf_id>().order_by(
        [](auto note) { return note(&Note::text).desc(); });
    shelf.relationship<&Shelf::log>().foreign_keys<&Note::log_id>().lazy(Lazy::write_only);
    const Table shelf_tags("shelf_tags",
                           Column("shelf_id", BigInteger()).references("shelves.id").primary_key(),
                           Column("tag_id", BigInteger()).references("tags.id").primary_key());
    shelf.relationship<&Shelf::tags>().secondary(shelf_tags).order_by<&Tag::word>();
}
void describe(Mapping<Book>& book) {
    book.table("shelf_books");
    book.column<&Book::id>().primary_key();
    book.column<&Book::title>(String(40));
    book.column<&Book::shelf_id>().references<&Shelf::id>();
}
void describe(Mapping<Note>& note) {
    note.table("shelf_notes");
    note.column<&Note::id>().primary_key();
    note.column<&Note::text>(String(40));
    note.column<&Note::shelf_id>().references<&Shelf::id>();
    note.column<&Note::log_id>().references<&Shelf::id>();
}
void describe(Mapping<Tag>& tag) {
    tag.table("tags");
    tag.column<&Tag::id>().primary_key();
    tag.column<&Tag::word>(String(40));
}

/// A shelf with the books c, a, b, the notes 1, 2, 3 and the tags x, y; another one that is empty.
struct House : Backend {
    House() {
        database().create_all<Shelf, Book, Note, Tag>();
        Session session = database().session();
        const auto shelf = session.add(Shelf{.name = "full"});
        session.add(Shelf{.name = "empty"});
        for (const char* title : {"c", "a", "b"})
            shelf->books.add(session.add(Book{.title = title}));
        for (const char* text : {"1", "2", "3"}) shelf->notes.add(session.add(Note{.text = text}));
        for (const char* word : {"y", "x"}) shelf->tags.add(session.add(Tag{.word = word}));
        session.add(Tag{.word = "unused"});
        session.commit();
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::shared_ptr<Shelf> shelf(Session& session, const char* name = "full") {
        auto found = session.query<Shelf>().where(col(&Shelf::name) == name).one();
        log->clear();
        return found;
    }
    std::unique_ptr<SqlLog> log;
};

std::string titles(const Many<Book>& books) {
    std::string all;
    for (const auto& book : books) all += book->title;
    return all;
}
std::string texts(const std::vector<std::shared_ptr<Note>>& notes) {
    std::string all;
    for (const auto& note : notes) all += note->text;
    return all;
}
std::string words(const std::vector<std::shared_ptr<Tag>>& tags) {
    std::string all;
    for (const auto& tag : tags) all += tag->word;
    return all;
}

} // namespace collection_models

using namespace collection_models;

TEST_CASE("LOAD-06 a dynamic collection is a query each time and is never held") {
    House house;
    Session session = house->session();
    const auto shelf = house.shelf(session);

    CHECK(titles(shelf->books) == "abc");
    CHECK(house.log->count() == 1);
    CHECK_FALSE(shelf->books.loaded());
    CHECK(titles(shelf->books) == "abc");
    CHECK(house.log->count() == 2);

    house.log->clear();
    CHECK(shelf->books.size() == 3);
    CHECK_FALSE(shelf->books.empty());
    CHECK(shelf->books[1]->title == "b");
    CHECK(shelf->books.front()->title == "a");
    CHECK(shelf->books.back()->title == "c");
    const auto sent = house.log->texts();
    REQUIRE(sent.size() == 6); // back() counts first
    CHECK(mentions(sent[0], "COUNT(*)"));
    CHECK_FALSE(mentions(sent[1], "title"));
    for (const auto& sql : sent) CHECK_MESSAGE(mentions(sql, "shelf_id = "), sql);
    CHECK_THROWS_AS(shelf->books.load(), StateError);
    CHECK_THROWS_AS(static_cast<void>(selectin<&Shelf::books>()), ArgumentError);
    CHECK_THROWS_AS(static_cast<void>(shelf->books[3]), std::out_of_range);
    const auto empty = house.shelf(session, "empty");
    CHECK(empty->books.empty());
    CHECK_THROWS_AS(static_cast<void>(empty->books.front()), std::out_of_range);
    CHECK_THROWS_AS(static_cast<void>(empty->books.back()), std::out_of_range);

    const auto begin = shelf->books.begin();
    CHECK(shelf->books.end() - begin == 3);
    CHECK((*(begin + 2))->title == "c");
}

TEST_CASE("LOAD-07 filters on a dynamic collection see what is pending") {
    House house;
    Session session = house->session();
    const auto shelf = house.shelf(session);
    const auto late = session.add(Book{.title = "d"});
    shelf->books.add(late);
    CHECK(house.log->count() == 0);

    const auto after_b = shelf->books.query().where(col(&Book::title) > "b");
    CHECK(after_b.count() == 2);
    CHECK(after_b.order_by(col(&Book::title).desc()).first() == late);
    CHECK(house.log->count("INSERT") == 1);
    CHECK(titles(shelf->books) == "abcd");
    shelf->books.remove(late);
    CHECK(titles(shelf->books) == "abc");
    session.commit();
    CHECK_FALSE(late->shelf_id.has_value());

    SUBCASE("of an owner that is pending itself") {
        const auto fresh = session.add(Shelf{.name = "new"});
        fresh->books.add(late);
        CHECK(titles(fresh->books) == "d");
        CHECK(fresh->id != 0);
        CHECK(late->shelf_id == fresh->id);
        CHECK_FALSE(fresh->books.loaded());
    }
    SUBCASE("given with the owner") {
        const auto fresh = session.add(Shelf{.name = "new", .books = {late}});
        CHECK(fresh->books.size() == 1);
        CHECK(late->shelf == fresh);
    }
    SUBCASE("cleared") {
        shelf->books.clear();
        CHECK(shelf->books.empty());
        session.commit();
        CHECK(session.query<Book>().where(col(&Book::shelf_id) == null).count() == 4);
    }
    SUBCASE("deleted with the owner's row") {
        session.delete_(shelf);
        CHECK_NOTHROW(shelf->notes.clear());
        shelf->tags.clear();
        session.commit();
        CHECK(session.query<Book>().where(col(&Book::shelf_id) == null).count() == 4);
    }
    SUBCASE("after the session") {
        auto ended = std::make_unique<Session>(house->session());
        const auto kept = house.shelf(*ended);
        ended.reset();
        CHECK_THROWS_AS(static_cast<void>(kept->books.size()), DetachedError);
        CHECK_THROWS_AS(static_cast<void>(kept->books.begin()), DetachedError);
        CHECK_THROWS_AS(static_cast<void>(kept->books.query()), DetachedError);
    }
}

TEST_CASE("LOAD-35 an unloaded collection counts, looks and pages without loading") {
    House house;
    Session session = house->session();
    const auto shelf = house.shelf(session);

    SUBCASE("one to many") {
        CHECK(shelf->notes.count() == 3);
        CHECK(texts(shelf->notes.slice(0, 2)) == "32");
        CHECK(texts(shelf->notes.slice(2, 5)) == "1");
        CHECK(shelf->notes.slice(3, 5).empty());
        const auto sent = house.log->texts();
        REQUIRE(sent.size() == 4);
        CHECK(mentions(sent[0], "COUNT(*)"));
        CHECK(mentions(sent[1], "LIMIT"));
        CHECK(mentions(sent[2], "OFFSET"));
        house.log->clear();
        const auto note = shelf->notes.slice(0, 1).front();
        house.log->clear();
        CHECK(shelf->notes.contains(note));
        CHECK_FALSE(shelf->log.contains(note));
        CHECK(house.log->count() == 0);
        CHECK_FALSE(shelf->notes.loaded());
    }
    SUBCASE("many to many") {
        const auto unused = session.query<Tag>().where(col(&Tag::word) == "unused").one();
        const auto used = session.query<Tag>().where(col(&Tag::word) == "x").one();
        house.log->clear();
        CHECK(shelf->tags.count() == 2);
        CHECK(words(shelf->tags.slice(0, 1)) == "x");
        CHECK(words(shelf->tags.slice(1, 1)) == "y");
        CHECK(shelf->tags.contains(used));
        CHECK_FALSE(shelf->tags.contains(unused));
        CHECK(shelf->tags.query().where(col(&Tag::word) != "y").count() == 1);
        CHECK(house.log->count() == 6);
        CHECK_FALSE(shelf->tags.loaded());
        house.log->clear();
        shelf->tags.add(unused);
        shelf->tags.remove(used);
        CHECK(shelf->tags.contains(unused));
        CHECK_FALSE(shelf->tags.contains(used));
        CHECK(house.log->count() == 0);
        CHECK(shelf->tags.count() == 2);
        CHECK(words(shelf->tags.slice(0, 9)) == "unusedy");
        CHECK_FALSE(shelf->tags.loaded());
    }
    SUBCASE("pending changes are flushed first") {
        const auto fresh = session.add(Note{.text = "4"});
        shelf->notes.add(fresh);
        CHECK(shelf->notes.contains(fresh));
        CHECK(house.log->count() == 0);
        CHECK(shelf->notes.count() == 4);
        CHECK(texts(shelf->notes.slice(0, 1)) == "4");
        CHECK_FALSE(shelf->notes.loaded());
    }
    SUBCASE("or counted in, where the session must not flush") {
        const auto first = shelf->notes.slice(0, 1).front();
        const auto other = session.query<Tag>().where(col(&Tag::word) == "unused").one();
        const auto guard = session.no_autoflush();
        shelf->notes.add(session.add(Note{.text = "4"}));
        shelf->notes.add(session.add(Note{.text = "5"}));
        shelf->notes.remove(first);
        shelf->tags.add(other);
        CHECK(shelf->notes.count() == 4);
        CHECK(shelf->tags.count() == 3);
        CHECK_FALSE(shelf->notes.contains(first));
        CHECK(house.log->count("INSERT") == 0);
    }
    SUBCASE("a loaded one answers from memory") {
        CHECK(shelf->notes.size() == 3);
        house.log->clear();
        CHECK(shelf->notes.count() == 3);
        CHECK(texts(shelf->notes.slice(1, 1)) == "2");
        CHECK(shelf->notes.contains(shelf->notes[0]));
        CHECK(house.log->count() == 0);
    }
    SUBCASE("an object of nobody or of another session is no member") {
        Session other = house->session();
        const auto foreign = other.query<Note>().first();
        house.log->clear();
        CHECK_FALSE(shelf->notes.contains(foreign));
        CHECK_FALSE(shelf->notes.contains(std::make_shared<Note>()));
        CHECK_FALSE(shelf->notes.contains(nullptr));
        CHECK_NOTHROW(shelf->notes.remove(foreign));
        CHECK_NOTHROW(shelf->tags.remove(std::make_shared<Tag>()));
        CHECK(house.log->count() == 0);
    }
    SUBCASE("outside of a session") {
        const auto note = session.query<Note>().first();
        const Shelf plain{.notes = {note}};
        CHECK(plain.notes.count() == 1);
        CHECK(plain.notes.contains(note));
        CHECK(plain.notes.slice(0, 3).size() == 1);
    }
}

TEST_CASE("REL-40 a write-only collection of ten thousand is changed and counted without loading") {
    House house;
    constexpr int many = 10000;
    {
        Session session = house->session();
        const auto shelf = house.shelf(session);
        for (int i = 0; i < many; ++i) shelf->log.add(session.add(Note{.text = std::to_string(i)}));
        CHECK(house.log->count("SELECT") == 0);
        session.commit();
        CHECK(house.log->rows("INSERT") == many);
        CHECK(house.log->count("SELECT") == 0);
        CHECK(house.log->count("UPDATE") == 0);
    }
    Session session = house->session();
    const auto shelf = house.shelf(session);
    CHECK(shelf->log.count() == many);
    const auto last = shelf->log.query().order_by(col(&Note::id).desc()).first();
    CHECK(shelf->log.contains(last));
    CHECK(house.log->count() == 2);
    shelf->log.remove(last);
    shelf->log.add(session.add(Note{.text = "more"}));
    session.commit();
    CHECK_MESSAGE(house.log->count("SELECT") == 2, house.log->dump());
    CHECK(house.log->rows("INSERT") == 1);
    CHECK(house.log->rows("UPDATE") == 1);
    CHECK_FALSE(last->log_id.has_value());
    CHECK(shelf->log.count() == many);
    CHECK(shelf->log.slice(0, 10).size() == 10);

    for (const auto& refused : {"begin", "size", "index"}) {
        CAPTURE(refused);
        const std::string what(refused);
        try {
            if (what == "begin") static_cast<void>(shelf->log.begin());
            if (what == "size") static_cast<void>(shelf->log.size());
            if (what == "index") static_cast<void>(shelf->log[0]);
            FAIL("a write-only collection was read");
        } catch (const StateError& error) {
            CHECK(std::string(error.what()).find("use query()") != std::string::npos);
            CHECK(std::string(error.what()).find("Shelf.log") != std::string::npos);
        }
    }
}
