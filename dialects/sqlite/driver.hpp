// SPDX-License-Identifier: MIT
#pragma once

#include "bind.hpp"

#include <mercator/dialect/dialect.hpp>
#include <mercator/dialect/driver.hpp>

#include <sqlite3.h>

#include <array>
#include <memory>
#include <string>

namespace mercator::sqlite {

class SqliteConnection;

/// A prepared statement. A SELECT is stepped by `fetch`; what writes has done all its work when
/// `execute` returns.
class SqliteStatement final : public DriverStatement {
public:
    SqliteStatement(SqliteConnection& connection, std::shared_ptr<const Compiled> compiled);
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;
    ~SqliteStatement() override;

    void execute(std::span<const Value> values) override;
    void execute(const BindPlan& plan, std::span<const std::byte* const> rows) override;
    bool fetch(const DecodePlan& plan, std::byte** targets) override;
    void fetch_again(const DecodePlan& plan, std::byte** targets) override;
    bool fetch(std::vector<Value>& row) override;
    [[nodiscard]] bool is_null(std::uint16_t column) const override;
    [[nodiscard]] std::uint64_t affected_rows() const override { return affected_rows_; }
    [[nodiscard]] std::vector<std::string> column_names() const override;
    [[nodiscard]] std::int64_t last_generated_key() const override { return last_generated_key_; }
    void reset() noexcept override;

private:
    enum class State : std::uint8_t {
        Idle,     ///< nothing executed
        Ready,    ///< parameters are bound, the first step is to come
        RowAhead, ///< a row is there that nobody has seen
        OnRow,    ///< a row is there and was delivered
        Done
    };

    void begin_execution();
    void check(int result);
    [[noreturn]] void fail(int result);
    void bind_row(const BindPlan& plan, std::span<const std::byte* const> rows);
    void start();
    bool step();
    void finish_writing();
    bool next_row();

    SqliteConnection& connection_;
    std::shared_ptr<const Compiled> compiled_;
    sqlite3_stmt* statement_ = nullptr;
    bool reads_only_ = true;
    bool has_columns_ = false;
    bool was_in_transaction_ = false;
    State state_ = State::Idle;
    std::uint64_t affected_rows_ = 0;
    std::int64_t last_generated_key_ = 0;
    Binder binder_;
};

/// One open database file or memory database, without SQLite's own mutex: one thread at a time, as
/// the contract says.
class SqliteConnection final : public DriverConnection {
public:
    SqliteConnection(const Url& url, const ConnectOptions& options);
    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;
    ~SqliteConnection() override;

    [[nodiscard]] std::unique_ptr<DriverStatement>
    prepare(std::shared_ptr<const Compiled> compiled) override;
    void execute_script(std::string_view sql) override;
    void begin(TransactionMode mode) override;
    /// All of them are serializable.
    void begin_isolated(TransactionMode mode, Isolation /*isolation*/) override { begin(mode); }
    void commit() override;
    void rollback() override;
    void savepoint(std::string_view name) override;
    void rollback_to_savepoint(std::string_view name) override;
    void release_savepoint(std::string_view name) override;
    [[nodiscard]] bool in_transaction() const override {
        return sqlite3_get_autocommit(database_) == 0;
    }
    void reset() override;
    void ping() override;
    [[nodiscard]] bool is_broken() const noexcept override { return broken_ || in_forked_child(); }
    [[nodiscard]] bool session_changed() const noexcept override { return session_changed_; }
    void accept_session() noexcept override { session_changed_ = false; }

    [[nodiscard]] sqlite3* handle() const noexcept { return database_; }
    /// Do other connections to the same address see the same database?
    [[nodiscard]] bool is_shared() const noexcept { return shared_; }
    /// A child of fork must not touch its parent's file, not even to close it: closing drops the
    /// parent's locks.
    [[nodiscard]] bool in_forked_child() const noexcept;
    /// Throws the error class of `result`; `was_in_transaction` tells whether the error ended the
    /// transaction.
    [[noreturn]] void fail(int result, std::string_view sql, bool was_in_transaction);

private:
    enum class Control : std::uint8_t { Begin, BeginImmediate, Commit, Rollback };

    void open(const Url& url);
    void harden();
    void configure(const Url& url, const ConnectOptions& options);
    [[noreturn]] void fail_to_open(int result);
    void run(Control control);
    void run_script(const std::string& sql);
    void note_text(std::string_view sql);
    void close() noexcept;

    sqlite3* database_ = nullptr;
    std::array<sqlite3_stmt*, 4> controls_{};
    std::string file_;
    bool in_memory_;
    bool shared_;
    int owner_process_;
    bool broken_ = false;
    bool session_changed_ = false;
};

} // namespace mercator::sqlite
