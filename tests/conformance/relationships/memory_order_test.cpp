// SPDX-License-Identifier: MIT
// Places in collections that no column keeps.
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace {

/// Nothing keeps the order of these.
struct Book;
struct Label;
struct Shelf {
    std::int64_t id{};
    Many<Book> books;
    Many<Label> labels;
};
struct Book {
    std::int64_t id{};
    std::string name;
    std::int64_t shelf_id{};
};
struct Label {
    std::int64_t id{};
    std::string name;
};
const Table
    labelled("ordering_labelled",
             Column("shelf_id", BigInteger()).primary_key().references("ordering_shelves.id"),
             Column("label_id", BigInteger()).primary_key().references("ordering_labels.id"));

void describe(Mapping<Shelf>& shelf) {
    shelf.table("ordering_shelves");
    shelf.column<&Shelf::id>().primary_key();
    shelf.relationship<&Shelf::books>();
    shelf.relationship<&Shelf::labels>().secondary(labelled);
}
void describe(Mapping<Book>& book) {
    book.table("ordering_books");
    book.column<&Book::id>().primary_key();
    book.column<&Book::name>(String(40));
    book.column<&Book::shelf_id>().references<&Shelf::id>();
}
void describe(Mapping<Label>& label) {
    label.table("ordering_labels");
    label.column<&Label::id>().primary_key();
    label.column<&Label::name>(String(40));
}

template <class T>
std::string names(const Many<T>& list) {
    std::string text;
    for (const auto& member : list) text += member->name;
    return text;
}

template <class T>
std::shared_ptr<T> named(Session& session, std::string name) {
    T member;
    member.name = std::move(name);
    return session.add(std::move(member));
}

} // namespace

TEST_CASE("REL-33 without an ordering list, insert and move order memory alone") {
    Backend backend;
    backend->create_all<Shelf, Book, Label>();
    Session session = backend->session();
    auto shelf = session.add(Shelf{});
    for (const auto* name : {"a", "b", "c"}) {
        shelf->books.add(named<Book>(session, name));
        shelf->labels.add(named<Label>(session, name));
    }
    session.commit();
    SqlLog log(backend->engine());
    shelf->books.move(2, 0);
    shelf->labels.move(0, 2);
    CHECK_FALSE(session.is_dirty());
    session.flush();
    CHECK(log.count() == 0);
    shelf->books.insert(1, named<Book>(session, "x"));
    shelf->labels.insert(0, named<Label>(session, "y"));
    session.flush();
    CAPTURE(log.dump());
    CHECK(log.rows("INSERT") == 3); // the two, and a row of the table between
    CHECK(log.count("UPDATE") == 0);
    session.commit();
    CHECK(names(shelf->books) == "cxab");
    CHECK(names(shelf->labels) == "ybca");
    CHECK(shelf->books.contains(shelf->books[3]));
    Session fresh = backend->session();
    CHECK(names(fresh.get<Shelf>(shelf->id)->books) == "abcx");
}
