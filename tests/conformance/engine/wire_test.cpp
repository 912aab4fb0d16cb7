// SPDX-License-Identifier: MIT
// Wires that break, fall silent or were never there. Databases without a wire skip these.
#include "support/backend.hpp"
#include "support/fault_proxy.hpp"

#include <mercator/engine/engine.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

using namespace mercator;
using test::Backend;
using test::FaultProxy;
using namespace std::chrono_literals;

namespace {

constexpr const char* no_wire = "this database has no wire";

bool is_server(const Backend& backend) {
    return !Url::parse(backend.uri()).hosts.empty();
}

EngineOptions careful() {
    EngineOptions options;
    options.connect_timeout = 1s;
    options.pre_ping = true;
    options.ping_window = 0ms;
    options.ping_timeout = 300ms;
    return options;
}

/// Answers are awaited for one second.
Url impatient(Url url) {
    url.options["read_timeout"] = "1";
    return url;
}

void fill(Engine& engine, std::size_t count) {
    std::vector<Connection> held;
    for (std::size_t i = 0; i < count; ++i) held.push_back(engine.connect());
}

void check_works(Engine& engine) {
    Connection connection = engine.connect();
    connection.begin();
    CHECK(connection.fetch_all("SELECT 1").size() == 1);
    connection.commit();
}

template <class Action>
auto duration_of(Action&& action) {
    const auto start = std::chrono::steady_clock::now();
    action();
    return std::chrono::steady_clock::now() - start;
}

} // namespace

TEST_CASE("CON-13 links that died while idle are replaced without an error") {
    Backend backend;
    if (!is_server(backend)) return test::skip(no_wire);
    FaultProxy proxy(Url::parse(backend.uri()));
    Engine engine(proxy.url(), careful());
    fill(engine, 3);
    proxy.cut(); // as when the server restarts
    for (int i = 0; i < 3; ++i) check_works(engine);
    CHECK(engine.statistics().connections_opened <= 6);
}

TEST_CASE("CON-13 without pre_ping a restart costs one error, not one for each link") {
    Backend backend;
    if (!is_server(backend)) return test::skip(no_wire);
    FaultProxy proxy(Url::parse(backend.uri()));
    Engine engine(proxy.url());
    fill(engine, 4);
    proxy.cut();
    int errors = 0;
    for (int i = 0; i < 6; ++i) {
        try {
            check_works(engine);
        } catch (const DisconnectError& error) {
            CHECK(error.connection_lost());
            ++errors;
        }
    }
    CHECK(errors == 1);
}

TEST_CASE("TXN-10 a commit over a link that died is a failure, and the next user starts anew") {
    Backend backend;
    if (!is_server(backend)) return test::skip(no_wire);
    backend.run("CREATE TABLE lost_commit (id INT PRIMARY KEY)");
    FaultProxy proxy(impatient(Url::parse(backend.uri())));
    EngineOptions options;
    options.pool_size = 1;
    Engine engine(proxy.url(), options);
    {
        Connection connection = engine.connect();
        connection.begin();
        connection.execute_script("INSERT INTO lost_commit VALUES (1)");
        SUBCASE("cut") {
            proxy.cut();
        }
        SUBCASE("silent") {
            proxy.swallow();
        }
        CHECK_THROWS_AS(connection.commit(), OperationalError);
        CHECK_FALSE(connection.in_transaction());
        CHECK_THROWS_AS(connection.fetch_all("SELECT 1"), StateError);
    }
    check_works(engine);
    CHECK_FALSE(engine.connect().in_transaction());
    backend.run("DROP TABLE lost_commit");
}

TEST_CASE("CON-13 a server that takes everything and answers nothing is given up in time") {
    Backend backend;
    if (!is_server(backend)) return test::skip(no_wire);
    FaultProxy proxy(impatient(Url::parse(backend.uri())));
    Engine engine(proxy.url());
    static_cast<void>(engine.connect());
    {
        Connection connection = engine.connect();
        proxy.swallow();
        const auto waited = duration_of(
            [&] { CHECK_THROWS_AS(connection.fetch_all("SELECT 1"), OperationalError); });
        CHECK(waited > 500ms);
        CHECK(waited < 4s);
    }
    check_works(engine);
}

TEST_CASE("CON-13 a sign of life that does not come ends in its own time, and so does closing") {
    Backend backend;
    if (!is_server(backend)) return test::skip(no_wire);
    FaultProxy proxy(impatient(Url::parse(backend.uri())));
    auto engine = std::make_unique<Engine>(proxy.url(), careful());
    fill(*engine, 2);
    proxy.swallow();
    CHECK(duration_of([&] { check_works(*engine); }) < 3s);
    proxy.swallow();
    CHECK(duration_of([&] { engine.reset(); }) < 2s);
}

TEST_CASE("CON-13 a server that accepts and says nothing is a TimeoutError in time, and holds up "
          "nobody else") {
    Backend backend;
    if (!is_server(backend)) return test::skip(no_wire);
    FaultProxy proxy(Url::parse(backend.uri()));
    EngineOptions options;
    options.connect_timeout = 1s;
    Engine engine(proxy.url(), options);
    std::optional<Connection> held = engine.connect();
    proxy.swallow_new(true);
    std::thread stuck([&] {
        const auto waited = duration_of(
            [&] { CHECK_THROWS_AS(static_cast<void>(engine.connect()), TimeoutError); });
        CHECK(waited < 4s);
    });
    while (engine.statistics().in_use != 2) std::this_thread::yield();
    held.reset();
    CHECK(duration_of([&] { check_works(engine); }) < 500ms);
    stuck.join();
    proxy.swallow_new(false);
    fill(engine, 2);
}

TEST_CASE(
    "CON-13 a connection that the server ends is told as lost, a statement that it ends is not") {
    Backend backend;
    if (!is_server(backend)) return test::skip(no_wire);
    EngineOptions options;
    options.pool_size = 1;
    Engine engine(backend.uri(), options);
    const auto number = [](Connection& connection) {
        for (const char* sql : {"SELECT pg_backend_pid()", "SELECT CONNECTION_ID()"}) {
            try {
                return display(connection.fetch_all(sql).at(0).at(0));
            } catch (const DatabaseError&) { // the other spelling
            }
        }
        return std::string();
    };
    const auto order = [&](std::initializer_list<const char*> spellings,
                           const std::string& victim) {
        for (const char* sql : spellings) {
            try {
                static_cast<void>(backend.rows(sql + victim + (sql[0] == 'S' ? ")" : "")));
                return;
            } catch (const DatabaseError&) { // the other spelling
            }
        }
    };
    std::optional<Connection> connection = engine.connect();
    const std::string first = number(*connection);
    REQUIRE_FALSE(first.empty());
    {
        std::thread killer([&] {
            std::this_thread::sleep_for(300ms);
            order({"SELECT pg_cancel_backend(", "KILL QUERY "}, first);
        });
        bool ended_early = false;
        const auto waited = duration_of([&] {
            for (const char* sql : {"SELECT pg_sleep(5)", "SELECT SLEEP(5)"}) {
                try {
                    // MySQL answers an interrupted SLEEP with 1 instead of an error.
                    ended_early = display(connection->fetch_all(sql).at(0).at(0)) == "1";
                    break;
                } catch (const ProgrammingError&) { // the other spelling
                } catch (const DatabaseError& error) {
                    CHECK_FALSE(error.connection_lost());
                    ended_early = true;
                    break;
                }
            }
        });
        killer.join();
        CHECK(ended_early);
        CHECK(waited < 4s);
        CHECK(number(*connection) == first); // the same link goes on
    }
    order({"SELECT pg_terminate_backend(", "KILL "}, first);
    std::this_thread::sleep_for(100ms);
    try {
        connection->fetch_all("SELECT 1");
        FAIL("the server let it live");
    } catch (const DisconnectError& error) {
        CHECK(error.connection_lost());
    }
    connection.reset();
    connection = engine.connect();
    CHECK(number(*connection) != first);
}

TEST_CASE("CON-18 a forked child neither uses nor closes what its parent opened") {
    Backend backend;
    auto engine = std::make_unique<Engine>(backend.uri());
    backend.run("CREATE TABLE forked (id INT PRIMARY KEY)");
    fill(*engine, 2);
    std::optional<Connection> leased = engine->connect();
    leased->begin();
    leased->execute_script("INSERT INTO forked VALUES (1)");
    std::cout.flush();
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        int wrong = 0;
        try {
            leased->fetch_all("SELECT 1");
            wrong |= 1;
        } catch (const StateError&) { // the parent's
        }
        try {
            // A link of its own.
            if (engine->connect().fetch_all("SELECT 1").size() != 1) wrong |= 2;
        } catch (const Error&) {
            wrong |= 4;
        }
        leased.reset();
        engine.reset();
        _exit(wrong);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(leased->fetch_all("SELECT * FROM forked").size() == 1); // in the same transaction
    leased->commit();
    leased.reset();
    fill(*engine, 3);
    check_works(*engine);
    CHECK(engine->statistics().connections_closed == 0);
    CHECK(backend.rows("SELECT * FROM forked").size() == 1);
    backend.run("DROP TABLE forked");
}
