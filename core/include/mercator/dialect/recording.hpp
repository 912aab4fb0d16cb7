// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/capabilities.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/export.hpp>
#include <mercator/types/value.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mercator {
inline namespace abi1 {

/// One thing that a recording driver was asked to do: a statement with the parameters of each row,
/// or "BEGIN", "COMMIT", "ROLLBACK", a savepoint, a script (no rows).
struct RecordedCall {
    std::string sql;
    std::vector<std::vector<Value>> rows;
};

/// What a driver without a database heard, and what it shall answer. A test scripts it before, and
/// reads it after, the code under test has talked to `ansi://<name>`:
///
///     auto recorder = Recorder::named("orders");
///     recorder->reply({{Value(1), Value("Ada")}});     // the next statement with result columns
///     gets this row recorder->fail_call(3, {.code = ErrorCode::Disconnected, .message = "gone"});
///     ... use create_engine("ansi://orders") ...
///     CHECK(recorder->calls().at(0).sql == "BEGIN");
///
/// Unscripted, a query finds no rows, a write affects as many rows as it was given, and generated
/// keys count from 1. Recorders live as long as the process and are shared by name; all functions
/// may be called from any thread.
class MERCATOR_API Recorder {
public:
    using Rows = std::vector<std::vector<Value>>;

    /// The recorder of that name, made on first use.
    [[nodiscard]] static std::shared_ptr<Recorder> named(std::string_view name);

    // --- scripting
    /// Rows for the next statement that has result columns and no earlier reply.
    void reply(Rows rows);
    /// Affected rows of the next write, instead of the number of rows it was given.
    void affect(std::uint64_t rows);
    /// Call number `call` from now, counted from 1 over prepare, execute, begin, commit, rollback,
    /// savepoints and scripts, fails with `info`.
    void fail_call(std::uint64_t call, DatabaseErrorInfo info);
    /// What the dialect of engines that connect from now on can do.
    void set_capabilities(Capabilities capabilities);
    /// Forgets everything recorded and scripted.
    void clear();

    // --- reading
    [[nodiscard]] std::vector<RecordedCall> calls() const;
    /// The texts of `calls()`.
    [[nodiscard]] std::vector<std::string> statements() const;
    [[nodiscard]] std::uint64_t call_count() const;
    /// Statements that were prepared.
    [[nodiscard]] std::uint64_t prepared_count() const;

    // --- the driver's side
    /// Counts a call; throws the scripted failure with `sql` as its statement.
    void count_call(std::string_view sql);
    void count_prepared();
    void record(RecordedCall call);
    [[nodiscard]] Rows next_reply();
    [[nodiscard]] std::uint64_t next_affected(std::uint64_t given);
    [[nodiscard]] std::int64_t next_key();
    [[nodiscard]] std::optional<Capabilities> capabilities() const;

private:
    mutable std::mutex mutex_;
    std::vector<RecordedCall> calls_;
    std::deque<Rows> replies_;
    std::deque<std::uint64_t> affected_;
    std::map<std::uint64_t, DatabaseErrorInfo> failures_; ///< by absolute call number
    std::optional<Capabilities> capabilities_;
    std::uint64_t call_count_ = 0;
    std::uint64_t prepared_count_ = 0;
    std::int64_t last_key_ = 0;
};

} // namespace abi1
} // namespace mercator
