// SPDX-License-Identifier: MIT
// How long a link lives: signs of life, lost servers, age, preparation, and what a lease leaves.
#include <mercator/engine/engine.hpp>
#include <mercator/engine/pool_timeout.hpp>

#include "scripted_dialect.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace mercator;
using namespace mercator::testing;
using namespace std::chrono_literals;

namespace {

// Opens `count` links at once and gives them back.
void fill(Engine& engine, std::size_t count) {
    std::vector<Connection> held;
    for (std::size_t i = 0; i < count; ++i) held.push_back(engine.connect());
}

EngineOptions pinging() {
    EngineOptions options;
    options.pre_ping = true;
    options.ping_window = 0ms;
    return options;
}

bool any_line(const RecordingSink& log, const std::string& part) {
    const auto lines = log.lines();
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
        return line.find(part) != std::string::npos;
    });
}

} // namespace

TEST_CASE("CON-31 one link serves many callers, the last used first") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script);
    fill(*engine, 3);
    CHECK(script->count("connect") == 3);
    script->clear();
    for (int i = 0; i < 100; ++i) engine->connect().fetch_all("one");
    CHECK(script->count("connect") == 0);
    CHECK(script->open_links == 3);
    // Raw text is prepared anew by each call, so the calls show which link they used: statements
    // kept on one link are prepared once.
    script->clear();
    for (int i = 0; i < 100; ++i) engine->connect().fetch_all(*scripted_select("orders"));
    CHECK(script->count("prepare orders ?") == 1);
}

TEST_CASE("CON-13 the pool counts what it does and holds") {
    const auto script = std::make_shared<Script>();
    EngineOptions options;
    options.pool_size = 2;
    options.pool_timeout = 10ms;
    const auto engine = make_scripted_engine(script, options);
    {
        const Connection a = engine->connect();
        std::optional<Connection> b = engine->connect();
        try {
            static_cast<void>(engine->connect());
            FAIL("a third connection was handed out");
        } catch (const PoolTimeout& error) {
            CHECK(error.pool_size() == 2);
            CHECK(error.in_use() == 2);
            CHECK(error.code() == ErrorCode::Timeout);
            CHECK_FALSE(error.connection_lost());
        }
        b.reset();
        const EngineStatistics now = engine->statistics();
        CHECK(now.checkouts == 2);
        CHECK(now.pool_timeouts == 1);
        CHECK(now.in_use == 1);
        CHECK(now.idle == 1);
        CHECK(now.waiting == 0);
    }
    engine->connect().invalidate();
    const EngineStatistics now = engine->statistics();
    CHECK(now.connections_opened == 2);
    CHECK(now.connections_closed == 1);
    CHECK(now.idle == 1);
    CHECK(now.checkouts == 3);
}

TEST_CASE("CON-13 links above pool_max_idle are closed when they come back") {
    const auto script = std::make_shared<Script>();
    EngineOptions options;
    options.pool_size = 5;
    options.pool_max_idle = 2;
    const auto engine = make_scripted_engine(script, options);
    fill(*engine, 5);
    CHECK(script->most_open_links == 5);
    CHECK(script->open_links == 2);
    CHECK(engine->statistics().idle == 2);
}

TEST_CASE("CON-13 waiters are served in their order and none waits long") {
    const auto script = std::make_shared<Script>();
    EngineOptions options;
    options.pool_size = 1;
    const auto engine = make_scripted_engine(script, options);
    std::optional<Connection> held = engine->connect();
    std::mutex mutex;
    std::vector<int> order;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&, i] {
            const Connection mine = engine->connect();
            const std::lock_guard lock(mutex);
            order.push_back(i);
        });
        while (engine->statistics().waiting != static_cast<std::size_t>(i) + 1)
            std::this_thread::yield();
    }
    held.reset();
    threads.clear();
    REQUIRE(order.size() == 16);
    CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("CON-13 an idle link that gives no sign of life is replaced, and all older ones without "
          "asking them") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script, pinging());
    fill(*engine, 4);
    script->clear();
    int failures = 1;
    script->on_call = [&failures](const std::string& call) {
        if (call == "ping" && failures-- > 0) scripted_error(ErrorCode::Disconnected, true);
    };
    {
        std::vector<Connection> held;
        for (int i = 0; i < 4; ++i) {
            held.push_back(engine->connect());
            CHECK(held.back().fetch_all("one").size() == 1);
        }
    }
    CHECK(script->count("ping") == 1); // one question, no storm
    CHECK(script->count("connect") == 4);
    CHECK(script->open_links == 4);
}

TEST_CASE("CON-13 a link used a moment ago is not asked; without pre_ping none is") {
    const auto script = std::make_shared<Script>();
    EngineOptions options = pinging();
    std::size_t expected = 0;
    SUBCASE("within the window") {
        options.ping_window = 1h;
    }
    SUBCASE("off") {
        options.pre_ping = false;
    }
    SUBCASE("outside of the window") {
        expected = 2;
    }
    const auto engine = make_scripted_engine(script, options);
    for (int i = 0; i < 3; ++i) static_cast<void>(engine->connect());
    CHECK(script->count("ping") == expected);
}

TEST_CASE("CON-13 a statement that loses the link retires the idle ones, too") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script);
    fill(*engine, 3);
    script->on_call = [](const std::string& call) {
        if (call == "execute orders ?") scripted_error(ErrorCode::Disconnected, true);
    };
    CHECK_THROWS_AS(engine->connect().fetch_all(*scripted_select("orders")), DisconnectError);
    CHECK(script->open_links == 2);
    script->clear();
    fill(*engine, 3);
    CHECK(script->count("connect") == 3);
    CHECK(script->open_links == 3);
    // A link that its user gave up says nothing about the others.
    engine->connect().invalidate();
    script->clear();
    fill(*engine, 2);
    CHECK(script->count("connect") == 0);
}

TEST_CASE("CON-13 a link past its lifetime is replaced when it is taken, never while in use") {
    const auto script = std::make_shared<Script>();
    EngineOptions options;
    options.max_lifetime = 30ms;
    const auto engine = make_scripted_engine(script, options);
    Connection first = engine->connect();
    first.begin();
    std::this_thread::sleep_for(40ms);
    first.fetch_all("one");
    first.commit();
    CHECK(script->count("connect") == 1);
    first = engine->connect(); // gives the old one back only after the new one is there
    CHECK(script->count("connect") == 2);
    CHECK(script->open_links == 2);
    static_cast<void>(engine->connect());
    CHECK(script->count("connect") == 3); // the old one was replaced
    CHECK(script->open_links == 2);
}

TEST_CASE("CON-13 a caller behind a slow opening does not hold up the others") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script);
    static_cast<void>(engine->connect());
    std::promise<void> gate;
    script->on_call = [future = gate.get_future().share()](const std::string& call) {
        if (call == "connect") future.wait();
    };
    std::optional<Connection> only_open = engine->connect();
    auto slow = std::async(std::launch::async, [&] { static_cast<void>(engine->connect()); });
    while (engine->statistics().in_use != 2) std::this_thread::yield();
    only_open.reset();
    CHECK(engine->connect().fetch_all("one").size() == 1); // while the other one still opens
    gate.set_value();
    slow.get();
}

TEST_CASE(
    "CON-15 TXN-10 whatever its user left open is rolled back before the link is used again") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script);
    {
        Connection connection = engine->connect();
        connection.begin();
        connection.fetch_all("one");
        SUBCASE("forgotten") {}
        SUBCASE("the commit failed and the database kept the transaction open") {
            script->commit_failure_keeps_transaction = true;
            script->on_call = [](const std::string& call) {
                if (call == "commit") scripted_error(ErrorCode::Operational);
            };
            CHECK_THROWS_AS(connection.commit(), OperationalError);
            CHECK(connection.in_transaction());
        }
        SUBCASE("the commit failed and ended it") {
            script->on_call = [](const std::string& call) {
                if (call == "commit") scripted_error(ErrorCode::Serialization, false, true);
            };
            CHECK_THROWS_AS(connection.commit(), SerializationError);
        }
    }
    script->on_call = nullptr;
    Connection next = engine->connect();
    CHECK_FALSE(next.in_transaction());
    CHECK(script->count("reset") == 1);
    CHECK(script->count("connect") == 1);
    next.begin(); // would be refused inside a transaction
    next.commit();
}

TEST_CASE("CON-15 TXN-10 a link whose commit failed together with its rollback is closed") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script);
    script->commit_failure_keeps_transaction = true;
    script->on_call = [](const std::string& call) {
        if (call == "commit" || call == "reset") scripted_error(ErrorCode::Operational);
    };
    {
        Connection connection = engine->connect();
        connection.begin();
        CHECK_THROWS_AS(connection.commit(), OperationalError);
    }
    CHECK(script->open_links == 0);
    script->on_call = nullptr;
    CHECK_FALSE(engine->connect().in_transaction());
}

TEST_CASE("CON-15 a session that the driver cannot bring back is closed, not handed on") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script);
    {
        const Connection connection = engine->connect();
        script->session_changed = true;
    }
    CHECK(script->open_links == 0);
}

TEST_CASE("CON-15 a BEGIN that fails loses no link") {
    const auto script = std::make_shared<Script>();
    EngineOptions options;
    options.pool_size = 1;
    options.pool_timeout = 100ms;
    const auto engine = make_scripted_engine(script, options);
    script->on_call = [](const std::string& call) {
        if (call.starts_with("begin")) scripted_error(ErrorCode::Operational);
    };
    for (int i = 0; i < 3; ++i) {
        Connection connection = engine->connect();
        CHECK_THROWS_AS(connection.begin(), OperationalError);
        CHECK_FALSE(connection.in_transaction());
    }
    script->on_call = nullptr;
    CHECK(engine->connect().fetch_all("one").size() == 1);
    CHECK(script->count("connect") == 1);
}

TEST_CASE("CON-15 a connection in use for too long is told of once, with the place that took it") {
    const auto log = std::make_shared<RecordingSink>();
    EngineOptions options;
    options.log = log;
    options.lease_warning = 20ms;
    const auto engine = make_scripted_engine(std::make_shared<Script>(), options);
    static_cast<void>(engine->connect());
    CHECK(log->lines().empty());
    {
        const Connection kept = engine->connect();
        std::this_thread::sleep_for(30ms);
        static_cast<void>(engine->connect()); // somebody else notices it
        CHECK(any_line(*log, "pool_life_test.cpp:"));
        static_cast<void>(engine->connect());
    }
    CHECK(log->lines().size() == 1);
}

TEST_CASE("CON-15 a doomed transaction whose engine has ended reaches no savepoint") {
    const auto script = std::make_shared<Script>();
    auto engine = make_scripted_engine(script);
    Connection connection = engine->connect();
    connection.begin();
    connection.savepoint("a");
    script->on_call = [](const std::string& call) {
        if (call == "execute orders ?") scripted_error(ErrorCode::Deadlock, false, true);
    };
    CHECK_THROWS_AS(connection.fetch_all(*scripted_select("orders")), DeadlockError);
    engine.reset();
    script->clear();
    CHECK_THROWS_AS(connection.rollback_to_savepoint("a"), StateError);
    CHECK(script->calls().empty());
}

TEST_CASE("CON-15 the wait for a connection is no part of its use") {
    const auto log = std::make_shared<RecordingSink>();
    EngineOptions options;
    options.log = log;
    options.pool_size = 1;
    options.lease_warning = 400ms;
    const auto engine = make_scripted_engine(std::make_shared<Script>(), options);
    std::optional<Connection> first = engine->connect();
    std::thread other([&] {
        std::this_thread::sleep_for(300ms);
        first.reset();
    });
    {
        const Connection second = engine->connect();
        std::this_thread::sleep_for(150ms);
    }
    other.join();
    CHECK(log->lines().empty());
}

TEST_CASE("CON-10 the longest durations there are do not overflow") {
    constexpr auto longest = std::chrono::milliseconds::max();
    EngineOptions options = pinging();
    options.pool_size = 1;
    options.pool_timeout = options.max_lifetime = options.lease_warning = options.ping_window =
        options.connect_timeout = options.busy_timeout = options.ping_timeout = longest;
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script, options);
    std::optional<Connection> first = engine->connect();
    std::thread other([&] {
        std::this_thread::sleep_for(30ms);
        first.reset();
    });
    CHECK_NOTHROW(static_cast<void>(engine->connect()));
    other.join();
    CHECK(script->count("connect") == 1);
    CHECK(script->count("ping") == 0);
}

TEST_CASE("CON-15 a connection that outlives its engine refuses to work and closes its link") {
    const auto script = std::make_shared<Script>();
    const auto log = std::make_shared<RecordingSink>();
    EngineOptions options;
    options.log = log;
    options.echo = Echo::Statements;
    auto engine = make_scripted_engine(script, options);
    std::optional<Connection> idle = engine->connect();
    Connection busy = engine->connect();
    Connection moved = engine->connect();
    idle.reset();
    busy.begin();
    engine.reset();
    CHECK(any_line(*log, "an engine ends while 2 of its connections are in use"));
    CHECK(script->open_links == 2);
    CHECK_THROWS_AS(busy.fetch_all("one"), StateError);
    CHECK_THROWS_AS(busy.execute_script("one"), StateError);
    CHECK_THROWS_AS(busy.commit(), StateError);
    CHECK_THROWS_AS(busy.savepoint("a"), StateError);
    CHECK_THROWS_AS(busy.release_savepoint("a"), StateError);
    CHECK_THROWS_AS(busy.rollback_to_savepoint("a"), StateError);
    CHECK_THROWS_AS(moved.begin(), StateError);
    CHECK_FALSE(busy.in_transaction());
    busy.rollback();
    busy = std::move(moved); // closes the one that it held
    CHECK(script->open_links == 1);
    std::thread([last = std::make_unique<Connection>(std::move(busy))] {}).join();
    CHECK(script->open_links == 0);
}

TEST_CASE("CON-19 a creator opens the links, with the address and options of the engine") {
    const auto script = std::make_shared<Script>();
    EngineOptions options;
    int asked = 0;
    options.connect_timeout = 1234ms;
    options.creator = [&asked](const Dialect& dialect, const Url& url,
                               const ConnectOptions& connect) {
        ++asked;
        CHECK(url.user == "user");
        CHECK(connect.connect_timeout == 1234ms);
        Url with_fresh_password = url;
        with_fresh_password.password = "fresh";
        return dialect.connect(with_fresh_password, connect);
    };
    const auto engine = make_scripted_engine(script, options);
    CHECK(engine->connect().fetch_all("one").size() == 1);
    CHECK(asked == 1);
    CHECK(script->count("connect") == 1);
}

TEST_CASE("CON-19 what a creator throws reaches the caller, and the place in the pool is free") {
    const auto script = std::make_shared<Script>();
    EngineOptions options;
    options.pool_size = 1;
    options.pool_timeout = 50ms;
    int calls = 0;
    options.creator = [&calls](const Dialect& dialect, const Url& url,
                               const ConnectOptions& connect) -> std::unique_ptr<DriverConnection> {
        if (++calls == 1) throw std::runtime_error("no password today");
        if (calls == 2) return nullptr;
        return dialect.connect(url, connect);
    };
    const auto engine = make_scripted_engine(script, options);
    CHECK_THROWS_WITH(static_cast<void>(engine->connect()), "no password today");
    CHECK_THROWS_AS(static_cast<void>(engine->connect()), StateError);
    CHECK(engine->connect().fetch_all("one").size() == 1);
    CHECK(engine->statistics().checkouts == 1);
}

TEST_CASE("CON-19 connect_args are options of the address, and checked like them") {
    EngineOptions options;
    options.connect_args = {{"speling", "s3cr3t"}};
    try {
        static_cast<void>(make_scripted_engine(std::make_shared<Script>(), options));
        FAIL("accepted");
    } catch (const ArgumentError& error) {
        CHECK(std::string(error.what()).find("speling") != std::string::npos);
        CHECK(std::string(error.what()).find("s3cr3t") == std::string::npos);
    }
}

TEST_CASE("CON-19 on_connect prepares each new link once, before anybody has it") {
    const auto script = std::make_shared<Script>();
    EngineOptions options;
    options.on_connect = [&script](Connection& connection) {
        connection.execute_script("prepare me");
        script->session_changed = true;
    };
    const auto engine = make_scripted_engine(script, options);
    for (int i = 0; i < 3; ++i) engine->connect().fetch_all("one");
    CHECK(script->count("script prepare me") == 1);
    CHECK(script->open_links == 1);
    // Resetting a changed session would undo the preparation as well, so such a link is closed.
    {
        const Connection connection = engine->connect();
        script->session_changed = true;
    }
    CHECK(script->open_links == 0);
    static_cast<void>(engine->connect());
    CHECK(script->count("script prepare me") == 2);
}

TEST_CASE("CON-19 a link whose preparation fails is closed, not pooled half ready") {
    const auto script = std::make_shared<Script>();
    EngineOptions options;
    options.pool_size = 1;
    options.pool_timeout = 50ms;
    int calls = 0;
    SUBCASE("it throws") {
        options.on_connect = [&calls](Connection&) {
            if (++calls <= 3) throw std::runtime_error("not today");
        };
    }
    SUBCASE("it leaves a transaction open") {
        options.on_connect = [&calls](Connection& connection) {
            if (++calls <= 3) connection.begin();
        };
    }
    const auto engine = make_scripted_engine(script, options);
    for (int i = 0; i < 3; ++i) {
        CHECK_THROWS(static_cast<void>(engine->connect()));
        CHECK(script->open_links == 0);
    }
    CHECK(engine->connect().fetch_all("one").size() == 1);
    CHECK(script->count("connect") == 4);
}
