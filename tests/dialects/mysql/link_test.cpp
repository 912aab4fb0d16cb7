// SPDX-License-Identifier: MIT
// What a connection is between statements: its life and end, transactions, scripts, several
// results.
#include "mysql_dialect.hpp"

#include <fmt/format.h>

#include <thread>

using namespace mercator;
using mysql_test::caught;

TEST_CASE_TEMPLATE(
    "mysql reports a wrong password and a closed port as typed errors without the password", Driver,
    MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    server->url.password = "hush-hush";
    const auto denied = caught<OperationalError>([&] { static_cast<void>(server->connect()); });
    CHECK(denied.native_code() == 1045);
    CHECK(std::string(denied.what()).find("hush") == std::string::npos);
    server->url.hosts.front().port = 1;
    const auto closed = caught<DisconnectError>([&] { static_cast<void>(server->connect()); });
    CHECK(std::string(closed.what()).find("hush") == std::string::npos);
}

TEST_CASE_TEMPLATE("mysql notices that its link was killed and does not come back by itself",
                   Driver, MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    const auto victim = server->connect();
    const auto id = mysql_test::Server::run(*victim, "SELECT CONNECTION_ID()").front().front();
    victim->begin(TransactionMode::Write);
    server->link->execute_script("KILL " + display(id));
    CHECK_THROWS_AS(mysql_test::Server::run(*victim, "SELECT 1"), DisconnectError);
    CHECK(victim->is_broken());
    CHECK_FALSE(victim->in_transaction());
    CHECK_THROWS_AS(victim->ping(), DisconnectError);
    server->link->ping();
}

TEST_CASE_TEMPLATE("mysql reports a prepared statement that no longer fits and keeps the link",
                   Driver, MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    server->link->execute_script("DROP TABLE IF EXISTS growing; CREATE TABLE growing (a INT); "
                                 "INSERT INTO growing VALUES (1)");
    auto compiled = std::make_shared<Compiled>();
    compiled->sql = "SELECT * FROM growing";
    const auto statement = server->link->prepare(compiled);
    std::vector<Value> row;
    statement->execute(std::span<const Value>());
    CHECK(statement->fetch(row));
    statement->reset();
    const auto other = server->connect();
    other->execute_script("ALTER TABLE growing ADD COLUMN b INT DEFAULT 5");
    const auto error =
        caught<ProgrammingError>([&] { statement->execute(std::span<const Value>()); });
    CHECK(error.code() == ErrorCode::StatementInvalidated);
    CHECK_FALSE(server->link->is_broken());
    statement->reset();
    statement->execute(std::span<const Value>());
    CHECK(statement->fetch(row));
    CHECK(row == std::vector<Value>{Value(1), Value(5)});
    statement->reset();
    CHECK(server->run("SELECT 1").size() == 1);
}

TEST_CASE_TEMPLATE(
    "mysql follows transactions, savepoints and the commit hidden in a schema change", Driver,
    MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    server->link->execute_script(
        "DROP TABLE IF EXISTS ledger; CREATE TABLE ledger (n INT) ENGINE=InnoDB");
    CHECK_FALSE(server->link->in_transaction());
    server->link->begin(TransactionMode::Write);
    CHECK(server->link->in_transaction());
    server->run("INSERT INTO ledger VALUES (1)");
    server->link->savepoint("a`b; --");
    server->run("INSERT INTO ledger VALUES (2)");
    server->link->rollback_to_savepoint("a`b; --");
    server->link->release_savepoint("a`b; --");
    server->link->commit();
    CHECK(server->run("SELECT n FROM ledger").size() == 1);
    server->link->begin(TransactionMode::Write);
    server->link->execute_script("CREATE TEMPORARY TABLE passing (n INT)");
    CHECK(server->link->in_transaction());
    server->link->execute_script("-- a comment first\nDROP TABLE IF EXISTS gone");
    CHECK_FALSE(server->link->in_transaction());
    server->link->begin(TransactionMode::Write);
    server->run("DELETE FROM ledger");
    server->link->reset();
    CHECK_FALSE(server->link->in_transaction());
    CHECK(server->run("SELECT n FROM ledger").size() == 1);
}

TEST_CASE_TEMPLATE(
    "mysql knows that a deadlock ended the transaction and lets nothing slip out of it", Driver,
    MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    server->link->execute_script(
        "DROP TABLE IF EXISTS pair; CREATE TABLE pair (id INT PRIMARY KEY, n INT) ENGINE=InnoDB;"
        "INSERT INTO pair VALUES (1, 0), (2, 0), (3, 0), (4, 0)");
    const auto other = server->connect();
    server->link->begin(TransactionMode::Write);
    other->begin(TransactionMode::Write);
    server->run("UPDATE pair SET n = 1 WHERE id = 1");
    mysql_test::Server::run(*other, "UPDATE pair SET n = 2 WHERE id > 1");
    std::thread heavier(
        [&] { mysql_test::Server::run(*other, "UPDATE pair SET n = 2 WHERE id = 1"); });
    // Whichever of the two comes second closes the circle; the lighter transaction, ours, is the
    // victim.
    const auto error =
        caught<DeadlockError>([&] { server->run("UPDATE pair SET n = 1 WHERE id = 2"); });
    heavier.join();
    CHECK(error.transaction_aborted());
    CHECK_FALSE(server->link->in_transaction());
    CHECK_THROWS_AS(server->run("UPDATE pair SET n = 9 WHERE id = 4"), DeadlockError);
    CHECK_THROWS_AS(server->link->commit(), DeadlockError);
    server->link->rollback();
    other->commit();
    CHECK(server->run("SELECT n FROM pair WHERE id = 4").front().front() == Value(2));
}

TEST_CASE_TEMPLATE("mysql runs scripts with quotes, comments and routine bodies", Driver,
                   MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    server->link->execute_script(
        "DROP TABLE IF EXISTS scripted; -- a ; in a comment\n"
        "CREATE TABLE scripted (t VARCHAR(40)); # another ;\n"
        "INSERT INTO scripted VALUES ('a;b'), ('it''s; \\'), (\"c;d\"); /* ; */ ;;\n"
        "DROP PROCEDURE IF EXISTS fill;\n"
        "CREATE PROCEDURE fill(n INT) BEGIN DECLARE i INT DEFAULT 0;\n"
        "  WHILE i < n DO IF i = 1 THEN INSERT INTO scripted VALUES ('one'); ELSE INSERT INTO "
        "scripted VALUES ('other'); END IF;\n"
        "  SET i = i + 1; END WHILE; END;\n"
        "SELECT 1; CALL fill(2)");
    const auto rows = server->run("SELECT t FROM scripted");
    REQUIRE(rows.size() == 5);
    CHECK(rows[1].front() == Value("it's; \\"));
    CHECK(rows[4].front() == Value("one"));
}

TEST_CASE_TEMPLATE("mysql gives a link back with the database and the settings it began with",
                   Driver, MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    const auto before = server->run("SELECT DATABASE(), @@time_zone, @@sql_mode");
    server->link->execute_script("USE information_schema; SET time_zone = '+05:00', sql_mode = ''");
    server->link->reset();
    CHECK(server->run("SELECT DATABASE(), @@time_zone, @@sql_mode") == before);
}

TEST_CASE_TEMPLATE("mysql lists tables, columns and indexes of the current database", Driver,
                   MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    server->link->execute_script(
        "DROP TABLE IF EXISTS looked_at; CREATE TABLE looked_at (id INT PRIMARY KEY, a VARCHAR(5),"
        " b INT NOT NULL, UNIQUE KEY u_ab (b, a), KEY i_b (b))");
    const auto inspector = server->dialect->inspector(*server->link);
    CHECK(inspector->has_table("looked_at"));
    CHECK_FALSE(inspector->has_table("LOOKED_AT"));
    const auto columns = inspector->columns("looked_at");
    REQUIRE(columns.size() == 3);
    CHECK(columns[0].primary_key);
    CHECK(columns[1].native_type == "varchar(5)");
    CHECK(columns[1].nullable);
    CHECK_FALSE(columns[2].nullable);
    const auto indexes = inspector->indexes("looked_at");
    REQUIRE(indexes.size() == 2);
    CHECK(indexes[1].name == "u_ab");
    CHECK(indexes[1].unique);
    CHECK(indexes[1].columns == std::vector<std::string>{"b", "a"});
}

TEST_CASE_TEMPLATE("mysql runs statements while another still has rows to give, and gives them all",
                   Driver, MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    server->link->execute_script("DROP TABLE IF EXISTS numbers; CREATE TABLE numbers (n INT);"
                                 "INSERT INTO numbers VALUES (1), (2), (3)");
    for (int size = 3; size < 3'000; size *= 10) { // by 1, 2 ... 9 times what there is
        server->link->execute_script(fmt::format(
            "INSERT INTO numbers SELECT n + {0} * f FROM numbers, (SELECT 1 AS f UNION SELECT 2 "
            "UNION "
            "SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 "
            "UNION SELECT 9) AS factors",
            size));
    }
    const auto prepare = [&](const char* sql) {
        auto compiled = std::make_shared<Compiled>();
        compiled->sql = sql;
        return server->link->prepare(std::move(compiled));
    };
    const auto outer = prepare("SELECT n, REPEAT('x', 5000) FROM numbers ORDER BY n");
    const auto inner = prepare("SELECT n FROM numbers WHERE n < 1000 ORDER BY n DESC");
    std::vector<Value> row;
    for (int round = 0; round < 3; ++round) {
        outer->execute(std::span<const Value>());
        inner->execute(std::span<const Value>());
        REQUIRE(inner->fetch(row));
        CHECK(row.front() == Value(999));
        for (int n = 1; n <= 3000; ++n) {
            REQUIRE(outer->fetch(row));
            REQUIRE(row.front() == Value(n));
            REQUIRE(row.back() == Value(std::string(5000, 'x')));
            if (n == 2) inner->reset();
            if (n == 3) server->link->execute_script("DELETE FROM numbers WHERE n > 3000");
            if (n == 4)
                CHECK(server->run("SELECT COUNT(*) FROM numbers").front().front() == Value(3000));
        }
        CHECK_FALSE(outer->fetch(row));
        CHECK_FALSE(outer->fetch(row));
        outer->reset();
    }
    SUBCASE("a result that nobody reads to its end") {
        for (int round = 0; round < 3; ++round) {
            outer->execute(std::span<const Value>());
            CHECK(outer->fetch(row));
            outer->reset();
            inner->execute(std::span<const Value>());
            inner->reset();
        }
    }
    SUBCASE("a statement that goes away while another has rows") {
        outer->execute(std::span<const Value>());
        CHECK(outer->fetch(row));
        prepare("SELECT 1").reset();
        CHECK(outer->fetch(row));
        CHECK(row.front() == Value(2));
        outer->reset();
    }
}

TEST_CASE_TEMPLATE("mysql reads results again whose columns have changed their types in between",
                   Driver, MYSQL_DRIVERS) {
    auto server = mysql_test::server<Driver>();
    if (!server) return;
    server->link->execute_script("DROP TABLE IF EXISTS changing; CREATE TABLE changing (a INT);"
                                 "INSERT INTO changing VALUES (7)");
    auto compiled = std::make_shared<Compiled>();
    compiled->sql = "SELECT a FROM changing";
    const auto statement = server->link->prepare(std::move(compiled));
    const auto read = [&] {
        std::vector<Value> row;
        statement->execute(std::span<const Value>());
        CHECK(statement->fetch(row));
        statement->reset();
        return row.front();
    };
    CHECK(read() == Value(7));
    server->link->execute_script("ALTER TABLE changing MODIFY a VARCHAR(3000)");
    CHECK(read() == Value("7"));
    server->run("UPDATE changing SET a = REPEAT('y', 3000)");
    CHECK(read() == Value(std::string(3000, 'y')));
}
