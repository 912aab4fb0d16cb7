// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/cache_key.hpp>
#include <mercator/dialect/driver.hpp>
#include <mercator/engine/event.hpp>
#include <mercator/support/export.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mercator {

class Engine;
class PooledConnection;
struct CachedStatement;

/// A prepared statement on loan from its connection's cache, executed. Resets the statement and
/// gives it back at the end of its life. Move-only; must not outlive its Connection.
class MERCATOR_API StatementLease {
public:
    StatementLease() = default;
    StatementLease(StatementLease&& other) noexcept;
    StatementLease& operator=(StatementLease&& other) noexcept;
    ~StatementLease();

    DriverStatement* operator->() const noexcept { return statement_; }
    DriverStatement& operator*() const noexcept { return *statement_; }

private:
    friend class Connection;
    StatementLease(PooledConnection& owner, CachedStatement& entry) noexcept;
    void give_back() noexcept;

    PooledConnection* owner_ = nullptr;
    CachedStatement* entry_ = nullptr;
    DriverStatement* statement_ = nullptr;
};

/// One statement of several that are executed together. The values must live until they are.
struct PipelineRequest {
    std::shared_ptr<const Compiled> compiled;
    std::span<const Value> values;
};

/// All rows of a dynamic query.
using ValueRows = std::vector<std::vector<Value>>;

/// What SQL text brought, for programs that show rows without knowing them beforehand.
struct TextResult {
    std::vector<std::string> columns; ///< as the database calls them; empty if it gives no rows
    ValueRows rows;
    std::uint64_t affected = 0; ///< rows that a statement without rows has changed
};

/// One link to the database, checked out of the pool; given back (rolled back and reset) at the end
/// of its life, or closed if it broke. Move-only; one thread at a time: using it from two at once
/// throws StateError.
class MERCATOR_API Connection {
public:
    Connection(Connection&& other) noexcept;
    Connection& operator=(Connection&& other) noexcept;
    ~Connection();

    [[nodiscard]] Engine& engine() const noexcept { return *engine_; }

    /// Runs a compiled statement. It is prepared once and kept in a bounded cache; a cached one
    /// that no longer fits the schema is prepared again when no statement of the running
    /// transaction would be lost by that, else ProgrammingError with code StatementInvalidated.
    [[nodiscard]] StatementLease execute(const std::shared_ptr<const Compiled>& compiled,
                                         std::span<const Value> values);
    [[nodiscard]] StatementLease execute(const std::shared_ptr<const Compiled>& compiled,
                                         const BindPlan& plan,
                                         std::span<const std::byte* const> rows);
    /// Runs statements that read, in one round trip where the backend can
    /// (`Capabilities::pipeline`) and one after the other elsewhere; either way the leases stand in
    /// the order of the requests and their rows can be fetched in any order. (Where rows are read
    /// from the wire as they are fetched, those of the earlier statements are read into memory when
    /// the next one starts.) When one fails, its error is thrown and there is no result at all.
    /// Listeners are told of each statement up to the one that failed, each with the time of the
    /// whole round trip. StateError for a statement that writes: its effect could not be told from
    /// that of its neighbours.
    [[nodiscard]] std::vector<StatementLease>
    execute_together(std::span<const PipelineRequest> requests);
    /// Compiles (through the engine's cache), runs, and reads all rows: for statements without
    /// mapped classes.
    ValueRows fetch_all(const ast::Statement& statement);
    /// The same for SQL text of the application's author, without parameters.
    ValueRows fetch_all(std::string_view sql);
    /// The same with the names of the columns, or with the number of rows changed: one statement.
    TextResult execute_text(std::string_view sql);
    /// Compiles and runs a statement; returns the number of rows affected.
    std::uint64_t execute(const ast::Statement& statement);
    /// Statements that the connection compiles itself find their tables in these schemas, until it
    /// is given back; nullptr for those that they name. It must live as long.
    void translate_schemas(const ast::SchemaTranslation* schemas) noexcept;
    /// Runs one or more statements without parameters and results: DDL, scripts.
    void execute_script(std::string_view sql);

    /// With Default, the level is `EngineOptions::isolation`. UnsupportedError for a level that the
    /// database does not have; nothing has begun then.
    void begin(TransactionMode mode = TransactionMode::Read,
               Isolation isolation = Isolation::Default);
    /// Throws if the database did not commit; the transaction is over then, unless the error says
    /// otherwise.
    void commit();
    /// Ends the transaction without its effects; nothing happens when there is none. A link that
    /// cannot even roll back is closed at the end of the Connection, not reused: that ends the
    /// transaction too, so it is logged and not thrown.
    void rollback();
    void savepoint(std::string_view name);
    void rollback_to_savepoint(std::string_view name);
    void release_savepoint(std::string_view name);
    [[nodiscard]] bool in_transaction() const noexcept;

    [[nodiscard]] DriverConnection& driver();
    /// Prepared statements held by the cache now (for tests and metrics).
    [[nodiscard]] std::size_t prepared_statements() const noexcept;
    /// Gives the link up: every further use is a StateError, and it is closed instead of given
    /// back.
    void invalidate() noexcept;

private:
    friend class Engine;
    friend class Pool;
    Connection(Engine& engine, std::unique_ptr<PooledConnection> link) noexcept;
    template <class Run, class Describe>
    StatementLease run(const std::shared_ptr<const Compiled>& compiled, Run&& execute_on,
                       std::size_t rows, Describe&& describe);
    template <class Run>
    static StatementLease attempt(PooledConnection& link,
                                  const std::shared_ptr<const Compiled>& compiled, Run&& execute_on,
                                  std::size_t rows, bool last);
    [[nodiscard]] std::vector<StatementLease> pipeline(PooledConnection& link,
                                                       std::span<const PipelineRequest> requests);
    [[nodiscard]] static std::vector<StatementLease>
    attempt_pipeline(PooledConnection& link, std::span<const PipelineRequest> requests, bool last);
    void tell_pipeline(std::span<const PipelineRequest> requests, std::size_t failed,
                       std::chrono::nanoseconds duration);
    template <class Action>
    auto observe(StatementEvent event, Action&& action);
    /// As listeners want it to be, or as it is.
    [[nodiscard]] StatementLease execute_rewritten(const std::shared_ptr<const Compiled>& compiled,
                                                   std::span<const Value> values);
    void tell_checkin() noexcept;
    /// Closed instead of given back; `is_lost`: as the links that were opened before.
    void give_up(bool is_lost) noexcept;
    StatementLease run_values(const std::shared_ptr<const Compiled>& compiled,
                              std::span<const Value> values);
    template <class Action>
    static void noting_failures(PooledConnection& link, Action&& action);
    template <class Action>
    void mark(Action&& action);
    template <class Action>
    void told(TransactionCommand command, Action&& action, std::string_view name = {});
    [[nodiscard]] StatementLease compile_and_run(const ast::Statement& statement);
    [[nodiscard]] PooledConnection& link() const;
    [[nodiscard]] PooledConnection& usable() const;
    void give_back() noexcept;

    Engine* engine_;
    std::unique_ptr<PooledConnection> link_;
};

/// A transaction as a scope: rolls back at its end unless committed, also while an exception
/// passes. The destructor never commits and never throws.
class MERCATOR_API Transaction {
public:
    explicit Transaction(Connection& connection, TransactionMode mode = TransactionMode::Write,
                         Isolation isolation = Isolation::Default);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();
    /// StateError when the transaction is already over.
    void commit();
    void rollback();

private:
    Connection& connection_;
    bool open_ = true;
};

} // namespace mercator
