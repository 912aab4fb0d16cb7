// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/music.hpp"
#include "support/sql_log.hpp"

#include <mercator/schema/naming_convention.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <typeinfo>

using namespace mercator;
using namespace fixtures::music;
using test::Backend;

namespace {

/// Runs the body, expects exactly the class `Expected`, and hands the error over.
template <class Expected>
Expected thrown_by(const std::function<void()>& body) {
    try {
        body();
    } catch (const Expected& error) {
        CHECK_MESSAGE(typeid(error) == typeid(Expected), error.what());
        CHECK_FALSE(std::string(error.what()).empty());
        return error;
    }
    throw std::runtime_error("nothing was thrown");
}

struct Library : Backend {
    Library() {
        database().create_all<Artist, Album, Song>();
        Session session = database().session();
        session.add(Artist{.name = "Miles"});
        const auto album = session.add(Album{.title = "Kind of Blue"});
        session.commit();
        album_id = album->id;
    }
    std::int64_t album_id = 0;
};

} // namespace

TEST_CASE("KEY-08 a unique violation is one class with the constraint's name and columns") {
    Library library;
    Session session = library->session();
    const auto artist = session.add(Artist{.name = "Miles"});
    const auto error = thrown_by<UniqueViolation>([&] { session.commit(); });
    CHECK(error.code() == ErrorCode::UniqueViolation);
    CHECK(std::string(error.statement()).find("INSERT") == 0);
    CHECK(error.constraint() == "uq_artist_name");
    CHECK(error.columns() == std::vector<std::string>{"name"});
    CHECK(std::string(error.what()).find("Miles") == std::string::npos);
    session.expunge(artist);
    session.commit();
}

TEST_CASE("KEY-08 unique over two columns, a unique index and a unique column have the names that "
          "the schema gave them") {
    Backend backend;
    const Table table{"say \"places\"",
                      Column("id", Integer()).primary_key(),
                      Column("shop, \"x\"", Integer()),
                      Column("number", Integer()),
                      Column("code", String(10)).unique(),
                      Column("tag", String(10)),
                      UniqueConstraint{"uq once, \"twice\"", {"shop, \"x\"", "number"}},
                      Index{"ix_tag", {"tag"}, true}};
    backend->add(table);
    backend->create_all<>();
    const auto insert = [&](int shop, int number, const char* code, const char* tag) {
        ast::Insert statement;
        statement.table = std::make_shared<ast::TableRef>(ast::TableRef{"", table.name, ""});
        const std::vector<Value> values{Value(shop), Value(number), Value(code), Value(tag)};
        for (std::size_t i = 0; i < values.size(); ++i) {
            const Column& column = table.columns.at(i + 1);
            statement.columns.push_back({column.name, column.type, true});
            statement.values.push_back(ast::bind(values[i], column.type));
        }
        Connection connection = backend->engine().connect();
        Transaction transaction(connection);
        connection.execute(statement);
        transaction.commit();
    };
    insert(1, 1, "a", "a");
    insert(1, 2, "b", "b");
    CHECK(thrown_by<UniqueViolation>([&] { insert(1, 2, "c", "c"); }).constraint() ==
          "uq once, \"twice\"");
    CHECK(thrown_by<UniqueViolation>([&] { insert(2, 2, "a", "c"); }).constraint() ==
          schema::unique_name(table.name, {"code"}));
    CHECK(thrown_by<UniqueViolation>([&] { insert(2, 2, "c", "b"); }).constraint() == "ix_tag");
    insert(2, 2, "c", "c");
}

TEST_CASE("a foreign key violation is one class, whichever side") {
    Library library;
    Session session = library->session();
    SUBCASE("of a child") {
        session.add(Song{.title = "So What", .plays = 1, .album_id = 4711});
        const auto error = thrown_by<ForeignKeyViolation>([&] { session.commit(); });
        CHECK(error.code() == ErrorCode::ForeignKeyViolation);
        if (!error.constraint().empty())
            CHECK(error.columns() == std::vector<std::string>{"album_id"});
    }
    SUBCASE("of a parent") {
        session.add(Song{.title = "So What", .plays = 1, .album_id = library.album_id});
        session.commit();
        session.delete_(session.get<Album>(library.album_id));
        const auto error = thrown_by<ForeignKeyViolation>([&] { session.commit(); });
        CHECK(error.code() == ErrorCode::ForeignKeyViolation);
    }
    session.rollback();
    CHECK(session.query<Album>().count() == 1);
}

TEST_CASE("a NOT NULL violation is one class that names the column") {
    Library library;
    const auto error = thrown_by<NotNullViolation>([&] {
        library.run("INSERT INTO " + library.quoted("artists") + " (" + library.quoted("name") +
                    ") VALUES (NULL)");
    });
    CHECK(error.code() == ErrorCode::NotNullViolation);
    CHECK(error.column() == "name");
    CHECK(error.columns() == std::vector<std::string>{"name"});
}

TEST_CASE("a required parent that was never given is a NOT NULL violation before any SQL") {
    Library library;
    test::SqlLog log(library->engine());
    Session session = library->session();
    const auto song = session.add(Song{.title = "So What", .plays = 1});
    const auto error = thrown_by<NotNullViolation>([&] { session.commit(); });
    CHECK(std::string(error.what()).find("Song.album") != std::string::npos);
    CHECK(log.count() == 0);
    song->album = session.get<Album>(library.album_id);
    session.commit();
    CHECK(song->album_id == library.album_id);
}

TEST_CASE("a check violation is one class with the constraint's name") {
    Library library;
    if (!library.can().check_constraints) {
        test::skip("this backend does not enforce CHECK");
        return;
    }
    Session session = library->session();
    const auto song = session.add(
        Song{.title = "So What", .seconds = -1, .plays = 1, .album_id = library.album_id});
    const auto error = thrown_by<CheckViolation>([&] { session.commit(); });
    CHECK(error.code() == ErrorCode::CheckViolation);
    CHECK(error.constraint() == "ck_song_seconds");
    CHECK(error.columns() == std::vector<std::string>{"seconds"});
    song->seconds = 562;
    session.commit();
    song->seconds = -2;
    thrown_by<CheckViolation>([&] { session.commit(); });
    song->seconds = 3;
    session.commit();
    CHECK(library->session().get<Song>(song->id)->seconds == 3);
}

TEST_CASE("a missing table, a missing column and broken syntax are ProgrammingErrors that show the "
          "statement") {
    Library library;
    for (const char* sql : {"SELECT 1 FROM nowhere", "SELECT nothing FROM artists", "SELEKT 1"}) {
        CAPTURE(sql);
        Session session = library->session();
        const auto error =
            thrown_by<ProgrammingError>([&] { session.connection().fetch_all(sql); });
        CHECK(error.statement() == sql);
        session.rollback();
        CHECK(session.query<Artist>().count() == 1);
    }
    {
        Session session = library->session();
        library.run("DROP TABLE " + library.quoted("songs"));
        thrown_by<ProgrammingError>([&] { static_cast<void>(session.query<Song>().all()); });
    }
}

TEST_CASE("a text that is too long for a column with a limit is a DataError, where the backend has "
          "limits") {
    Library library;
    Session session = library->session();
    const auto artist = session.add(Artist{.name = std::string(500, 'x')});
    try {
        session.commit();
    } catch (const DatabaseError& error) {
        CHECK(error.code() == ErrorCode::Data);
        CHECK(typeid(error) == typeid(DataError));
        artist->name = "short";
        session.commit();
    }
    CHECK(session.status(artist) == ObjectStatus::Persistent);
}

TEST_CASE("data that looks like an error message does not change the class") {
    Library library;
    Session session = library->session();
    session.add(Artist{.name = "deadlock detected"});
    session.add(Artist{.name = "server closed the connection unexpectedly"});
    session.commit();
    session.add(Artist{.name = "server closed the connection unexpectedly"});
    const auto error = thrown_by<UniqueViolation>([&] { session.commit(); });
    CHECK_FALSE(error.connection_lost());
    session.rollback();
    session.add(Artist{.name = "deadlock detected"});
    thrown_by<UniqueViolation>([&] { session.commit(); });
}

TEST_CASE("a NULL in a member that cannot hold it is a DataError that names the member") {
    Backend backend;
    backend.run("CREATE TABLE " + backend.quoted("artists") + " (" + backend.quoted("id") +
                " INTEGER PRIMARY KEY, " + backend.quoted("name") + " VARCHAR(80), " +
                backend.quoted("country") + " VARCHAR(40))");
    backend.run("INSERT INTO " + backend.quoted("artists") + " (" + backend.quoted("id") +
                ") VALUES (1)");
    Session session = backend->session();
    try {
        static_cast<void>(session.get<Artist>(1));
        FAIL("a NULL was read into a std::string");
    } catch (const DataError& error) {
        CHECK(std::string(error.what()).find("Artist.name") != std::string::npos);
    }
    CHECK(session.query<Artist>().count() == 1);
}
