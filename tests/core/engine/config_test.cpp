// SPDX-License-Identifier: MIT
#include <mercator/engine/config.hpp>

#include <mercator/dialect/recording.hpp>
#include <mercator/engine/connection.hpp>
#include <mercator/engine/engine.hpp>
#include <mercator/engine/pool_timeout.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <stdlib.h>

#include <chrono>
#include <string>
#include <vector>

using namespace mercator;

namespace {

// Sets a variable and puts things back afterwards.
class Variable {
public:
    Variable(const char* name, const char* value) : name_(name) {
        if (const char* old = getenv(name)) old_ = old;
        setenv(name, value, 1);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() { old_.empty() ? unsetenv(name_) : setenv(name_, old_.c_str(), 1); }

private:
    const char* name_;
    std::string old_;
};

} // namespace

TEST_CASE("CON-10 a configuration is an aggregate and becomes the engine's options") {
    const Config config{.uri = "sqlite:///shop.db", .echo = Echo::Statements, .pool_size = 3};
    CHECK(config.uri == "sqlite:///shop.db");
    const EngineOptions options = config.engine_options();
    CHECK(options.echo == Echo::Statements);
    CHECK(options.pool_size == 3);
    CHECK(options.pool_timeout == EngineOptions{}.pool_timeout);
    CHECK(options.statement_cache_size == EngineOptions{}.statement_cache_size);
}

TEST_CASE("CON-10 a configuration comes from the environment") {
    const Variable uri("MERCATOR_URI", "sqlite:///env.db");
    const Variable echo("MERCATOR_ECHO", "parameters");
    const Variable size("MERCATOR_POOL_SIZE", "9");
    const Config config = Config::from_env();
    CHECK(config.uri == "sqlite:///env.db");
    CHECK(config.echo == Echo::Parameters);
    CHECK(config.pool_size == 9);
}

TEST_CASE("CON-10 a variable that makes no sense is an ArgumentError that names it") {
    const char* name = nullptr;
    const char* value = nullptr;
    SUBCASE("zero connections") {
        name = "MERCATOR_POOL_SIZE", value = "0";
    }
    SUBCASE("no number") {
        name = "MERCATOR_POOL_SIZE", value = "5x";
    }
    SUBCASE("negative") {
        name = "MERCATOR_POOL_SIZE", value = "-1";
    }
    SUBCASE("an unknown word") {
        name = "MERCATOR_ECHO", value = "loud";
    }
    const Variable variable(name, value);
    try {
        static_cast<void>(Config::from_env());
        FAIL("accepted");
    } catch (const ArgumentError& error) {
        CHECK(error.where() == name);
        CHECK(std::string(error.what()).find(value) != std::string::npos);
    }
}

TEST_CASE("CON-09 two databases with different configurations live side by side") {
    std::vector<std::string> told;
    Config loud{.uri = "ansi://config-loud", .echo = Echo::Statements, .pool_size = 1};
    loud.log = log_to([&](LogLevel, std::string_view line) { told.emplace_back(line); });
    loud.pool_timeout = std::chrono::milliseconds(1);
    Config quiet{.uri = "ansi://config-quiet"};
    quiet.log = log_to([&](LogLevel, std::string_view) { told.emplace_back("quiet"); });
    Engine first(loud.uri, loud.engine_options());
    Engine second(quiet.uri, quiet.engine_options());
    Connection one = first.connect();
    Connection two = second.connect();
    one.execute_script("of the first");
    two.execute_script("of the second");
    REQUIRE(told.size() == 1);
    CHECK(told[0].find("of the first") != std::string::npos);
    CHECK_THROWS_AS(static_cast<void>(first.connect()), PoolTimeout);
    CHECK_NOTHROW(static_cast<void>(second.connect()));
    CHECK(Recorder::named("config-loud")->statements() == std::vector<std::string>{"of the first"});
    CHECK(Recorder::named("config-quiet")->statements() ==
          std::vector<std::string>{"of the second"});
}
