// SPDX-License-Identifier: MIT
#include <mercator/engine/config.hpp>

#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <stdlib.h>

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
