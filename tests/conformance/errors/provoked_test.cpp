// SPDX-License-Identifier: MIT
// Every kind of failure, provoked for real: exactly one class each, the same on every backend. What
// provokes it is spelled differently, so a case offers spellings and takes the first that the
// database understands.
#include "support/backend.hpp"

#include <mercator/engine/connection.hpp>
#include <mercator/engine/engine.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/url.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <thread>
#include <typeinfo>

using namespace mercator;
using test::Backend;

namespace {

constexpr const char* canary = "c4n4ry v4lue";

struct Ground : Backend {
    Ground() {
        run("CREATE TABLE parents (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(80) NOT NULL, "
            "amount "
            "INTEGER, CONSTRAINT uq_parents_name UNIQUE (name), CONSTRAINT ck_parents_amount CHECK "
            "(amount < 100))");
        run("CREATE TABLE children (id INTEGER NOT NULL PRIMARY KEY, parent INTEGER NOT NULL, "
            "CONSTRAINT fk_children_parent FOREIGN KEY (parent) REFERENCES parents (id))");
        run(std::string("INSERT INTO parents (id, name) VALUES (1, '") + canary + "')");
        run("INSERT INTO parents (id, name) VALUES (2, 'other')");
        run("INSERT INTO children (id, parent) VALUES (1, 1)");
    }
    Connection connect() { return database().engine().connect(); }
};

/// Runs the first of the scripts that the database understands; false if it understands none.
bool first_of(Connection& connection, std::initializer_list<const char*> scripts) {
    for (const char* script : scripts) {
        try {
            connection.execute_script(script);
            return true;
        } catch (const DatabaseError&) {
            if (connection.in_transaction()) connection.rollback();
        }
    }
    return false;
}

/// What the body throws, which must be of exactly this class and complete.
template <class Expected>
Expected provoked(const std::function<void()>& body) {
    try {
        body();
    } catch (const Expected& error) {
        CHECK_MESSAGE(typeid(error) == typeid(Expected), error.what());
        CHECK(error.id() == name(error.code()));
        CHECK((!error.sqlstate().empty() || error.native_code() != 0));
        const std::string text = error.what();
        CHECK_MESSAGE(text.find(error.id()) != std::string::npos, text);
        CHECK(error.info().message.find(canary) == std::string::npos);
        return error;
    } catch (const DatabaseError& error) {
        FAIL(error.id() << " instead: " << error.what());
    }
    FAIL("nothing was thrown");
    throw std::logic_error("unreachable");
}

template <class Expected>
Expected provoked(Connection& connection, const std::string& sql) {
    auto error = provoked<Expected>([&] { connection.execute_script(sql); });
    CHECK(error.statement() == sql);
    if (connection.in_transaction()) connection.rollback();
    return error;
}

/// The link lives, and the data is what it was.
void check_unharmed(Ground& ground) {
    CHECK(ground.rows("SELECT id FROM parents").size() == 2);
    CHECK(ground.rows("SELECT id FROM children").size() == 1);
}

bool is_server(const Backend& backend) {
    return !Url::parse(backend.uri()).hosts.empty();
}

/// A second user who may do nothing but come in, once at a time.
class Guest {
public:
    explicit Guest(Ground& ground) : ground_(ground) {
        Connection connection = ground.connect();
        const std::string database = Url::parse(ground.uri()).database;
        there_ = first_of(
            connection, {"GRANT USAGE ON *.* TO 'mercator_guest'@'127.0.0.1' IDENTIFIED BY 'guest' "
                         "WITH MAX_USER_CONNECTIONS 1;"
                         "GRANT SELECT ON children TO 'mercator_guest'@'127.0.0.1'",
                         "CREATE ROLE mercator_guest LOGIN PASSWORD 'guest' CONNECTION LIMIT 1"});
    }
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;
    ~Guest() {
        if (!there_) return;
        Connection connection = ground_.connect();
        first_of(connection,
                 {"DROP USER 'mercator_guest'@'127.0.0.1'", "DROP ROLE mercator_guest"});
    }
    [[nodiscard]] bool is_there() const noexcept { return there_; }
    [[nodiscard]] Database database(const char* password = "guest") const {
        Url url = Url::parse(ground_.uri());
        url.user = "mercator_guest";
        url.password = password;
        return Database(Config{.uri = url.to_string(true)});
    }

private:
    Ground& ground_;
    bool there_ = false;
};

/// Holds a row for as long as it lives, so that whoever wants to write it has to wait.
struct Holder {
    explicit Holder(Ground& ground) : connection(ground.connect()) {
        connection.begin(TransactionMode::Write);
        connection.execute_script("UPDATE parents SET amount = 1 WHERE id = 1");
    }
    Connection connection;
};

constexpr const char* waiting = "UPDATE parents SET amount = 2 WHERE id = 1";

} // namespace

TEST_CASE("B22 KEY-32 constraint violations are one class each and name what was violated") {
    Ground ground;
    Connection connection = ground.connect();
    // A file's engine checks foreign keys by counting; it does not know which one is left over.
    const bool names_foreign_keys = is_server(ground);
    if (!names_foreign_keys)
        test::cannot("KEY-32", "which foreign key was violated it does not say");
    {
        INFO("unique");
        const auto error =
            provoked<UniqueViolation>(connection, "INSERT INTO " + ground.quoted("parents") +
                                                      " (id, name) VALUES (3, '" + canary + "')");
        CHECK(error.constraint() == "uq_parents_name");
        CHECK(error.table() == "parents");
    }
    {
        INFO("primary key");
        provoked<UniqueViolation>(connection, "INSERT INTO parents (id, name) VALUES (1, 'x')");
    }
    {
        INFO("foreign key of a child");
        const auto error = provoked<ForeignKeyViolation>(
            connection, "INSERT INTO children (id, parent) VALUES (2, 77)");
        if (names_foreign_keys) {
            CHECK(error.constraint() == "fk_children_parent");
            CHECK(error.table() == "children");
        }
    }
    {
        INFO("foreign key of a parent");
        const auto error =
            provoked<ForeignKeyViolation>(connection, "DELETE FROM parents WHERE id = 1");
        if (names_foreign_keys) CHECK(error.constraint() == "fk_children_parent");
    }
    {
        INFO("NOT NULL");
        const auto error = provoked<NotNullViolation>(
            connection, "INSERT INTO " + ground.quoted("parents") + " (id, name) VALUES (3, NULL)");
        CHECK(error.column() == "name");
        CHECK(error.table() == "parents");
    }
    if (ground.can().check_constraints) {
        INFO("check");
        const auto error = provoked<CheckViolation>(
            connection, "INSERT INTO parents (id, name, amount) VALUES (3, 'x', 100)");
        CHECK(error.constraint() == "ck_parents_amount");
    }
    check_unharmed(ground);
}

TEST_CASE("B22 B24 LOG-08 statements that do not fit the schema are ProgrammingErrors") {
    Ground ground;
    Connection connection = ground.connect();
    for (const char* sql :
         {"SELEKT 1", "SELECT 1 FROM nowhere", "SELECT nothing FROM parents",
          "INSERT INTO nowhere (id) VALUES (1)", "INSERT INTO parents (id, nothing) VALUES (1, 2)",
          "INSERT INTO parents (id, name) VALUES (1)", "DROP TABLE nowhere",
          "CREATE TABLE parents (id INTEGER)", "SELECT id FROM parents, children"}) {
        CAPTURE(sql);
        CHECK(provoked<ProgrammingError>(connection, sql).code() == ErrorCode::Programming);
    }
    check_unharmed(ground);
}

TEST_CASE("B22 values that do not fit are DataErrors, where the backend looks at them") {
    Ground ground;
    Connection connection = ground.connect();
    const std::string too_long = std::string(90, 'x');
    for (const std::string& sql :
         {"INSERT INTO parents (id, name) VALUES (5, '" + too_long + "')",
          std::string("INSERT INTO parents (id, name, amount) VALUES (5, 'x', 99999999999)"),
          std::string("INSERT INTO parents (id, name, amount) VALUES (5, 'x', '") + canary +
              "')"}) {
        CAPTURE(sql);
        try {
            connection.execute_script(sql);
            CHECK_MESSAGE(!is_server(ground), "a server stored it");
            connection.execute_script("DELETE FROM parents WHERE id = 5");
        } catch (const CheckViolation&) { // a file keeps any number; here a check looks at it
            CHECK_FALSE(is_server(ground));
        } catch (const DatabaseError&) {
            CHECK(provoked<DataError>(connection, sql).code() == ErrorCode::Data);
        }
    }
    check_unharmed(ground);
}

TEST_CASE("B22 a missing permission is an OperationalError, and so are a wrong password and one "
          "connection too many") {
    Ground ground;
    if (!is_server(ground)) {
        test::skip("this backend has no users");
        return;
    }
    const Guest guest(ground);
    REQUIRE(guest.is_there());
    {
        Database database = guest.database();
        Connection connection = database.engine().connect();
        for (const char* sql : {"SELECT id FROM parents", "DELETE FROM parents"}) {
            CAPTURE(sql);
            CHECK(provoked<OperationalError>(connection, sql).code() == ErrorCode::Operational);
        }
        Database second = guest.database();
        const auto error =
            provoked<OperationalError>([&] { static_cast<void>(second.engine().connect()); });
        CHECK(error.code() == ErrorCode::Operational);
    }
    Database wrong = guest.database("not the password");
    const auto error =
        provoked<OperationalError>([&] { static_cast<void>(wrong.engine().connect()); });
    CHECK(std::string(error.what()).find("not the password") == std::string::npos);
    check_unharmed(ground);
}

TEST_CASE("B22 writing where only reading is allowed is an OperationalError") {
    Ground ground;
    Connection connection = ground.connect();
    REQUIRE(
        first_of(connection, {"PRAGMA query_only = ON", "SET default_transaction_read_only = on",
                              "SET SESSION TRANSACTION READ ONLY"}));
    provoked<OperationalError>(connection, "DELETE FROM children");
    connection.invalidate();
    check_unharmed(ground);
}

TEST_CASE("B22 a full disk is an OperationalError") {
    Ground ground;
    Connection connection = ground.connect();
    if (is_server(ground) || !first_of(connection, {"PRAGMA max_page_count = 1"})) {
        test::skip("the disk of a server cannot be filled from here");
        return;
    }
    const auto error = provoked<OperationalError>([&] {
        connection.execute_script("CREATE TABLE large (data BLOB)");
        for (int i = 0; i < 100; ++i)
            connection.execute_script("INSERT INTO large VALUES (zeroblob(100000))");
    });
    CHECK(error.code() == ErrorCode::Operational);
    connection.invalidate();
    check_unharmed(ground);
}

TEST_CASE("B22 waiting for a lock too long is a TimeoutError") {
    Ground ground;
    Connection waiter = ground.connect();
    REQUIRE(first_of(waiter, {"PRAGMA busy_timeout = 100", "SET innodb_lock_wait_timeout = 1",
                              "SET lock_timeout = '100ms'"}));
    {
        const Holder holder(ground);
        CHECK(provoked<TimeoutError>(waiter, waiting).code() == ErrorCode::Timeout);
    }
    waiter.execute_script(waiting);
    waiter.invalidate();
}

TEST_CASE("B22 a statement that runs too long is a TimeoutError") {
    Ground ground;
    Connection connection = ground.connect();
    if (!first_of(connection,
                  {"SET max_statement_time = 0.2", "SET statement_timeout = '200ms'"})) {
        test::skip("this backend has no deadline for statements");
        return;
    }
    const Holder holder(ground);
    const auto error = provoked<TimeoutError>(connection, waiting);
    CHECK(error.code() == ErrorCode::Timeout);
    CHECK_FALSE(error.connection_lost());
    connection.invalidate();
    check_unharmed(ground);
}

/// The number by which another connection can cancel what this one does; empty if nobody can.
std::string number_of(Connection& connection) {
    for (const char* who : {"SELECT CONNECTION_ID()", "SELECT pg_backend_pid()"}) {
        try {
            const Value id = connection.fetch_all(who).at(0).at(0);
            if (const auto* held = id.get_if<std::uint64_t>()) return std::to_string(*held);
            return std::to_string(*id.get_if<std::int64_t>());
        } catch (const DatabaseError&) {
            if (connection.in_transaction()) connection.rollback();
        }
    }
    return {};
}

TEST_CASE("B22 a statement that is cancelled is a TimeoutError, and the link lives") {
    Ground ground;
    Connection victim = ground.connect();
    Connection killer = ground.connect();
    const std::string number = number_of(victim);
    if (number.empty()) {
        test::skip("nobody can cancel a statement here");
        return;
    }
    const Holder holder(ground);
    // Nobody knows when the victim has begun to wait, so there are further attempts; far apart,
    // because a server may take a second to notice and a late one would hit the next statement.
    std::jthread cancel([&](const std::stop_token& done) {
        const std::string kill = "KILL QUERY " + number;
        const std::string request = "SELECT pg_cancel_backend(" + number + ")";
        for (int tick = 1; !done.stop_requested(); ++tick) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            if (tick % 200 == 25) first_of(killer, {kill.c_str(), request.c_str()});
        }
    });
    const auto error = provoked<TimeoutError>(victim, waiting);
    cancel.request_stop();
    cancel.join();
    CHECK(error.code() == ErrorCode::Timeout);
    CHECK_FALSE(error.connection_lost());
    CHECK(victim.fetch_all("SELECT id FROM parents").size() == 2);
}

TEST_CASE("B22 two transactions that wait for each other: one ends with a DeadlockError") {
    Ground ground;
    Connection one = ground.connect();
    Connection two = ground.connect();
    first_of(two, {"PRAGMA busy_timeout = 100"});
    one.begin(TransactionMode::Write);
    one.execute_script("UPDATE parents SET amount = 1 WHERE id = 1");
    try {
        two.begin(TransactionMode::Write);
    } catch (const TimeoutError&) {
        two.invalidate();
        one.rollback();
        test::skip("one transaction writes at a time here, so none can wait for each other");
        return;
    }
    two.execute_script("UPDATE parents SET amount = 2 WHERE id = 2");
    int deadlocks = 0;
    const auto cross = [&](Connection& connection, const char* sql) {
        try {
            connection.execute_script(sql);
            connection.commit();
        } catch (const DeadlockError& error) {
            CHECK(typeid(error) == typeid(DeadlockError));
            CHECK(error.transaction_aborted());
            CHECK_FALSE(error.connection_lost());
            ++deadlocks;
            connection.rollback();
        }
    };
    std::thread other([&] { cross(two, "UPDATE parents SET amount = 2 WHERE id = 1"); });
    cross(one, "UPDATE parents SET amount = 1 WHERE id = 2");
    other.join();
    CHECK(deadlocks == 1);
    check_unharmed(ground);
}

TEST_CASE("B22 a transaction that has seen what is no longer true ends with a SerializationError") {
    Ground ground;
    Connection reader = ground.connect();
    const bool strict = first_of(
        reader, {"PRAGMA user_version", "SET innodb_snapshot_isolation = ON",
                 "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ"});
    reader.begin(TransactionMode::Read);
    CHECK(reader.fetch_all("SELECT amount FROM parents WHERE id = 1").size() == 1);
    ground.run("UPDATE parents SET amount = 5 WHERE id = 1");
    const char* sql = "UPDATE parents SET amount = 6 WHERE id = 1";
    if (strict) {
        const auto error = provoked<SerializationError>([&] { reader.execute_script(sql); });
        CHECK(error.code() == ErrorCode::Serialization);
        CHECK_FALSE(error.connection_lost());
    } else { // the database overwrites, whatever was read
        CHECK_NOTHROW(reader.execute_script(sql));
    }
    reader.rollback();
    reader.invalidate();
    CHECK(ground.rows("SELECT id FROM parents WHERE amount = 5").size() == 1);
}

TEST_CASE("B25 data that looks like another failure does not change the class, and no link is "
          "thrown away") {
    Ground ground;
    Connection connection = ground.connect();
    int id = 10;
    for (const char* hostile :
         {"server closed the connection unexpectedly", "deadlock detected",
          "MySQL server has gone away", "database is locked", "UNIQUE constraint failed: x.y",
          "' for key 'evil'", "`evil`.`x`, CONSTRAINT `evil`", "could not serialize access",
          "FATAL:  57P01: terminating connection", "Lost connection to server during query"}) {
        CAPTURE(hostile);
        std::string quoted;
        for (const char* c = hostile; *c != '\0'; ++c)
            quoted += *c == '\'' ? "''" : std::string(1, *c);
        const auto insert = [&] {
            return "INSERT INTO parents (id, name) VALUES (" + std::to_string(id++) + ", '" +
                   quoted + "')";
        };
        connection.execute_script(insert());
        const auto error = provoked<UniqueViolation>(connection, insert());
        CHECK(error.constraint() == "uq_parents_name");
        CHECK_FALSE(error.connection_lost());
        CHECK_FALSE(connection.driver().is_broken());
        CHECK(error.info().message.find(hostile) == std::string::npos);
    }
    CHECK(connection.fetch_all("SELECT id FROM parents").size() == 12);
}
