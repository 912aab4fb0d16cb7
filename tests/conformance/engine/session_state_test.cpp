// SPDX-License-Identifier: MIT
// What one user of a connection leaves behind, the next one must not find.
#include "support/backend.hpp"

#include <mercator/engine/engine.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/url.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace mercator;
using test::Backend;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<Engine> engine_of_one(const Backend& backend) {
    EngineOptions options;
    options.pool_size = 1;
    options.pool_timeout = 5s;
    return std::make_unique<Engine>(backend.uri(), options);
}

struct Trace {
    const char* change;
    const char* probe;
};

// Each backend knows some of them.
constexpr Trace traces[] = {
    {"SET statement_timeout = 12345", "SHOW statement_timeout"},
    {"SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "SHOW transaction_read_only"},
    {"SET SESSION lock_wait_timeout = 77", "SELECT @@lock_wait_timeout"},
    {"SET @mercator_left = 5", "SELECT @mercator_left"},
    {"SELECT @mercator_left := 5", "SELECT @mercator_left"},
    {"CREATE TEMPORARY TABLE left_over (a INT)", "SELECT COUNT(*) FROM left_over"},
    {"SELECT pg_advisory_lock(42)",
     "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"},
    {"SELECT set_config('application_name', 'left', false)", "SHOW application_name"},
    {"SELECT GET_LOCK('mercator_left', 0)", "SELECT IS_FREE_LOCK('mercator_left')"},
    {"SELECT 5 INTO @mercator_left", "SELECT @mercator_left"},
    {"WITH held AS (SELECT GET_LOCK('mercator_left', 0) AS it) SELECT it FROM held",
     "SELECT IS_FREE_LOCK('mercator_left')"},
    {"/*!40014 SET foreign_key_checks = 0 */", "SELECT @@foreign_key_checks"},
    {"EXECUTE IMMEDIATE 'SET foreign_key_checks = 0'", "SELECT @@foreign_key_checks"},
    {"CREATE OR REPLACE TEMPORARY TABLE left_over (a INT)", "SELECT COUNT(*) FROM left_over"},
    {"LISTEN mercator_left", "SELECT COUNT(*) FROM pg_listening_channels()"},
    {"SET ROLE pg_monitor", "SELECT current_user"},
    {"DECLARE left_cursor CURSOR WITH HOLD FOR SELECT 1",
     "SELECT COUNT(*) FROM pg_cursors WHERE name = 'left_cursor'"},
    {"PRAGMA foreign_keys = 0", "PRAGMA foreign_keys"},
    {"PRAGMA case_sensitive_like(1)", "SELECT 'a' LIKE 'A'"},
    {"ATTACH ':memory:' AS left_attached", "SELECT COUNT(*) FROM pragma_database_list"},
};

std::string outcome(Engine& engine, const char* probe) {
    try {
        std::string text;
        for (const auto& row : engine.connect().fetch_all(probe))
            for (const Value& value : row) text += display(value) + ' ';
        return text;
    } catch (const Error&) { // not this backend's
        return "refused";
    }
}

bool change(Engine& engine, const char* sql, bool as_script) {
    Connection connection = engine.connect();
    try {
        if (as_script) {
            connection.execute_script(sql);
        } else {
            connection.fetch_all(sql);
        }
        return true;
    } catch (const Error&) {
        return false;
    }
}

} // namespace

TEST_CASE("CON-15 settings, temporary tables, locks and roles end with the lease") {
    Backend backend;
    int known = 0;
    for (const Trace& trace : traces) {
        CAPTURE(trace.change);
        for (const bool as_script : {true, false}) {
            CAPTURE(as_script);
            const auto engine = engine_of_one(backend);
            const std::string before = outcome(*engine, trace.probe);
            if (!change(*engine, trace.change, as_script)) continue;
            ++known;
            CHECK(outcome(*engine, trace.probe) == before);
        }
    }
    CHECK(known >= 4);
}

TEST_CASE("CON-15 a link that changed nothing in its session is kept") {
    Backend backend;
    backend.run("CREATE TABLE kept (id INT PRIMARY KEY)");
    const auto engine = engine_of_one(backend);
    for (int i = 0; i < 5; ++i) {
        Connection connection = engine->connect();
        connection.begin();
        connection.execute_script("INSERT INTO kept VALUES (" + std::to_string(i) + ")");
        connection.fetch_all("SELECT * FROM kept");
        connection.commit();
    }
    CHECK(engine->statistics().connections_opened == 1);
    backend.run("DROP TABLE kept");
}

TEST_CASE(
    "CON-15 a connection given back in a transaction is rolled back before it is used again") {
    Backend backend;
    backend.run("CREATE TABLE leaked (id INT PRIMARY KEY)");
    const auto engine = engine_of_one(backend);
    {
        Connection connection = engine->connect();
        connection.begin();
        connection.execute_script("INSERT INTO leaked VALUES (1)");
    }
    Connection next = engine->connect();
    CHECK_FALSE(next.in_transaction());
    CHECK(next.fetch_all("SELECT * FROM leaked").empty());
    CHECK(engine->statistics().connections_opened == 1);
    next.begin();
    next.execute_script("INSERT INTO leaked VALUES (2)");
    next.commit();
    CHECK(backend.rows("SELECT * FROM leaked").size() == 1);
    backend.run("DROP TABLE leaked");
}

TEST_CASE("CON-15 whatever a text does to the transaction, the next user does not commit it") {
    Backend backend;
    backend.run("CREATE TABLE unfinished (id INT PRIMARY KEY)");
    for (const char* text :
         {"SELECT 1", "COMMIT AND CHAIN", "ROLLBACK AND CHAIN", "COMMIT AND NO CHAIN; BEGIN",
          "CREATE OR REPLACE TEMPORARY TABLE chained (a INT)", "COMMIT; XA START 'unfinished'"}) {
        CAPTURE(text);
        const auto engine = engine_of_one(backend);
        try {
            Connection connection = engine->connect();
            connection.begin();
            connection.execute_script(text);
            connection.execute_script("INSERT INTO unfinished VALUES (1)");
        } catch (const Error&) { // not this backend's
        }
        Connection next = engine->connect();
        CHECK_FALSE(next.in_transaction());
        next.begin();
        next.commit();
        CHECK(backend.rows("SELECT * FROM unfinished").empty());
    }
    backend.run("DROP TABLE unfinished");
}

TEST_CASE("CON-15 a text with a zero byte is refused, and nothing before the byte runs") {
    Backend backend;
    backend.run("CREATE TABLE whole (id INT PRIMARY KEY)");
    backend.run("INSERT INTO whole VALUES (1)");
    const std::string text = std::string("DELETE FROM whole") + '\0' + " WHERE id = 2";
    const auto engine = engine_of_one(backend);
    CHECK_THROWS_AS(engine->connect().execute_script(text), ProgrammingError);
    CHECK_THROWS_AS(engine->connect().fetch_all(text), ProgrammingError);
    CHECK(backend.rows("SELECT * FROM whole").size() == 1);
    backend.run("DROP TABLE whole");
}

TEST_CASE("TXN-10 after a swallowed error a commit either commits or says that it did not") {
    Backend backend;
    backend.run("CREATE TABLE halves (id INT PRIMARY KEY)");
    const auto engine = engine_of_one(backend);
    bool committed = true;
    {
        Connection connection = engine->connect();
        connection.begin();
        connection.execute_script("INSERT INTO halves VALUES (1)");
        CHECK_THROWS_AS(connection.execute_script("INSERT INTO halves VALUES (1)"),
                        UniqueViolation);
        try {
            connection.commit();
        } catch (const Error&) {
            committed = false;
        }
        CHECK_FALSE(connection.in_transaction());
    }
    CHECK(backend.rows("SELECT * FROM halves").size() == (committed ? 1U : 0U));
    Connection next = engine->connect();
    CHECK_FALSE(next.in_transaction());
    next.begin();
    next.execute_script("INSERT INTO halves VALUES (2)");
    next.commit();
    backend.run("DROP TABLE halves");
}

TEST_CASE(
    "TXN-10 a commit that a deferred constraint refuses leaves nothing open for the next user") {
    Backend backend;
    if (!backend.can().deferrable_foreign_keys) {
        return test::skip("constraints are checked at once here; other cases let a commit fail");
    }
    backend.run("CREATE TABLE parents (id INT PRIMARY KEY)");
    backend.run("CREATE TABLE children (id INT PRIMARY KEY, parent INT REFERENCES parents (id) "
                "DEFERRABLE INITIALLY DEFERRED)");
    const auto engine = engine_of_one(backend);
    {
        Connection connection = engine->connect();
        connection.begin();
        connection.execute_script("INSERT INTO children VALUES (1, 99)");
        CHECK_THROWS_AS(connection.commit(), ForeignKeyViolation);
    }
    Connection next = engine->connect();
    CHECK_FALSE(next.in_transaction());
    CHECK(next.fetch_all("SELECT * FROM children").empty());
    next.begin();
    next.execute_script("INSERT INTO parents VALUES (1)");
    next.commit();
    CHECK(backend.rows("SELECT * FROM parents").size() == 1);
    backend.run("DROP TABLE children");
    backend.run("DROP TABLE parents");
}

TEST_CASE("CON-31 one link stays open for all who use it one after the other") {
    Backend backend;
    const auto engine = engine_of_one(backend);
    for (int i = 0; i < 20; ++i)
        CHECK(engine->connect().fetch_all("SELECT 1").at(0).at(0) == Value(1));
    CHECK(engine->statistics().connections_opened == 1);
    CHECK(engine->statistics().statements_executed == 20);
}

TEST_CASE(
    "CON-13 a server that ends an idle transaction is told as a lost link; the pool recovers") {
    Backend backend;
    const auto engine = engine_of_one(backend);
    bool limited = false;
    {
        Connection connection = engine->connect();
        for (const char* sql :
             {"SET idle_in_transaction_session_timeout = 200", "SET SESSION wait_timeout = 1"}) {
            try {
                connection.execute_script(sql);
                limited = true;
            } catch (const DatabaseError&) { // the other spelling
            }
        }
        if (!limited) return test::skip("idle transactions have no limit here");
        connection.begin();
        std::this_thread::sleep_for(2s);
        try {
            connection.fetch_all("SELECT 1");
            FAIL("the server let it live");
        } catch (const DisconnectError& error) {
            CHECK(error.connection_lost());
        }
        CHECK_FALSE(connection.in_transaction());
    }
    CHECK(engine->connect().fetch_all("SELECT 1").size() == 1);
    CHECK(engine->statistics().connections_opened == 2);
}

TEST_CASE("CON-13 a server that takes no more connections is an OperationalError, and works again "
          "when one ends") {
    Backend backend;
    Url url = Url::parse(backend.uri());
    if (url.hosts.empty()) return test::skip("files count no connections");
    bool made = false;
    for (const std::string sql : {"CREATE ROLE few LOGIN PASSWORD 'few' CONNECTION LIMIT 1",
                                  "GRANT ALL ON *.* TO 'few'@'127.0.0.1' IDENTIFIED BY 'few' WITH "
                                  "MAX_USER_CONNECTIONS 1"}) {
        try {
            backend.run(sql);
            made = true;
        } catch (const DatabaseError&) { // the other spelling
        }
    }
    if (!made) return test::skip("the test's user may not make users");
    url.user = "few";
    url.password = "few";
    {
        Engine engine(url);
        std::optional<Connection> first = engine.connect();
        for (int i = 0; i < 3; ++i) {
            try {
                static_cast<void>(engine.connect());
                FAIL("the limit was not kept");
            } catch (const OperationalError& error) {
                CHECK((!error.sqlstate().empty() || error.native_code() != 0));
                CHECK(error.code() != ErrorCode::Timeout);
            }
        }
        first.reset();
        CHECK(engine.connect().fetch_all("SELECT 1").size() == 1);
        CHECK(engine.statistics().in_use == 0);
    }
    for (const char* sql : {"DROP ROLE few", "DROP USER 'few'@'127.0.0.1'"}) {
        try {
            backend.run(sql);
        } catch (const DatabaseError&) { // the other spelling
        }
    }
}
