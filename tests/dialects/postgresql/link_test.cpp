// SPDX-License-Identifier: MIT
// What becomes of a connection: lost, left to a child of fork, spoken to by the server.
#include "postgresql.hpp"

#include <functional>

#include <sys/wait.h>
#include <unistd.h>

using namespace mercator;
using namespace postgresql_test;

TEST_CASE("G13 a killed backend is a lost connection, whatever was under way") {
    const auto url = server();
    if (!url) return;
    const auto killer = connect(*url);
    const auto kill = [&](DriverConnection& victim) {
        const auto pid = *value_of(victim, "SELECT pg_backend_pid()").get_if<std::int64_t>();
        rows_of(*killer, "SELECT pg_terminate_backend($1, 5000)", {Integer()}, {Value(pid)});
    };
    const std::vector<std::function<void(DriverConnection&)>> actions{
        [](DriverConnection& c) { c.ping(); },
        [](DriverConnection& c) { c.begin(TransactionMode::Read); },
        [](DriverConnection& c) { c.execute_script("SELECT 1"); },
        [](DriverConnection& c) { static_cast<void>(value_of(c, "SELECT 1")); },
    };
    for (const auto& action : actions) {
        const auto victim = connect(*url);
        kill(*victim);
        const auto info = failure_of([&] { action(*victim); });
        CHECK(info.code == ErrorCode::Disconnected);
        CHECK(info.connection_lost);
        CHECK(victim->is_broken());
        CHECK_FALSE(victim->in_transaction());
    }
    const auto victim = connect(*url);
    const auto statement = victim->prepare(compiled("SELECT 1"));
    statement->execute(std::span<const Value>{});
    statement->reset();
    victim->begin(TransactionMode::Write);
    kill(*victim);
    CHECK(failure_of([&] { statement->execute(std::span<const Value>{}); }).code ==
          ErrorCode::Disconnected);
    CHECK(failure_of([&] { victim->commit(); }).connection_lost);
}

TEST_CASE("G26 a child of fork does not end its parent's session") {
    const auto url = server();
    if (!url) return;
    auto connection = connect(*url);
    const pid_t child = fork();
    if (child == 0) {
        connection.reset();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(status == 0);
    CHECK(value_of(*connection, "SELECT 1") == Value(1));
}

TEST_CASE("postgresql reports notices to the log and never prints them") {
    const auto url = server();
    if (!url) return;
    ConnectOptions options;
    const auto log = std::make_shared<SilentLog>();
    options.log = log;
    const auto connection = dialect().connect(*url, options);
    connection->execute_script("DO $$ BEGIN RAISE WARNING 'look here'; END $$");
    REQUIRE(log->messages.size() == 1);
    CHECK(log->messages[0] == "PostgreSQL: look here");
}
