// SPDX-License-Identifier: MIT
// Prepared statements that the server no longer wants as they are, and how many of them are kept.
#include "support/backend.hpp"
#include "support/fixtures/music.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace mercator;
using namespace fixtures::music;
using test::Backend;

namespace {

/// Text that no builder of ours makes: its result changes with the table.
std::shared_ptr<const Compiled> everything_of(const Backend& backend, const std::string& table) {
    const auto compiled = std::make_shared<Compiled>();
    compiled->sql = "SELECT * FROM " + backend.quoted(table);
    return compiled;
}

std::size_t columns(Connection& connection, const std::shared_ptr<const Compiled>& compiled) {
    const StatementLease lease = connection.execute(compiled, std::span<const Value>());
    std::vector<Value> row;
    std::size_t count = 0;
    while (lease->fetch(row)) count = row.size();
    return count;
}

struct Library : Backend {
    Library() :
        Backend(Config{.busy_timeout = std::chrono::milliseconds(500)}),
        elsewhere(another()) {
        database().create_all<Artist, Album, Song>();
        Session session = database().session();
        session.add(Artist{.name = "Miles", .country = "USA"});
        session.add(Album{.title = "Debut"});
        session.commit();
    }
    /// Another application changes the table.
    void add_column(const std::string& name) {
        elsewhere->engine().connect().execute_script("ALTER TABLE " + quoted("artists") +
                                                     " ADD COLUMN " + quoted(name) + " INTEGER");
    }
    /// The same rows in a new place, where there is a statement for that.
    void rebuild() {
        try {
            elsewhere->engine().connect().execute_script("ALTER TABLE " + quoted("artists") +
                                                         " FORCE");
        } catch (const ProgrammingError&) {
        }
    }
    std::unique_ptr<Database> elsewhere;
};

/// How many statements the server holds for all its clients; nothing where nobody counts.
std::optional<std::int64_t> prepared_on_server(Library& library) {
    Connection connection = library->engine().connect();
    try {
        const auto rows = connection.fetch_all("SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'");
        const auto* count = rows.at(0).at(1).get_if<std::string>();
        REQUIRE(count != nullptr);
        return std::stoll(*count);
    } catch (const ProgrammingError&) { // another spelling, or none
        return std::nullopt;
    }
}

} // namespace

TEST_CASE("B30 a cached statement is prepared again when a column was added elsewhere") {
    Library library;
    const auto compiled = everything_of(library, "artists");
    Connection connection = library->engine().connect();
    CHECK(columns(connection, compiled) == 3);
    const std::size_t prepared = connection.prepared_statements();
    SUBCASE("outside a transaction") {
        library.add_column("extra");
        CHECK(columns(connection, compiled) == 4);
    }
    SUBCASE("as the first statement of a transaction") {
        connection.begin();
        library.add_column("extra");
        CHECK(columns(connection, compiled) == 4);
        CHECK(connection.in_transaction());
        connection.commit();
    }
    SUBCASE("many times over") {
        for (std::size_t i = 0; i < 5; ++i) {
            library.add_column("extra" + std::to_string(i));
            CHECK(columns(connection, compiled) == 4 + i);
        }
    }
    CHECK(connection.prepared_statements() == prepared); // the new one in the place of the old one
}

TEST_CASE("B30 later in a transaction it works, or is a typed error after which a rollback heals") {
    Library library;
    const auto artists = everything_of(library, "artists");
    const auto albums = everything_of(library, "albums");
    Connection connection = library->engine().connect();
    CHECK(columns(connection, artists) == 3);
    connection.begin();
    CHECK(columns(connection, albums) == 4);
    library.add_column("extra");
    SUBCASE("a column is added") {}
    SUBCASE("a column is added and the table is built anew") {
        library.rebuild();
    }
    try {
        const std::size_t seen = columns(connection, artists);
        CHECK((seen == 3 || seen == 4)); // the transaction's view, or today's
        connection.commit();
    } catch (const DatabaseError& error) {
        CHECK_MESSAGE((error.code() == ErrorCode::StatementInvalidated ||
                       error.code() == ErrorCode::Serialization),
                      std::string(error.what()));
        connection.rollback();
    }
    CHECK(columns(connection, artists) == 4);
}

TEST_CASE("B30 a session reads and writes on after a column was added elsewhere, at any point of "
          "its transaction") {
    Library library;
    Session session = library->session();
    const auto rename = [&](const std::string& name) {
        const auto artist = session.query<Artist>().where(col(&Artist::country) == "USA").one();
        artist->name = name;
        session.commit();
    };
    rename("a");
    library.add_column("one");
    rename("b"); // its first statement is a cached one
    static_cast<void>(session.query<Album>().count());
    library.add_column("two");
    SUBCASE("a column is added") {}
    SUBCASE("a column is added and the table is built anew") {
        library.rebuild();
    }
    try {
        rename("c"); // its second
    } catch (const DatabaseError& error) {
        CHECK_MESSAGE((error.code() == ErrorCode::StatementInvalidated ||
                       error.code() == ErrorCode::Serialization),
                      std::string(error.what()));
        session.rollback();
        rename("c");
    }
    session.add(Artist{.name = "new"});
    session.commit();
    CHECK(library->session().query<Artist>().where(col(&Artist::name) == "c").count() == 1);
    CHECK(session.query<Artist>().count() == 2);
}

TEST_CASE("B31 statements that were forgotten behind our back are prepared again") {
    Library library;
    Session session = library->session();
    const auto forget = [&] { session.connection().execute_script("DISCARD ALL"); };
    {
        Connection connection = library->engine().connect();
        try {
            connection.execute_script("DISCARD ALL");
        } catch (const ProgrammingError&) {
            test::skip("this backend cannot forget prepared statements");
            return;
        }
        const auto compiled = everything_of(library, "artists");
        CHECK(columns(connection, compiled) == 3);
        connection.execute_script("DISCARD ALL");
        CHECK(columns(connection, compiled) == 3); // outside a transaction
        connection.execute_script("DEALLOCATE ALL");
        connection.begin();
        CHECK(columns(connection, compiled) == 3); // first in a transaction
        CHECK(columns(connection, compiled) == 3);
        connection.commit();

        connection.begin();
        connection.execute_script("DEALLOCATE ALL");
        CHECK_THROWS_AS(static_cast<void>(columns(connection, compiled)),
                        ProgrammingError); // later in one
        connection.rollback();
        CHECK(columns(connection, compiled) == 3);
    }
    CHECK_THROWS_AS(forget(), DatabaseError); // not within a session's transaction
    session.rollback();
    CHECK(session.query<Artist>().count() == 1);
}

TEST_CASE("B31 a session heals after its statements were forgotten within its transaction") {
    Library library;
    Session session = library->session();
    CHECK(session.query<Artist>().count() == 1);
    try {
        session.connection().execute_script("DEALLOCATE ALL");
    } catch (const ProgrammingError&) {
        test::skip("this backend cannot forget prepared statements");
        return;
    }
    try {
        static_cast<void>(session.query<Artist>().count());
        FAIL("a forgotten statement ran");
    } catch (const ProgrammingError& error) {
        CHECK(error.code() == ErrorCode::StatementInvalidated);
    }
    session.rollback();
    session.add(Artist{.name = "after"});
    session.commit();
    CHECK(session.query<Artist>().count() == 2);
}

TEST_CASE("B32 a thousand distinct statements leave as many prepared as the limit says") {
    Library library;
    constexpr std::size_t limit = 20;
    const auto before = prepared_on_server(library);
    Config config = library.config();
    config.statement_cache_size = limit;
    Database database(config);
    Session session = database.session();
    for (int i = 0; i < 1'000; ++i) {
        std::vector<Condition> conditions;
        for (int bit = 0; bit < 10; ++bit) { // a structure for each number
            conditions.push_back((i >> bit & 1) != 0 ? Condition(col(&Artist::name) != "x")
                                                     : Condition(col(&Artist::id) > bit));
        }
        CHECK(session.query<Artist>().where(all_of(conditions)).all().size() <= 1);
        if (i % 100 == 99) CHECK(session.connection().prepared_statements() == limit);
    }
    CHECK(database.engine().statistics().compile_misses >= 1'000);
    session.rollback(); // what left the cache is gone from the server when the next transaction has
                        // begun
    try {
        const auto rows =
            session.connection().fetch_all("SELECT count(*) FROM pg_prepared_statements");
        const auto* count = rows.at(0).at(0).get_if<std::int64_t>();
        REQUIRE(count != nullptr);
        CHECK(*count <= std::int64_t(limit) + 1); // and this question
    } catch (const ProgrammingError&) {           // no such view here
    }
    if (const auto count = prepared_on_server(library)) {
        REQUIRE(before.has_value());
        CHECK(*count - *before <= std::int64_t(limit) + 1);
        CHECK(*count - *before >= std::int64_t(limit) / 2); // it does count ours
    }
}
