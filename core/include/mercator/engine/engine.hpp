// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/cache_key.hpp>
#include <mercator/dialect/dialect.hpp>
#include <mercator/engine/connection.hpp>
#include <mercator/engine/event.hpp>
#include <mercator/support/export.hpp>
#include <mercator/support/log.hpp>
#include <mercator/support/url.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mercator {

enum class Echo : std::uint8_t {
    Off,
    Statements, ///< SQL and milliseconds
    Parameters  ///< values too
};

/// Settings of one engine. Durations are real time by the steady clock.
struct EngineOptions {
    std::size_t pool_size = 5;                      ///< hard maximum of open connections
    std::chrono::milliseconds pool_timeout{30'000}; ///< how long `connect` waits for a free one
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds busy_timeout{5'000};
    std::size_t compile_cache_size = 500;   ///< compiled statements kept by structure
    std::size_t statement_cache_size = 100; ///< prepared statements kept on each connection
    Echo echo = Echo::Off;
    std::shared_ptr<LogSink> log;          ///< default: the spdlog logger "mercator"
    std::vector<std::string> dialect_path; ///< folders searched first for dialect plugins
};

/// What an engine has done so far; counters only grow.
struct EngineStatistics {
    std::uint64_t compile_hits = 0;
    std::uint64_t compile_misses = 0;
    std::uint64_t statements_prepared = 0;
    std::uint64_t statements_executed = 0;
    std::uint64_t connections_opened = 0;
};

class Pool;

/// One database: its address, its dialect, its connections, and what has been compiled for it
/// (SQLAlchemy's Engine). Make one per database and share it; every member function may be called
/// from any thread. Nothing connects before the first `connect`. Destroy it after all connections
/// and sessions made from it.
class MERCATOR_API Engine {
public:
    /// Loads the dialect for the URI's scheme. Throws ArgumentError (URI), PluginError (no dialect;
    /// lists what was tried).
    explicit Engine(const Url& url, EngineOptions options = {});
    explicit Engine(std::string_view uri, EngineOptions options = {});
    /// For a dialect object that the application made itself instead of a plugin; `url.scheme` is
    /// not looked at.
    Engine(const Url& url, std::unique_ptr<Dialect> dialect, EngineOptions options = {});
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    ~Engine();

    [[nodiscard]] const Url& url() const noexcept { return url_; }
    [[nodiscard]] const Dialect& dialect() const noexcept { return *dialect_; }
    /// What the connected product can do. Connects if nothing has connected yet.
    [[nodiscard]] const Capabilities& capabilities();
    [[nodiscard]] const EngineOptions& options() const noexcept { return options_; }

    /// Checks a connection out of the pool, opening one if allowed. Throws TimeoutError after
    /// `pool_timeout` (says size and how many are in use), or what the driver says about opening.
    [[nodiscard]] Connection connect();

    /// The compiled form of `statement`, from the cache when one of equal structure is there. `key`
    /// is scratch that the caller keeps; afterwards `key.binds` are the values for
    /// `Compiled::binds[i].source`. The text depends on the product, so a miss connects if nothing
    /// has connected yet; `dialect().compile` never does.
    [[nodiscard]] std::shared_ptr<const Compiled> compile(const ast::Statement& statement,
                                                          ast::CacheKey& key);

    /// Adds a listener for every statement. Add listeners before the engine is used by several
    /// threads.
    void on_statement(StatementListener listener);

    [[nodiscard]] EngineStatistics statistics() const noexcept;

private:
    friend class Connection;
    friend class Pool;
    struct CompileCache;

    void tell(const StatementEvent& event) const;
    [[nodiscard]] bool observed() const noexcept { return observed_; }

    Url url_;
    EngineOptions options_;
    std::unique_ptr<Dialect> dialect_;
    std::unique_ptr<CompileCache> cache_;
    std::unique_ptr<Pool> pool_;
    std::vector<StatementListener> listeners_;
    bool observed_ = false;
    std::atomic<std::uint64_t> prepared_{
        0}; // on links that are closed; the open ones count for themselves
    std::atomic<std::uint64_t> executed_{0};
    std::atomic<std::uint64_t> opened_{0};
};

/// Values of a compiled statement's parameters in the order in which the driver wants them.
MERCATOR_API void gather_binds(const Compiled& compiled, const ast::CacheKey& key,
                               std::vector<Value>& values);

} // namespace mercator
