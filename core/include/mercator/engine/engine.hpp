// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/cache_key.hpp>
#include <mercator/dialect/dialect.hpp>
#include <mercator/dialect/inspector.hpp>
#include <mercator/engine/connection.hpp>
#include <mercator/engine/event.hpp>
#include <mercator/support/code_place.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/export.hpp>
#include <mercator/support/log.hpp>
#include <mercator/support/url.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mercator {

enum class Echo : std::uint8_t {
    Off,
    Statements, ///< SQL, BEGIN and COMMIT included, and milliseconds
    Parameters, ///< values too
    Rows        ///< and the first rows of each result
};

/// Opens a link instead of `dialect.connect(url, options)`: to fetch a fresh password, to count, to
/// wrap. Must be safe to call from any thread; may throw anything, which `Engine::connect` passes
/// on.
using Creator = std::function<std::unique_ptr<DriverConnection>(
    const Dialect& dialect, const Url& url, const ConnectOptions& options)>;

/// Prepares each new link, before anybody else sees it. It runs on the thread that asked for a
/// connection. When it throws, or leaves a transaction open, the link is closed.
using OnConnect = std::function<void(Connection& connection)>;

/// Settings of one engine. Durations are real time by the steady clock; docs/configuration.md has
/// a table of all of them.
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
    bool hide_parameters = false;          ///< no values in the log, whatever `echo` says
    /// Links that may lie idle; those above are closed when they come back.
    std::size_t pool_max_idle = std::numeric_limits<std::size_t>::max();
    /// Age at which a link is replaced when it is next taken from the pool; 0: never. Each link
    /// lives up to a tenth shorter, so that they do not all end together.
    std::chrono::milliseconds max_lifetime{0};
    bool pre_ping = false; ///< ask an idle link for a sign of life before it is handed out
    std::chrono::milliseconds ping_window{1'000};  ///< ... unless it was used within this time
    std::chrono::milliseconds ping_timeout{5'000}; ///< how long the sign of life may take
    /// A connection in use for longer than this is told of in the log, once, with the place that
    /// took it; 0: never.
    std::chrono::milliseconds lease_warning{0};
    std::string base_directory{}; ///< of relative file names; empty: the working folder
                                  ///< when the engine is made
    std::map<std::string, std::string> connect_args{}; ///< options added to those of the address
    OnConnect on_connect{};
    Creator creator{};
    /// Of transactions that do not name a level themselves; Default: what the database does.
    Isolation isolation = Isolation::Default;
};

/// What an engine has done so far, counters that only grow, and what its pool holds now.
struct EngineStatistics {
    std::uint64_t compile_hits = 0;
    std::uint64_t compile_misses = 0;
    std::uint64_t statements_prepared = 0;
    std::uint64_t statements_executed = 0;
    std::uint64_t connections_opened = 0;
    std::uint64_t connections_closed = 0;
    std::uint64_t checkouts = 0;     ///< connections handed out
    std::uint64_t pool_timeouts = 0; ///< callers that waited in vain
    std::size_t idle = 0;            ///< open connections that nobody uses, now
    std::size_t in_use = 0;          ///< handed out or being opened, now
    std::size_t waiting = 0;         ///< callers that wait for one, now
};

class EngineEvents;
class ListenerRegistry;
class Pool;
enum class EngineEvent : std::uint8_t;

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
    /// `where` is for the warning about a connection that is kept too long.
    [[nodiscard]] Connection connect(CodePlace where = CodePlace::here());

    /// The compiled form of `statement`, from the cache when one of equal structure is there. `key`
    /// is scratch that the caller keeps; afterwards `key.binds` are the values for
    /// `Compiled::binds[i].source`. The text depends on the product, so a miss connects if nothing
    /// has connected yet; `dialect().compile` never does. Tables lie where `key.schemas` says.
    [[nodiscard]] std::shared_ptr<const Compiled> compile(const ast::Statement& statement,
                                                          ast::CacheKey& key);

    /// Adds a listener for every statement. Add listeners before the engine is used by several
    /// threads.
    /// Returns a number by which it can be taken out again.
    /// What it throws is logged and dropped: the statement has run, or has failed by itself.
    std::uint64_t on_statement(StatementListener listener);
    void remove_listener(std::uint64_t number) noexcept;
    /// Everything else that can be listened to: see engine_events.hpp.
    [[nodiscard]] EngineEvents on();

    [[nodiscard]] EngineStatistics statistics() const noexcept;

private:
    friend class Connection;
    friend class EngineEvents;
    friend class Pool;
    friend class SchemaInspector;
    struct CompileCache;

    void warn_of_uncached(const std::string& function);
    void tell(const StatementEvent& event) const noexcept;
    [[nodiscard]] bool listens_to(EngineEvent event) const noexcept;
    void tell(EngineEvent event, void* call) const;
    void tell_quietly(EngineEvent event, void* call) const noexcept;
    void warn_of_listener(const char* words) const noexcept;
    [[nodiscard]] Connection connect_observed(CodePlace where);
    void tell_reflected(const TableName& table, std::vector<ReflectedColumn>& columns) const;
    /// Throws what listeners make of the error; returns if they leave it as it is.
    void raise(const DatabaseError& error, std::string_view sql, Connection* connection) const;
    /// BEGIN and its kin: for the log, and for listeners of transactions.
    void tell_control(TransactionCommand command, std::string_view savepoint,
                      std::chrono::nanoseconds duration, bool failed) const noexcept;
    [[nodiscard]] bool observed() const noexcept { return observed_; }
    [[nodiscard]] bool echoes() const noexcept { return options_.echo != Echo::Off; }

    Url url_;
    EngineOptions options_;
    std::shared_ptr<LogSink> log_; ///< cleans and hands on to the application's
    std::unique_ptr<Dialect> dialect_;
    std::unique_ptr<CompileCache> cache_;
    std::unique_ptr<Pool> pool_;
    struct Listener {
        std::uint64_t number;
        StatementListener call;
    };
    std::vector<Listener> listeners_;
    std::uint64_t next_listener_ = 1;
    std::shared_ptr<ListenerRegistry> events_;
    bool observed_ = false;
    std::atomic<std::uint64_t> prepared_{
        0}; // on links that are closed; the open ones count for themselves
    std::atomic<std::uint64_t> executed_{0};
    std::atomic<std::uint64_t> opened_{0};
    std::atomic<std::uint64_t> closed_{0};
};

/// Values of a compiled statement's parameters in the order in which the driver wants them.
MERCATOR_API void gather_binds(const Compiled& compiled, const ast::CacheKey& key,
                               std::vector<Value>& values);

} // namespace mercator
