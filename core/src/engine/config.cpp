// SPDX-License-Identifier: MIT
#include <mercator/engine/config.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace mercator {

namespace {

std::string_view variable(const char* name) {
    const char* text = std::getenv(name); // NOLINT(concurrency-mt-unsafe): read only
    return text == nullptr ? std::string_view() : std::string_view(text);
}

Echo parse_echo(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, Echo>, 10> words{{
        {"", Echo::Off},
        {"0", Echo::Off},
        {"off", Echo::Off},
        {"false", Echo::Off},
        {"1", Echo::Statements},
        {"on", Echo::Statements},
        {"true", Echo::Statements},
        {"statements", Echo::Statements},
        {"2", Echo::Parameters},
        {"parameters", Echo::Parameters},
    }};
    for (const auto& [word, echo] : words) {
        if (word == text) return echo;
    }
    throw ArgumentError(
        fmt::format("MERCATOR_ECHO is \"{}\"; use off, statements or parameters", text),
        "MERCATOR_ECHO");
}

std::size_t parse_pool_size(std::string_view text) {
    std::size_t size = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (problem != std::errc() || end != text.data() + text.size() || size == 0) {
        throw ArgumentError(
            fmt::format("MERCATOR_POOL_SIZE is \"{}\"; use a whole number from 1", text),
            "MERCATOR_POOL_SIZE");
    }
    return size;
}

} // namespace

Config Config::from_env() {
    Config config;
    config.uri = variable("MERCATOR_URI");
    config.echo = parse_echo(variable("MERCATOR_ECHO"));
    if (const auto size = variable("MERCATOR_POOL_SIZE"); !size.empty())
        config.pool_size = parse_pool_size(size);
    return config;
}

EngineOptions Config::engine_options() const {
    EngineOptions options;
    options.pool_size = pool_size;
    options.pool_timeout = pool_timeout;
    options.connect_timeout = connect_timeout;
    options.busy_timeout = busy_timeout;
    options.compile_cache_size = compile_cache_size;
    options.statement_cache_size = statement_cache_size;
    options.echo = echo;
    options.log = log;
    options.dialect_path = dialect_path;
    return options;
}

} // namespace mercator
