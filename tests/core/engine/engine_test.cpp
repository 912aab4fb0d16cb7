// SPDX-License-Identifier: MIT
#include <mercator/engine/engine.hpp>

#include "scripted_dialect.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace mercator;
using namespace mercator::testing;

TEST_CASE("QRY-40 equal structure with other values is compiled once") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script);
    ast::CacheKey key;
    const auto first = engine->compile(*scripted_select("orders", Value(1)), key);
    const auto statement = scripted_select("orders", Value(2));
    CHECK(engine->compile(*statement, key) == first);
    std::vector<Value> values;
    gather_binds(*first, key, values);
    CHECK(values == std::vector<Value>{Value(2)});
    CHECK(engine->compile(*scripted_select("items"), key) != first);
    CHECK(script->count("compile") == 2);
    CHECK(engine->statistics().compile_hits == 1);
    CHECK(engine->statistics().compile_misses == 2);
}

TEST_CASE("QRY-40 the compile cache is bounded and forgets the least recently used") {
    const auto script = std::make_shared<Script>();
    EngineOptions options;
    options.compile_cache_size = 2;
    const auto engine = make_scripted_engine(script, options);
    ast::CacheKey key;
    const auto a = engine->compile(*scripted_select("a"), key);
    const std::weak_ptr<const Compiled> b = engine->compile(*scripted_select("b"), key);
    CHECK(engine->compile(*scripted_select("a"), key) == a);
    static_cast<void>(engine->compile(*scripted_select("c"), key));
    CHECK(b.expired());
    CHECK(engine->compile(*scripted_select("a"), key) == a);
    CHECK(script->count("compile") == 3);
}

TEST_CASE("QRY-40 what must not be cached is compiled every time") {
    const auto script = std::make_shared<Script>();
    EngineOptions options;
    SUBCASE("by its dialect") {
        script->cacheable = false;
    }
    SUBCASE("by the size of the cache") {
        options.compile_cache_size = 0;
    }
    const auto engine = make_scripted_engine(script, options);
    ast::CacheKey key;
    static_cast<void>(engine->compile(*scripted_select("a"), key));
    static_cast<void>(engine->compile(*scripted_select("a"), key));
    CHECK(script->count("compile") == 2);
}

TEST_CASE("QRY-40 many threads share the compile cache") {
    const auto script = std::make_shared<Script>();
    EngineOptions options;
    options.compile_cache_size = 8;
    const auto engine = make_scripted_engine(script, options);
    std::atomic<int> wrong{0};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                ast::CacheKey key;
                for (int i = 0; i < 1000; ++i) {
                    const std::string table = "t" + std::to_string(i % 12);
                    if (engine->compile(*scripted_select(table), key)->sql != table + " ?") ++wrong;
                }
            });
        }
    }
    CHECK(wrong == 0);
    const EngineStatistics statistics = engine->statistics();
    CHECK(statistics.compile_hits + statistics.compile_misses == 4000);
}

TEST_CASE("QRY-40 the text is made after the dialect has seen the server") {
    const auto script = std::make_shared<Script>();
    const auto engine = make_scripted_engine(script);
    ast::CacheKey key;
    static_cast<void>(engine->compile(*scripted_select("a"), key));
    CHECK(script->calls() == std::vector<std::string>{"connect", "initialize", "reset", "compile"});
}

TEST_CASE("LOG-01 echo writes statements with milliseconds, values only when asked for") {
    const auto log = std::make_shared<RecordingSink>();
    EngineOptions options;
    options.log = log;
    SUBCASE("off") {}
    SUBCASE("statements") {
        options.echo = Echo::Statements;
    }
    SUBCASE("parameters") {
        options.echo = Echo::Parameters;
    }
    const auto engine = make_scripted_engine(std::make_shared<Script>(), options);
    engine->connect().fetch_all(*scripted_select("orders", Value("blue")));
    engine->connect().execute_script("a script");
    const auto lines = log->lines();
    if (options.echo == Echo::Off) {
        CHECK(lines.empty());
        return;
    }
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].front() == '[');
    CHECK(lines[0].find(" ms] orders ?") != std::string::npos);
    CHECK((lines[0].find("blue") != std::string::npos) == (options.echo == Echo::Parameters));
    CHECK(lines[1].find(" ms] a script") != std::string::npos);
}

TEST_CASE("LOG-01 listeners hear of every statement, also of those that fail") {
    const auto script = std::make_shared<Script>();
    script->on_call = [](const std::string& call) {
        if (call == "execute items ?") scripted_error(ErrorCode::Programming);
    };
    const auto engine = make_scripted_engine(script);
    std::vector<std::string> heard;
    engine->on_statement([&heard](const StatementEvent& event) {
        heard.push_back(std::string(event.sql) + (event.failed ? " failed " : " ") +
                        std::to_string(event.parameters.size()));
    });
    Connection connection = engine->connect();
    connection.fetch_all(*scripted_select("orders"));
    CHECK_THROWS_AS(connection.fetch_all(*scripted_select("items")), ProgrammingError);
    CHECK(heard == std::vector<std::string>{"orders ? 1", "items ? failed 1"});
}

TEST_CASE("CON-21 neither echo nor errors show the password") {
    const auto log = std::make_shared<RecordingSink>();
    EngineOptions options;
    options.log = log;
    options.echo = Echo::Parameters;
    options.pool_size = 1;
    options.pool_timeout = std::chrono::milliseconds(1);
    const auto engine = make_scripted_engine(std::make_shared<Script>(), options);
    Connection connection = engine->connect();
    connection.fetch_all(*scripted_select("orders"));
    connection.invalidate();
    std::vector<std::string> texts = log->lines();
    try {
        static_cast<void>(engine->connect());
    } catch (const Error& error) {
        texts.emplace_back(error.what());
    }
    try {
        const Engine unknown("nosuchdatabase://user:secret@host/db");
    } catch (const Error& error) {
        texts.emplace_back(error.what());
    }
    CHECK(texts.size() == 3);
    for (const std::string& text : texts) CHECK(text.find("secret") == std::string::npos);
}

TEST_CASE("CON-10 an engine that cannot work is refused before anything connects") {
    const auto script = std::make_shared<Script>();
    EngineOptions none;
    none.pool_size = 0;
    CHECK_THROWS_AS(static_cast<void>(make_scripted_engine(script, none)), ArgumentError);
    EngineOptions boundless;
    boundless.statement_cache_size = std::size_t{1} << 63U; // the table for it would have no slot
    CHECK_THROWS_AS(static_cast<void>(make_scripted_engine(script, boundless)), ArgumentError);
    CHECK_THROWS_AS(Engine(Url::parse("scripted://h/d?speling=1"), make_scripted_dialect(script)),
                    ArgumentError);
    CHECK_THROWS_AS(Engine(Url::parse("scripted://h/d"), std::unique_ptr<Dialect>()),
                    ArgumentError);
    CHECK_THROWS_AS(Engine("not an address"), ArgumentError);
    CHECK(script->count("connect") == 0);
}
