// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/engine/engine.hpp>
#include <mercator/support/export.hpp>
#include <mercator/support/log.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace mercator {

/// What an application decides about its database, as one aggregate: `Config{.uri =
/// "sqlite:///shop.db"}`. A value; `uri` may hold a password, so it is never printed by Mercator
/// (`Url::to_string` hides it).
struct MERCATOR_API Config {
    std::string uri{};
    Echo echo = Echo::Off;
    std::size_t pool_size = 5;                      ///< hard maximum of open connections
    std::chrono::milliseconds pool_timeout{30'000}; ///< how long to wait for a free one
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds busy_timeout{
        5'000}; ///< how long to wait for another writer of the same file
    std::size_t compile_cache_size = 500;
    std::size_t statement_cache_size = 100;
    std::shared_ptr<LogSink> log{};          ///< default: the spdlog logger "mercator"
    std::vector<std::string> dialect_path{}; ///< folders searched first for dialect plugins

    /// Reads MERCATOR_URI, MERCATOR_ECHO (off, statements, parameters) and MERCATOR_POOL_SIZE; what
    /// is not set keeps its default, so `uri` may be empty. Throws ArgumentError that names the
    /// variable.
    [[nodiscard]] static Config from_env();

    [[nodiscard]] EngineOptions engine_options() const;
};

} // namespace mercator
