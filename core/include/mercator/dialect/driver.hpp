// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/compiled.hpp>
#include <mercator/support/export.hpp>
#include <mercator/types/field.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mercator {
inline namespace abi1 {

/// One column of a result on its way into a member: column `column` goes to `field` of object
/// number `target`.
struct DecodeStep {
    std::uint16_t column = 0;
    std::uint16_t target = 0;
    Field field;
};

/// Object number `target` is absent from a row in which `column` is NULL: how an outer join says
/// that there is no such object. A column that is NULL in no present object: one of its key.
struct TargetPresence {
    std::uint16_t column = 0;
    std::uint16_t target = 0;
};

/// How a row becomes objects. Core makes it once per statement; the driver executes it once per row
/// and writes each value straight into the member: no intermediate cell, one virtual call per row.
/// Steps are in ascending column order; several of them may read the same column.
struct DecodePlan {
    std::vector<DecodeStep> steps;
    std::vector<TargetPresence> presence; ///< only of targets that may be absent
};

/// For drivers, once per row and before its steps: `targets` without those that are absent from the
/// row. `is_null(column)` tells of the current row.
template <class IsNull>
void drop_absent(const DecodePlan& plan, std::byte** targets, const IsNull& is_null) {
    for (const TargetPresence& item : plan.presence) {
        if (is_null(item.column)) targets[item.target] = nullptr;
    }
}

/// How objects become parameters: parameter i of a row is `fields[i]` of the row's object. Used for
/// whole batches.
struct BindPlan {
    std::vector<Field> fields;
};

/// A statement prepared on one connection, and the result of its last execution. Owned by the
/// connection's statement cache; used by one thread at a time. The life of a result ends with
/// `reset`, which every user must call (also after an exception); `execute` on a statement that was
/// not reset is a programming error.
///
/// All functions throw DatabaseError classes only (through `throw_database_error`), with the SQL
/// text but no values.
class MERCATOR_API DriverStatement {
public:
    virtual ~DriverStatement();

    /// Runs with one value per slot of `Compiled::binds`, encoded by the slot's type.
    virtual void execute(std::span<const Value> values) = 0;
    /// Runs for `rows` (addresses of objects) with parameters read in place. Single: once per row,
    /// no results kept unless there is exactly one row. MultiRow: exactly `Compiled::rows` rows.
    /// Arrays: any number.
    virtual void execute(const BindPlan& plan, std::span<const std::byte* const> rows) = 0;

    /// Decodes the next row into `targets[step.target] + step.field.offset`; false at the end. NULL
    /// for a member that is not optional, a number too large, an unknown enum name: DataError
    /// naming `field.where`, the row's other members unspecified, the statement still usable.
    /// `targets[i] == nullptr` skips the steps of target i. A target that is absent from the row
    /// (`plan.presence`) is set to nullptr, so the caller fills `targets` anew for each row.
    virtual bool fetch(const DecodePlan& plan, std::byte** targets) = 0;
    /// The row that the last `fetch` with a plan delivered, decoded once more, by another plan:
    /// where the first one has told what kind of object the row is. Only after a `fetch` that was
    /// true; the same errors.
    virtual void fetch_again(const DecodePlan& plan, std::byte** targets) = 0;
    /// The next row as Values, decoded by the types of `Compiled::columns` (native type where
    /// Unknown); false at the end.
    virtual bool fetch(std::vector<Value>& row) = 0;
    /// Is the column NULL in the row that the last `fetch` delivered?
    [[nodiscard]] virtual bool is_null(std::uint16_t column) const = 0;

    /// Rows matched by the last UPDATE or DELETE, rows inserted by the last INSERT; sums over a
    /// repeated Single.
    [[nodiscard]] virtual std::uint64_t affected_rows() const = 0;
    /// Key made for the last inserted row where there is no RETURNING; 0 if none.
    [[nodiscard]] virtual std::int64_t last_generated_key() const = 0;
    /// What the database calls the columns of the result, for text whose columns nobody described;
    /// empty when there is no result, or the driver cannot tell. Between `execute` and `reset`.
    [[nodiscard]] virtual std::vector<std::string> column_names() const;

    /// Drops the result, drains what is in flight; afterwards the statement can be executed again.
    virtual void reset() noexcept = 0;
};

enum class TransactionMode : std::uint8_t {
    Read, ///< starts with a read; may write later
    Write ///< the first statement writes: take the write lock now where that avoids a failed
          ///< upgrade
};

/// What a transaction sees of others that run beside it, as standard SQL has it; a database may
/// give more than it is asked for.
enum class Isolation : std::uint8_t {
    Default, ///< as nothing else is said: the engine's, else the database's own
    ReadUncommitted,
    ReadCommitted,
    RepeatableRead,
    Serializable
};

/// As standard SQL says it; empty for Default.
[[nodiscard]] MERCATOR_API std::string_view words_of(Isolation isolation) noexcept;

/// What a connection does besides statements, for logs.
enum class TransactionCommand : std::uint8_t {
    Begin,
    Commit,
    Rollback,
    Savepoint,
    RollbackToSavepoint,
    ReleaseSavepoint
};

/// As standard SQL says it, without the savepoint's name.
[[nodiscard]] MERCATOR_API std::string_view words_of(TransactionCommand command) noexcept;

/// One link to a database. Used by one thread at a time, owned by the pool or by who checked it
/// out. Never reconnects by itself. The destructor closes without blocking for long and never
/// throws.
class MERCATOR_API DriverConnection {
public:
    virtual ~DriverConnection();

    /// Prepares; the returned statement must be destroyed before the connection. Errors in the text
    /// surface here or at the first execute.
    [[nodiscard]] virtual std::unique_ptr<DriverStatement>
    prepare(std::shared_ptr<const Compiled> compiled) = 0;
    /// With `Capabilities::pipeline`: runs SELECTs in one round trip, `statements[i]` with
    /// `values[i]`; afterwards rows can be fetched from each, in any order. A statement stands in
    /// the list once. When one fails, the error is its own, the others are drained and have no
    /// results, and the transaction is as after any failed statement. Without the capability it is
    /// never called, and throws StateError.
    virtual void execute_together(std::span<DriverStatement* const> statements,
                                  std::span<const std::span<const Value>> values);
    /// Runs one or several statements without parameters and results: DDL, settings, scripts of the
    /// application's author.
    virtual void execute_script(std::string_view sql) = 0;

    virtual void begin(TransactionMode mode) = 0;
    /// The same with a level that the capabilities have, for this transaction alone. Never called
    /// for Default; the base has none and throws UnsupportedError.
    virtual void begin_isolated(TransactionMode mode, Isolation isolation);
    /// Throws unless the database confirmed a commit (an answer of ROLLBACK is a failure).
    virtual void commit() = 0;
    virtual void rollback() = 0;
    /// `name` is quoted by the driver.
    virtual void savepoint(std::string_view name) = 0;
    virtual void rollback_to_savepoint(std::string_view name) = 0;
    virtual void release_savepoint(std::string_view name) = 0;
    /// As the database itself sees it, asked without a round trip.
    [[nodiscard]] virtual bool in_transaction() const = 0;

    /// Makes the link as new before it goes back to the pool: rolls back, forgets session settings
    /// where cheap.
    virtual void reset() = 0;
    /// A cheap round trip (none for a file) within `ConnectOptions::ping_timeout`. Throws
    /// DisconnectError or TimeoutError. Opens no transaction.
    virtual void ping() = 0;
    /// Has something run since the opening, or the last `accept_session`, that may have changed the
    /// session itself: settings, temporary tables, locks? `reset` undoes it.
    [[nodiscard]] virtual bool session_changed() const noexcept;
    /// What has been changed so far belongs to the link and no longer counts as a change.
    virtual void accept_session() noexcept;
    /// True once an error said so; such a link is discarded, never reused.
    [[nodiscard]] virtual bool is_broken() const noexcept = 0;
};

} // namespace abi1
} // namespace mercator
