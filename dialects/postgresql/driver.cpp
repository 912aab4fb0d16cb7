// SPDX-License-Identifier: MIT
#include "driver.hpp"

#include "bind.hpp"
#include "errors.hpp"
#include "statement.hpp"

#include <mercator/dialect/identifier_preparer.hpp>

#include <fmt/format.h>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace mercator::postgresql {
namespace {

constexpr int binary = 1;
constexpr std::size_t most_forgotten = 64;
constexpr std::size_t most_parameters = 65'535; // their number is sent in two bytes
constexpr std::string_view unknown_statement = "26000";

bool is_success(ExecStatusType status) noexcept {
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;
}

/// libpq answers this again and again until the data have been moved.
bool is_copying(const PGresult* result) noexcept {
    const ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

DatabaseErrorInfo copying(std::string_view sql) {
    DatabaseErrorInfo info;
    info.code = ErrorCode::Programming;
    info.message = "COPY from or to the client is not supported, and the connection is given up; "
                   "insert rows in batches, or use psql";
    info.statement = sql;
    info.connection_lost = true;
    info.transaction_aborted = true;
    return info;
}

/// libpq would send what stands before it, a DELETE without its WHERE perhaps.
void refuse_zero_byte(std::string_view sql) {
    if (sql.find('\0') == std::string_view::npos) return;
    DatabaseErrorInfo info;
    info.code = ErrorCode::Programming;
    info.message = "the text of the statement holds a zero byte; bind values instead";
    throw_database_error(std::move(info));
}

void log_notice(void* sink, const PGresult* notice) {
    const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char* message = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
    if (message == nullptr) return;
    const bool is_warning = severity != nullptr && std::strcmp(severity, "WARNING") == 0;
    static_cast<LogSink*>(sink)->write(is_warning ? LogLevel::Warning : LogLevel::Info,
                                       std::string("PostgreSQL: ") + message);
}

} // namespace

bool may_change_session(std::string_view sql) {
    // Statements of the unit of work begin with these; a function in them may still take a lock or
    // make a setting.
    for (const char* harmless : {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}) {
        if (!sql.starts_with(harmless)) continue;
        for (const char* function : {"advisory_lock", "set_config", "INTO TEMP"})
            if (sql.find(function) != std::string_view::npos) return true;
        return false;
    }
    return !sql.empty();
}

std::uint64_t affected_rows_of(PGresult* result) noexcept {
    const std::string_view text = PQcmdTuples(result);
    std::uint64_t rows = 0;
    std::from_chars(text.data(), text.data() + text.size(), rows);
    return rows;
}

Connection::Connection(ConnectionPtr link, Preparation preparation, Limits limits,
                       std::shared_ptr<LogSink> log) :
    link_(std::move(link)),
    preparation_(preparation),
    limits_(limits),
    log_(std::move(log)),
    process_(getpid()) {
    PQsetNoticeReceiver(link_.get(), &log_notice, log_.get());
    settle_formats();
}

Connection::~Connection() {
    if (getpid() == process_) {
        // A peer that no longer reads must not keep us at saying goodbye.
        if (const int socket = PQsocket(link_.get()); broken_ && socket >= 0)
            shutdown(socket, SHUT_RDWR);
        return;
    }
    // A child of fork: saying goodbye here would end the parent's session. Only our copy of the
    // socket is closed.
    PGconn* inherited = link_.release();
    if (const int socket = PQsocket(inherited); socket >= 0) close(socket);
}

std::unique_ptr<DriverStatement> Connection::prepare(std::shared_ptr<const Compiled> compiled) {
    refuse_zero_byte(compiled->sql);
    note_text(compiled->sql);
    if (compiled->binds.size() * std::max(compiled->rows, 1U) > most_parameters &&
        compiled->form != ast::BatchForm::Arrays) {
        DatabaseErrorInfo info;
        info.code = ErrorCode::Programming;
        info.message = fmt::format("a statement can have at most {} parameters", most_parameters);
        info.statement = compiled->sql;
        throw_database_error(std::move(info));
    }
    if (forgotten_.size() >= most_forgotten && PQtransactionStatus(link_.get()) != PQTRANS_INERROR)
        free_forgotten();
    return std::make_unique<Statement>(*this, std::move(compiled));
}

void Connection::execute_script(std::string_view sql) {
    refuse_zero_byte(sql);
    note_text(sql);
    static_cast<void>(checked(run(std::string(sql)), sql));
}

void Connection::begin(TransactionMode /*mode*/) {
    const std::string sql = forgotten_names_script() + "BEGIN";
    try {
        static_cast<void>(checked(run(sql), sql));
    } catch (const DatabaseError& error) {
        if (error.sqlstate() != unknown_statement) throw;
        static_cast<void>(
            checked(run("BEGIN"), "BEGIN")); // somebody sent DISCARD ALL: nothing left to free
    }
}

void Connection::begin_isolated(TransactionMode /*mode*/, Isolation isolation) {
    // In the same message DEALLOCATE would count as a query, after which no level can be set.
    if (!forgotten_.empty()) free_forgotten();
    const std::string sql = "BEGIN ISOLATION LEVEL " + std::string(words_of(isolation));
    static_cast<void>(checked(run(sql), sql));
}

void Connection::commit() {
    constexpr std::string_view sql = "COMMIT";
    DatabaseErrorInfo info;
    info.code = ErrorCode::Operational;
    info.statement = sql;
    info.transaction_aborted = true;
    if (PQtransactionStatus(link_.get()) == PQTRANS_IDLE) {
        info.message = "nothing was committed: there is no transaction";
        throw_database_error(std::move(info));
    }
    const ResultPtr result = checked(run(std::string(sql)), sql);
    if (PQcmdStatus(result.get()) == sql) return;
    info.message = "the database rolled the transaction back instead of committing it, because a "
                   "statement in it had failed";
    throw_database_error(std::move(info));
}

void Connection::rollback() {
    if (PQtransactionStatus(link_.get()) == PQTRANS_IDLE) return;
    constexpr std::string_view sql = "ROLLBACK";
    static_cast<void>(checked(run(std::string(sql)), sql));
}

void Connection::run_with_name(std::string_view before, std::string_view name) {
    std::string sql(before);
    IdentifierPreparer().append(sql, name);
    static_cast<void>(checked(run(sql), sql));
}

void Connection::savepoint(std::string_view name) {
    run_with_name("SAVEPOINT ", name);
}
void Connection::rollback_to_savepoint(std::string_view name) {
    run_with_name("ROLLBACK TO SAVEPOINT ", name);
}
void Connection::release_savepoint(std::string_view name) {
    run_with_name("RELEASE SAVEPOINT ", name);
}

bool Connection::in_transaction() const {
    const auto status = PQtransactionStatus(link_.get());
    return status != PQTRANS_IDLE && status != PQTRANS_UNKNOWN;
}

// DISCARD ALL would also forget our prepared statements and plans.
void Connection::reset() {
    std::string sql = in_transaction() ? "ROLLBACK" : "";
    if (session_changed_)
        sql.append(sql.empty() ? "" : "; ")
            .append("CLOSE ALL; RESET SESSION AUTHORIZATION; RESET ALL; UNLISTEN *; "
                    "SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES");
    if (sql.empty()) return;
    static_cast<void>(checked(run(sql), sql));
    if (session_changed_) settle_formats();
    session_changed_ = false;
}

void Connection::settle_formats() {
    const auto is = [this](const char* setting, std::string_view expected) {
        const char* value = PQparameterStatus(link_.get(), setting); // told by the server unasked
        return value != nullptr && value == expected;
    };
    if (is("TimeZone", "UTC") && is("DateStyle", "ISO, MDY")) return;
    const std::string sql = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'";
    static_cast<void>(checked(run(sql), sql));
}

void Connection::note_text(std::string_view sql) {
    session_changed_ = session_changed_ || may_change_session(sql);
}

void Connection::ping() {
    const auto usual = std::exchange(limits_.answer, limits_.ping);
    ResultPtr result;
    try {
        result = run("");
    } catch (...) {
        limits_.answer = usual;
        throw;
    }
    limits_.answer = usual;
    static_cast<void>(checked(std::move(result), ""));
}

bool Connection::is_broken() const noexcept {
    return broken_ || PQstatus(link_.get()) == CONNECTION_BAD;
}

void Connection::forget(std::string name) noexcept {
    try {
        forgotten_.push_back(std::move(name));
    } catch (...) { // the server keeps one statement too many until the link ends
    }
}

std::string Connection::forgotten_names_script() {
    std::string sql;
    for (const auto& name : forgotten_) sql.append("DEALLOCATE ").append(name).append("; ");
    forgotten_.clear();
    return sql;
}

void Connection::free_forgotten() {
    const std::string sql = forgotten_names_script();
    ResultPtr result = run(sql);
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    if (state == nullptr || state != unknown_statement)
        static_cast<void>(checked(std::move(result), sql));
}

void Connection::await_answer(std::string_view sql) {
    using Clock = std::chrono::steady_clock;
    if (limits_.answer.count() <= 0) return;
    const auto deadline = Clock::now() + limits_.answer;
    while (PQisBusy(link_.get()) != 0) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0) break;
        pollfd socket{PQsocket(link_.get()), POLLIN, 0};
        constexpr std::int64_t longest = 1'000'000;
        const int ready = poll(&socket, 1, static_cast<int>(std::min(left.count(), longest)));
        if (ready > 0 && PQconsumeInput(link_.get()) == 0) return; // the next call says what it is
    }
    if (PQisBusy(link_.get()) == 0) return;
    broken_ = true;
    DatabaseErrorInfo info;
    info.code = ErrorCode::Timeout;
    info.message = fmt::format("the server did not answer within {} ms; the connection is given "
                               "up, and whether the command took effect is not known",
                               limits_.answer.count());
    info.statement = sql;
    info.connection_lost = true;
    info.transaction_aborted = true;
    throw_database_error(std::move(info));
}

ResultPtr Connection::next_result(std::string_view sql) {
    await_answer(sql);
    return ResultPtr(PQgetResult(link_.get()));
}

ResultPtr Connection::last_result(std::string_view sql) {
    ResultPtr last;
    while (ResultPtr result = next_result(sql)) {
        last = std::move(result);
        if (PQstatus(link_.get()) == CONNECTION_BAD || is_copying(last.get())) break;
    }
    return last;
}

ResultPtr Connection::run(const std::string& sql) {
    if (limits_.answer.count() <= 0) return ResultPtr(PQexec(link_.get(), sql.c_str()));
    if (PQsendQuery(link_.get(), sql.c_str()) == 0) return nullptr;
    return last_result(sql);
}

ResultPtr Connection::checked(ResultPtr result, std::string_view sql) {
    if (!is_success(PQresultStatus(result.get()))) fail(result.get(), sql);
    return result;
}

void Connection::fail(const PGresult* result, std::string_view sql) {
    auto info = is_copying(result) ? copying(sql) : describe_failure(link_.get(), result, sql);
    broken_ = broken_ || info.connection_lost;
    throw_database_error(std::move(info));
}

ResultPtr Connection::execute_prepared(const std::string& name, const std::string& sql,
                                       const Parameters& parameters) {
    if (limits_.answer.count() > 0) {
        send(name, sql, parameters);
        return checked(last_result(sql), sql);
    }
    return checked(
        ResultPtr(PQexecPrepared(link_.get(), name.c_str(), parameters.count(), parameters.values(),
                                 parameters.lengths(), parameters.formats(), binary)),
        sql);
}

void Connection::enter_pipeline(std::string_view sql) {
    if (PQenterPipelineMode(link_.get()) == 0) fail(nullptr, sql);
}

void Connection::send_prepare(const std::string& name, const std::string& sql,
                              const Parameters& parameters) {
    if (PQsendPrepare(link_.get(), name.c_str(), sql.c_str(), parameters.count(),
                      parameters.types()) == 0)
        fail(nullptr, sql);
}

void Connection::send(const std::string& name, const std::string& sql,
                      const Parameters& parameters) {
    if (PQsendQueryPrepared(link_.get(), name.c_str(), parameters.count(), parameters.values(),
                            parameters.lengths(), parameters.formats(), binary) == 0)
        fail(nullptr, sql);
}

std::vector<ResultPtr> Connection::collect_pipeline(std::string_view sql) {
    std::vector<ResultPtr> results;
    // Each command's results end with a null; two in a row without the synchronisation point mean
    // that the link is gone.
    for (int nulls = 0; nulls < 2;) {
        ResultPtr result = next_result(sql);
        if (!result) {
            ++nulls;
            continue;
        }
        nulls = 0;
        if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) break;
        results.push_back(std::move(result));
        if (is_copying(results.back().get())) return results;
    }
    PQexitPipelineMode(link_.get());
    return results;
}

std::uint64_t Connection::finish_pipeline(std::string_view sql) {
    if (PQpipelineSync(link_.get()) == 0) fail(nullptr, sql);
    std::uint64_t rows = 0;
    const auto results = collect_pipeline();
    if (results.empty()) fail(nullptr, sql);
    for (const auto& result : results) {
        if (!is_success(PQresultStatus(result.get()))) fail(result.get(), sql);
        rows += affected_rows_of(result.get());
    }
    return rows;
}

void Connection::abandon_pipeline() noexcept {
    try {
        if (PQpipelineSync(link_.get()) != 0) static_cast<void>(collect_pipeline());
        if (PQpipelineStatus(link_.get()) != PQ_PIPELINE_OFF) broken_ = true;
    } catch (...) {
        broken_ = true;
    }
}

ResultPtr Connection::take_answer(std::span<ResultPtr>& answers, std::string_view sql) {
    if (answers.empty()) fail(nullptr, sql);
    ResultPtr answer = std::move(answers.front());
    answers = answers.subspan(1);
    return checked(std::move(answer), sql);
}

void Connection::execute_together(std::span<DriverStatement* const> statements,
                                  std::span<const std::span<const Value>> values) {
    if (statements.empty()) return;
    // Values that cannot be sent are told before anything is.
    std::vector<Statement*> own;
    for (std::size_t i = 0; i < statements.size(); ++i) {
        own.push_back(static_cast<Statement*>(statements[i]));
        own.back()->give(values[i]);
    }
    const std::string_view first = own.front()->sql();
    enter_pipeline(first);
    try {
        for (Statement* statement : own) statement->send();
    } catch (...) {
        abandon_pipeline();
        throw;
    }
    if (PQpipelineSync(link_.get()) == 0) fail(nullptr, first);
    auto results = collect_pipeline(first);
    std::span<ResultPtr> answers(results);
    try {
        for (Statement* statement : own) statement->take(answers);
    } catch (...) {
        for (Statement* statement : own) statement->reset();
        throw;
    }
}

ResultPtr Connection::prepare_and_execute(const std::string& name, const std::string& sql,
                                          const Parameters& parameters, bool& prepared) {
    enter_pipeline(sql);
    send_prepare(name, sql, parameters);
    send(name, sql, parameters);
    if (PQpipelineSync(link_.get()) == 0) fail(nullptr, sql);
    auto results = collect_pipeline();
    if (results.empty()) fail(nullptr, sql);
    ResultPtr first = checked(std::move(results.front()), sql);
    prepared = names_statements();
    if (results.size() < 2) fail(nullptr, sql);
    return checked(std::move(results[1]), sql);
}

} // namespace mercator::postgresql
