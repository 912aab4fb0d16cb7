// SPDX-License-Identifier: MIT
// merge without asking for the row: what a cache has is taken for what the database has.
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/session/database.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace {

struct CachedAuthor {
    std::int64_t id{};
    std::string name;
    Deferred<std::string> life;
    Many<struct CachedBook> books;
};
struct CachedBook {
    std::int64_t id{};
    std::string title;
    std::int64_t author_id{};
    One<CachedAuthor> author;
};
void describe(Mapping<CachedAuthor>& author) {
    author.table("cached_authors");
    author.column<&CachedAuthor::id>().primary_key();
    author.column<&CachedAuthor::name>(String(40));
    author.column<&CachedAuthor::life>(String(40)).deferred();
    author.relationship<&CachedAuthor::books>().back_populates<&CachedBook::author>();
}
void describe(Mapping<CachedBook>& book) {
    book.table("cached_books");
    book.column<&CachedBook::id>().primary_key();
    book.column<&CachedBook::title>(String(40));
    book.column<&CachedBook::author_id>().references<&CachedAuthor::id>();
    book.relationship<&CachedBook::author>().back_populates<&CachedAuthor::books>();
}

std::int64_t fill(Backend& backend) {
    backend->create_all<CachedAuthor, CachedBook>();
    Session session = backend->session();
    const auto author = session.add(CachedAuthor{.name = "ada", .life = "long"});
    for (const char* title : {"one", "two"})
        session.add(CachedBook{.title = title})->author = author;
    session.commit();
    return author->id;
}

} // namespace

TEST_CASE(
    "UOW-11 merge with MergeLoad::no takes a handle's state for the row's, without a SELECT") {
    Backend backend;
    const auto id = fill(backend);
    Session cache = backend->session();
    const auto kept = cache.get<CachedAuthor>(id);
    REQUIRE(kept->books.size() == 2);
    cache.commit();

    Session session = backend->session();
    SqlLog log(backend->engine());
    const auto author = session.merge(kept, MergeLoad::no);
    CHECK(author != kept);
    CHECK(author->name == "ada");
    CHECK(author->books.size() == 2);
    CHECK(author->books[1]->title == "two");
    CHECK(author->books[1]->author.handle() == author);
    CHECK(session.get<CachedAuthor>(id) == author);
    CHECK_FALSE(session.is_modified(author));
    session.commit();
    CHECK_MESSAGE(log.count() == 0, log.dump());

    // What it did not have loads when it is touched; what is changed from now on is written.
    CHECK(*author->life == "long");
    CHECK(log.count("SELECT") == 1);
    author->books[0]->title = "first";
    session.commit();
    CHECK(log.count("UPDATE") == 1);
    CHECK(log.rows("UPDATE") == 1);
    session.delete_(author->books[0]);
    session.commit();
    CHECK(log.count("DELETE") == 1);
    CHECK(session.query<CachedBook>().count() == 1);
}

TEST_CASE(
    "UOW-11 merge with MergeLoad::no takes a plain struct as the row, and renews what is there") {
    Backend backend;
    const auto id = fill(backend);
    Session session = backend->session();
    SqlLog log(backend->engine());
    CachedAuthor given{.id = id, .name = "eve", .life = "short"};
    CachedBook book{.id = 70, .title = "three"};
    given.books.add(std::make_shared<CachedBook>(book));
    const auto author = session.merge(given, MergeLoad::no);
    CHECK(author->name == "eve");
    CHECK(*author->life == "short");
    REQUIRE(author->books.size() == 1);
    CHECK(author->books[0]->author_id == id);
    CHECK(author->books[0]->author.handle() == author);
    session.flush();
    given.name = "mia";
    CHECK(session.merge(given, MergeLoad::no) == author);
    CHECK(author->name == "mia");
    session.flush();
    CHECK_MESSAGE(log.count() == 0, log.dump());
    CHECK(session.query<CachedBook>().count() == 2);
    session.commit();
    // A later transaction reads what is really there.
    CHECK(session.get<CachedAuthor>(id) == author);
    CHECK(author->name == "ada");
}

TEST_CASE("UOW-11 merge with MergeLoad::no refuses what cannot be the state of a row") {
    Backend backend;
    const auto id = fill(backend);
    Session session = backend->session();
    const auto refuses = [&](const auto& object, const char* word) {
        CHECK_THROWS_WITH_AS(session.merge(object, MergeLoad::no), doctest::Contains(word),
                             StateError);
    };
    refuses(CachedAuthor{.name = "new"}, "CachedAuthor.id is not set");

    Session other = backend->session();
    refuses(other.add(CachedAuthor{.name = "new"}), "stands for no row");
    const auto theirs = other.get<CachedAuthor>(id);
    theirs->name = "changed";
    refuses(theirs, "has not flushed");
    other.rollback();
    const auto loose = other.get<CachedAuthor>(id);
    other.add(CachedBook{.title = "linked"})->author = loose;
    refuses(loose, "has not flushed");

    const auto own = session.get<CachedAuthor>(id);
    own->name = "mine";
    refuses(CachedAuthor{.id = id, .name = "theirs"}, "flush or expire it first");
    CHECK(own->name == "mine");
    session.delete_(own);
    refuses(CachedAuthor{.id = id, .name = "theirs"}, "to be deleted");
    session.rollback();
    CHECK(session.merge(own, MergeLoad::no) == own);
}
