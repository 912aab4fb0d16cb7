// SPDX-License-Identifier: MIT
#include <mercator/engine/connection.hpp>

#include "scripted_dialect.hpp"

#include <doctest/doctest.h>

#include <array>
#include <future>
#include <string>

using namespace mercator;
using namespace mercator::testing;

namespace {

// Fails the first executions of "orders ?" as if the schema had changed behind the prepared
// statement.
std::function<void(const std::string&)> invalidate_times(int times) {
    return [left = std::make_shared<int>(times)](const std::string& call) {
        if (call == "execute orders ?" && (*left)-- > 0)
            scripted_error(ErrorCode::StatementInvalidated, false, true);
    };
}

} // namespace

TEST_CASE(
    "TXN-01 a transaction that is not committed is rolled back, also while an exception passes") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script);
    Connection connection = engine->connect();
    try {
        const Transaction transaction(connection);
        throw std::runtime_error("the application's own");
    } catch (const std::runtime_error& error) {
        CHECK(error.what() == std::string("the application's own"));
    }
    CHECK(script->count("rollback") == 1);
    CHECK_FALSE(connection.in_transaction());
    {
        Transaction transaction(connection, TransactionMode::Read);
        transaction.commit();
        CHECK_THROWS_AS(transaction.commit(), StateError);
        CHECK_THROWS_AS(transaction.rollback(), StateError);
    }
    CHECK(script->count("begin write") == 1);
    CHECK(script->count("begin read") == 1);
    CHECK(script->count("rollback") == 1);
    CHECK(script->count("commit") == 1);
}

TEST_CASE("TXN-01 a rollback that fails in a destructor throws nothing and closes the link") {
    const auto script = std::make_shared<Script>();
    const auto log = std::make_shared<RecordingSink>();
    EngineOptions options;
    options.log = log;
    const auto engine = make_scripted_engine(script, options);
    script->on_call = [](const std::string& call) {
        if (call == "rollback") scripted_error(ErrorCode::Operational);
    };
    {
        Connection connection = engine->connect();
        const Transaction transaction(connection);
    }
    CHECK(script->open_links == 0);
    REQUIRE(log->lines().size() == 1);
    CHECK(log->lines()[0].find("rollback failed") == 0);
}

TEST_CASE("TXN-01 a commit that fails throws, and the connection is good afterwards") {
    const auto script = std::make_shared<Script>();
    bool fails = true;
    script->on_call = [&fails](const std::string& call) {
        if (call == "commit" && fails) scripted_error(ErrorCode::ForeignKeyViolation);
    };
    const auto engine = make_scripted_engine(script);
    Connection connection = engine->connect();
    SUBCASE("the database ended the transaction") {
        Transaction transaction(connection);
        CHECK_THROWS_AS(transaction.commit(), ForeignKeyViolation);
        CHECK_FALSE(connection.in_transaction());
        CHECK_THROWS_AS(transaction.commit(), StateError);
    }
    SUBCASE("the transaction is still open and can be tried again") {
        script->commit_failure_keeps_transaction = true;
        Transaction transaction(connection);
        CHECK_THROWS_AS(transaction.commit(), ForeignKeyViolation);
        CHECK(connection.in_transaction());
        fails = false;
        CHECK_NOTHROW(transaction.commit());
    }
    SUBCASE("the transaction is still open and the scope rolls it back") {
        script->commit_failure_keeps_transaction = true;
        {
            Transaction transaction(connection);
            CHECK_THROWS_AS(transaction.commit(), ForeignKeyViolation);
        }
        CHECK(script->count("rollback") == 1);
    }
    fails = false;
    CHECK_NOTHROW(connection.begin());
    CHECK_NOTHROW(connection.commit());
}

TEST_CASE("TXN-01 a transaction that the database ended runs nothing more and commits nothing") {
    const auto script = std::make_shared<Script>();
    script->on_call = [](const std::string& call) {
        if (call == "execute orders ?") scripted_error(ErrorCode::Deadlock, false, true);
    };
    const auto engine = make_scripted_engine(script);
    Connection connection = engine->connect();
    connection.begin();
    CHECK_THROWS_AS(connection.fetch_all(*scripted_select("orders")), DeadlockError);
    CHECK_THROWS_AS(connection.fetch_all(*scripted_select("items")), StateError);
    SUBCASE("commit says so") {
        CHECK_THROWS_AS(connection.commit(), StateError);
        CHECK(script->count("commit") == 0);
        CHECK(script->count("rollback") == 1);
    }
    SUBCASE("rollback ends it") {
        connection.rollback();
    }
    SUBCASE("a savepoint before it revives it") {
        connection.rollback_to_savepoint("s");
        CHECK_NOTHROW(connection.fetch_all(*scripted_select("items")));
        connection.commit();
    }
    CHECK_NOTHROW(connection.begin());
    CHECK_NOTHROW(connection.fetch_all(*scripted_select("items")));
}

TEST_CASE("TXN-01 calls at the wrong time are told") {
    const auto engine = make_scripted_engine(std::make_shared<Script>());
    Connection connection = engine->connect();
    CHECK_THROWS_AS(connection.commit(), StateError);
    CHECK_NOTHROW(connection.rollback());
    connection.begin();
    CHECK_THROWS_AS(connection.begin(), StateError);
    connection.rollback();
    const Connection moved = std::move(connection);
    CHECK_THROWS_AS(connection.fetch_all("one"),
                    StateError); // NOLINT(bugprone-use-after-move): the point
}

TEST_CASE("CON-10 a connection used by two threads at once is a StateError") {
    const auto script = std::make_shared<Script>();
    std::promise<void> inside;
    std::promise<void> go_on;
    script->on_call = [&](const std::string& call) {
        if (call != "execute slow") return;
        inside.set_value();
        go_on.get_future().wait();
    };
    const auto engine = make_scripted_engine(script);
    Connection connection = engine->connect();
    auto slow = std::async(std::launch::async, [&] { return connection.fetch_all("slow").size(); });
    inside.get_future().wait();
    CHECK_THROWS_AS(connection.fetch_all("fast"), StateError);
    go_on.set_value();
    CHECK(slow.get() == 1);
    CHECK(connection.fetch_all("fast").size() == 1);
}

TEST_CASE("QRY-41 a statement is prepared once per connection") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script);
    Connection connection = engine->connect();
    for (int i = 0; i < 10; ++i) {
        const ValueRows rows = connection.fetch_all(*scripted_select("orders", Value(i)));
        CHECK(rows == ValueRows{{Value(i)}});
    }
    CHECK(script->count("prepare orders ?") == 1);
    CHECK(script->count("execute orders ?") == 10);
    CHECK(engine->statistics().statements_prepared == 1);
    CHECK(engine->statistics().statements_executed == 10);
}

TEST_CASE("QRY-41 prepared statements stay with their link in the pool") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script);
    for (int i = 0; i < 3; ++i) engine->connect().fetch_all(*scripted_select("orders"));
    CHECK(script->count("prepare orders ?") == 1);
}

TEST_CASE("QRY-41 ten thousand statements never hold more than the limit, the oldest leave first") {
    const auto script = std::make_shared<Script>();
    EngineOptions options;
    options.statement_cache_size = 7;
    const auto engine = make_scripted_engine(script, options);
    {
        Connection connection = engine->connect();
        for (int i = 0; i < 10'000; ++i) {
            connection.fetch_all(*scripted_select("table_" + std::to_string(i)));
            connection.fetch_all(*scripted_select("orders"));
        }
        CHECK(connection.prepared_statements() == 7);
        CHECK(script->live_statements == 7);
    }
    CHECK(script->most_live_statements <= 7);
    CHECK(script->count("prepare orders ?") == 1);
}

TEST_CASE("QRY-41 a cached statement that is in use gets a second one for the time being") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script);
    Connection connection = engine->connect();
    ast::CacheKey key;
    const auto compiled = engine->compile(*scripted_select("orders"), key);
    const std::array<Value, 1> values{Value(1)};
    {
        const StatementLease outer = connection.execute(compiled, values);
        const StatementLease inner = connection.execute(compiled, values);
        CHECK(&*outer != &*inner);
        CHECK(script->live_statements == 2);
    }
    CHECK(script->live_statements == 1);
    CHECK(connection.prepared_statements() == 1);
}

TEST_CASE(
    "QRY-41 a cache of size zero and statements that must not be cached leave nothing behind") {
    const auto script = std::make_shared<Script>();
    EngineOptions options;
    SUBCASE("size zero") {
        options.statement_cache_size = 0;
    }
    SUBCASE("not cacheable") {
        script->cacheable = false;
    }
    const auto engine = make_scripted_engine(script, options);
    Connection connection = engine->connect();
    connection.fetch_all(*scripted_select("orders"));
    CHECK(script->live_statements == 0);
    CHECK(connection.prepared_statements() == 0);
}

TEST_CASE("QRY-41 an outdated statement is prepared again outside a transaction, once") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script);
    Connection connection = engine->connect();
    connection.fetch_all(*scripted_select("orders"));
    SUBCASE("healed") {
        script->on_call = invalidate_times(1);
        CHECK(connection.fetch_all(*scripted_select("orders")).size() == 1);
    }
    SUBCASE("not twice") {
        script->on_call = invalidate_times(2);
        try {
            connection.fetch_all(*scripted_select("orders"));
            FAIL("no error");
        } catch (const ProgrammingError& error) {
            CHECK(error.code() == ErrorCode::StatementInvalidated);
        }
        CHECK(script->live_statements == 0);
    }
    CHECK(script->count("prepare orders ?") == 2);
}

TEST_CASE("QRY-41 an outdated statement heals in a transaction only when nothing is lost by that") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script);
    Connection connection = engine->connect();
    connection.fetch_all(*scripted_select("orders"));
    script->clear();
    script->on_call = invalidate_times(1);
    connection.begin(TransactionMode::Write);
    SUBCASE("first statement: the transaction starts again in its mode") {
        CHECK(connection.fetch_all(*scripted_select("orders")).size() == 1);
        CHECK(script->calls() == std::vector<std::string>{"begin write", "execute orders ?",
                                                          "rollback", "begin write",
                                                          "prepare orders ?", "execute orders ?"});
        CHECK_NOTHROW(connection.commit());
    }
    SUBCASE("after another statement") {
        connection.fetch_all(*scripted_select("items"));
        CHECK_THROWS_AS(connection.fetch_all(*scripted_select("orders")), ProgrammingError);
        CHECK(script->count("rollback") == 0);
    }
    SUBCASE("after a savepoint") {
        connection.savepoint("s");
        CHECK_THROWS_AS(connection.fetch_all(*scripted_select("orders")), ProgrammingError);
    }
    SUBCASE("after a script") {
        connection.execute_script("x");
        CHECK_THROWS_AS(connection.fetch_all(*scripted_select("orders")), ProgrammingError);
    }
}

TEST_CASE("QRY-41 rows of a repeated statement outside a transaction are not run twice") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script);
    Connection connection = engine->connect();
    ast::CacheKey key;
    const auto compiled = engine->compile(*scripted_select("orders"), key);
    script->on_call = invalidate_times(1);
    const std::array<const std::byte*, 2> rows{};
    CHECK_THROWS_AS(static_cast<void>(connection.execute(compiled, BindPlan{}, rows)),
                    ProgrammingError);
    CHECK(script->count("execute orders ?") == 1);
}
