// SPDX-License-Identifier: MIT
#include <mercator/engine/pool.hpp>

#include "scripted_dialect.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <iostream>
#include <latch>
#include <optional>
#include <thread>
#include <vector>

using namespace mercator;
using namespace mercator::testing;
using namespace std::chrono_literals;

namespace {

EngineOptions pool_of(std::size_t size, std::chrono::milliseconds timeout = 10s) {
    EngineOptions options;
    options.pool_size = size;
    options.pool_timeout = timeout;
    return options;
}

// The first opening fails, once the test says so.
struct GatedOpening {
    std::promise<void> fail;
    std::shared_future<void> gate{fail.get_future().share()};
    std::atomic<int> openings{0};
    void operator()(const std::string& call) {
        if (call != "connect" || ++openings != 1) return;
        gate.wait();
        scripted_error(ErrorCode::Disconnected, true);
    }
};

} // namespace

TEST_CASE("CON-10 nothing connects before the first connect and links are used again") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script);
    CHECK(script->count("connect") == 0);
    for (int i = 0; i < 3; ++i) static_cast<void>(engine->connect());
    CHECK(script->count("connect") == 1);
    CHECK(script->count("reset") == 3);
    CHECK(engine->statistics().connections_opened == 1);
}

TEST_CASE("CON-10 the pool has a hard maximum under many threads and nobody starves") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script, pool_of(4));
    std::atomic<int> done{0};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 16; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 50; ++i) {
                    Connection connection = engine->connect();
                    connection.fetch_all(*scripted_select("orders"));
                    if (i % 10 == 0) connection.invalidate();
                    ++done;
                }
            });
        }
    }
    CHECK(done == 16 * 50);
    CHECK(script->most_open_links <= 4);
    CHECK(engine->statistics().statements_executed == 16 * 50);
    CHECK(script->count("initialize") == 1);
}

TEST_CASE("CON-10 waiting ends at the deadline with an error that says size and use") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script, pool_of(1, 50ms));
    const Connection held = engine->connect();
    const auto start = std::chrono::steady_clock::now();
    try {
        static_cast<void>(engine->connect());
        FAIL("a second connection was handed out");
    } catch (const TimeoutError& error) {
        const std::string text = error.what();
        CHECK(text.find("50 ms") != std::string::npos);
        CHECK(text.find("may open 1, and 1 are in use") != std::string::npos);
    }
    const auto waited = std::chrono::steady_clock::now() - start;
    CHECK(waited >= 50ms);
    CHECK(waited < 5s);
}

TEST_CASE("CON-10 a waiter takes the place of an opening that failed") {
    const auto script = std::make_shared<Script>();
    GatedOpening gated;
    script->on_call = [&gated](const std::string& call) { gated(call); };
    const auto engine = make_scripted_engine(script, pool_of(1));
    auto first = std::async(std::launch::async, [&] { static_cast<void>(engine->connect()); });
    while (script->count("connect") == 0) std::this_thread::yield();
    auto second =
        std::async(std::launch::async, [&] { return engine->connect().fetch_all("one").size(); });
    std::this_thread::sleep_for(20ms);
    gated.fail.set_value();
    CHECK_THROWS_AS(first.get(), DisconnectError);
    CHECK(second.get() == 1);
}

TEST_CASE("CON-10 two waiters and two returns serve both at once") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script, pool_of(2));
    std::optional<Connection> a = engine->connect();
    std::optional<Connection> b = engine->connect();
    std::latch both_served(2);
    const auto waiter = [&] {
        const Connection connection = engine->connect();
        both_served.arrive_and_wait();
    };
    auto first = std::async(std::launch::async, waiter);
    auto second = std::async(std::launch::async, waiter);
    std::this_thread::sleep_for(20ms);
    a.reset();
    b.reset();
    first.get();
    second.get();
    CHECK(script->count("connect") == 2);
}

TEST_CASE("CON-10 a waiter is served when a broken link is discarded") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script, pool_of(1));
    std::optional<Connection> held = engine->connect();
    auto waiter = std::async(std::launch::async, [&] { static_cast<void>(engine->connect()); });
    std::this_thread::sleep_for(20ms);
    held->invalidate();
    held.reset();
    waiter.get();
    CHECK(script->count("connect") == 2);
    CHECK(script->open_links == 1);
}

TEST_CASE("CON-10 a link that broke or cannot be reset never returns to the pool") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script);
    SUBCASE("a statement lost the link") {
        script->on_call = [](const std::string& call) {
            if (call == "execute orders ?") scripted_error(ErrorCode::Disconnected, true);
        };
        Connection connection = engine->connect();
        CHECK_THROWS_AS(connection.fetch_all(*scripted_select("orders")), DisconnectError);
        CHECK_THROWS_AS(connection.fetch_all(*scripted_select("items")), StateError);
        CHECK_NOTHROW(connection.rollback());
    }
    SUBCASE("the reset failed") {
        script->on_call = [](const std::string& call) {
            if (call == "reset") scripted_error(ErrorCode::Operational);
        };
        static_cast<void>(engine->connect());
    }
    CHECK(script->open_links == 0);
    static_cast<void>(engine->connect());
    CHECK(script->count("connect") == 2);
}

TEST_CASE("CON-10 the dialect looks at the server once, again after a failure") {
    const auto script = std::make_shared<Script>();
    int failures = 1;
    script->on_call = [&failures](const std::string& call) {
        if (call == "initialize" && failures-- > 0) scripted_error(ErrorCode::Operational);
    };
    const auto engine = make_scripted_engine(script, pool_of(1));
    CHECK_THROWS_AS(static_cast<void>(engine->connect()), OperationalError);
    CHECK(script->open_links == 0);
    CHECK(engine->capabilities().product == "Scripted");
    static_cast<void>(engine->connect());
    CHECK(script->count("initialize") == 2);
}

TEST_CASE("CON-10 a database that lives in one link is given one link") {
    const auto script = std::make_shared<Script>();
    script->shares_database = false;
    const auto engine = make_scripted_engine(script, pool_of(5, 20ms));
    const Connection only = engine->connect();
    CHECK_THROWS_AS(static_cast<void>(engine->connect()), TimeoutError);
}

TEST_CASE("CON-10 a forked child neither uses nor closes the links of its parent") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script, pool_of(2));
    std::optional<Connection> leased = engine->connect();
    static_cast<void>(engine->connect());
    CHECK(script->open_links == 2);
    std::cout.flush(); // or the child would print it again
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        int wrong = 0;
        try {
            leased->fetch_all("one");
            wrong |= 1;
        } catch (const StateError&) {
        }
        leased.reset();
        if (script->open_links != 2) wrong |= 2;
        static_cast<void>(engine->connect());
        if (script->count("connect") != 3) wrong |= 4;
        _exit(wrong);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(leased->fetch_all("one").size() == 1);
}

TEST_CASE("CON-10 a forked child may end its parent's connections and engine without connecting") {
    const auto script = std::make_shared<Script>();
    const auto log = std::make_shared<RecordingSink>();
    EngineOptions options = pool_of(2);
    options.log = log;
    auto engine = make_scripted_engine(script, options);
    std::optional<Connection> leased = engine->connect();
    static_cast<void>(engine->connect());
    std::cout.flush();
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        int wrong = 0;
        if (engine->statistics().in_use + engine->statistics().idle != 0) wrong |= 1;
        leased.reset();
        if (engine->statistics().in_use != 0) wrong |= 2;
        engine.reset(); // once wrote to the connection that was freed above
        if (!log->lines().empty()) wrong |= 4;
        if (script->open_links != 2) wrong |= 8;
        _exit(wrong);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(engine->statistics().in_use == 1);
}
