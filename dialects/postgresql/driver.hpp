// SPDX-License-Identifier: MIT
#pragma once

#include "connect.hpp"

#include <mercator/dialect/driver.hpp>
#include <mercator/support/log.hpp>

#include <libpq-fe.h>

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mercator::postgresql {

class Parameters;

/// May the text leave something behind in the session: a setting, a lock, a temporary table?
[[nodiscard]] bool may_change_session(std::string_view sql);

struct ClearResult {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ClearResult>;

/// Whether the server keeps statements between two executions. A proxy that lends its connections
/// per transaction (pgbouncer) cannot find them again: there each execution sends its text, as the
/// unnamed statement.
enum class Preparation : std::uint8_t { Named, Unnamed };

/// How long an answer may take; 0: for ever.
struct Limits {
    std::chrono::milliseconds answer{0};
    std::chrono::milliseconds ping{0};
};

/// A link to one PostgreSQL server. Statements are named m1, m2 … and prepared together with their
/// first execution, in one round trip. Names of destroyed statements are collected and freed with a
/// later message, so that a destructor never waits.
class Connection final : public DriverConnection {
public:
    Connection(ConnectionPtr link, Preparation preparation, Limits limits,
               std::shared_ptr<LogSink> log);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() override;

    [[nodiscard]] std::unique_ptr<DriverStatement>
    prepare(std::shared_ptr<const Compiled> compiled) override;
    void execute_together(std::span<DriverStatement* const> statements,
                          std::span<const std::span<const Value>> values) override;
    void execute_script(std::string_view sql) override;
    void begin(TransactionMode mode) override;
    void begin_isolated(TransactionMode mode, Isolation isolation) override;
    void commit() override;
    void rollback() override;
    void savepoint(std::string_view name) override;
    void rollback_to_savepoint(std::string_view name) override;
    void release_savepoint(std::string_view name) override;
    [[nodiscard]] bool in_transaction() const override;
    void reset() override;
    void ping() override;
    [[nodiscard]] bool is_broken() const noexcept override;
    [[nodiscard]] bool session_changed() const noexcept override { return session_changed_; }
    void accept_session() noexcept override { session_changed_ = false; }

    // for Statement

    [[nodiscard]] bool names_statements() const noexcept {
        return preparation_ == Preparation::Named;
    }
    /// Empty: the unnamed statement, gone with the next one.
    [[nodiscard]] std::string next_name() {
        return names_statements() ? "m" + std::to_string(++last_name_) : std::string();
    }
    /// The server may forget this statement, some time.
    void forget(std::string name) noexcept;
    /// Prepares and executes in one round trip; sets `prepared` when the first half succeeded.
    [[nodiscard]] ResultPtr prepare_and_execute(const std::string& name, const std::string& sql,
                                                const Parameters& parameters, bool& prepared);
    [[nodiscard]] ResultPtr execute_prepared(const std::string& name, const std::string& sql,
                                             const Parameters& parameters);
    /// Pipeline: many executions, one round trip. `enter`, any number of `send`, `finish` (which
    /// adds up the affected rows).
    void enter_pipeline(std::string_view sql);
    void send_prepare(const std::string& name, const std::string& sql,
                      const Parameters& parameters);
    void send(const std::string& name, const std::string& sql, const Parameters& parameters);
    [[nodiscard]] std::uint64_t finish_pipeline(std::string_view sql);
    /// The next of a pipeline's answers, which leaves them; throws when it is an error or missing.
    [[nodiscard]] ResultPtr take_answer(std::span<ResultPtr>& answers, std::string_view sql);
    /// Waits for what is still in flight after a failure between `enter_pipeline` and
    /// `finish_pipeline`.
    void abandon_pipeline() noexcept;

private:
    [[nodiscard]] ResultPtr checked(ResultPtr result, std::string_view sql);
    [[noreturn]] void fail(const PGresult* result, std::string_view sql);
    ResultPtr run(const std::string& sql);
    void note_text(std::string_view sql);
    /// PGTZ and PGDATESTYLE of the environment win over what was asked for at the start.
    void settle_formats();
    /// Waits until the server has answered, or gives the link up.
    void await_answer(std::string_view sql);
    [[nodiscard]] ResultPtr next_result(std::string_view sql);
    [[nodiscard]] ResultPtr last_result(std::string_view sql);
    void free_forgotten();
    [[nodiscard]] std::string forgotten_names_script();
    /// All results up to the synchronisation point, in order.
    [[nodiscard]] std::vector<ResultPtr> collect_pipeline(std::string_view sql = {});
    void run_with_name(std::string_view before, std::string_view name);

    ConnectionPtr link_;
    Preparation preparation_;
    Limits limits_;
    std::shared_ptr<LogSink> log_;
    std::vector<std::string> forgotten_;
    std::uint64_t last_name_ = 0;
    pid_t process_;
    bool broken_ = false;
    bool session_changed_ = false;
};

} // namespace mercator::postgresql
