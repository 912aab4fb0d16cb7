// SPDX-License-Identifier: MIT
#include "driver.hpp"

#include "address.hpp"
#include "decode.hpp"
#include "errors.hpp"
#include "functions.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <string_view>
#include <utility>

namespace mercator::sqlite {
namespace {

std::string quoted(std::string_view name) {
    if (name.empty() || name.find('\0') != std::string_view::npos) {
        throw ArgumentError("a savepoint needs a name without a zero byte");
    }
    std::string text = "\"";
    for (const char c : name) text.append(c == '"' ? 2 : 1, c);
    return text + '"';
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n;") == std::string_view::npos;
}

/// SQLite would run what stands before it, a DELETE without its WHERE perhaps.
void refuse_zero_byte(std::string_view sql) {
    if (sql.find('\0') == std::string_view::npos) return;
    DatabaseErrorInfo info;
    info.code = ErrorCode::Programming;
    info.message = "the text of the statement holds a zero byte; bind values instead";
    throw_database_error(std::move(info));
}

sqlite3_stmt* prepare_handle(SqliteConnection& connection, const Compiled& compiled) {
    sqlite3_stmt* statement = nullptr;
    const char* tail = nullptr;
    const std::string& sql = compiled.sql;
    refuse_zero_byte(sql);
    const bool was_in_transaction = connection.in_transaction();
    const int result =
        sqlite3_prepare_v3(connection.handle(), sql.c_str(), static_cast<int>(sql.size() + 1),
                           SQLITE_PREPARE_PERSISTENT, &statement, &tail);
    if (result != SQLITE_OK) connection.fail(result, sql, was_in_transaction);
    if (statement != nullptr && is_blank(std::string_view(tail))) return statement;
    sqlite3_finalize(statement);
    DatabaseErrorInfo info;
    info.code = ErrorCode::Programming;
    info.message = statement == nullptr ? "the text holds no statement"
                                        : "the text holds more than one statement";
    info.statement = sql;
    throw_database_error(std::move(info));
}

} // namespace

// SqliteStatement

SqliteStatement::SqliteStatement(SqliteConnection& connection,
                                 std::shared_ptr<const Compiled> compiled) :
    connection_(connection),
    compiled_(std::move(compiled)),
    statement_(prepare_handle(connection, *compiled_)),
    reads_only_(sqlite3_stmt_readonly(statement_) != 0),
    has_columns_(sqlite3_column_count(statement_) != 0),
    // A SELECT is stepped after `execute` has returned and the caller's values may be gone.
    binder_(statement_, static_cast<std::size_t>(sqlite3_bind_parameter_count(statement_)),
            reads_only_ && has_columns_ ? Lifetime::Copy : Lifetime::Stays) {}

SqliteStatement::~SqliteStatement() {
    if (!connection_.in_forked_child()) sqlite3_finalize(statement_);
}

void SqliteStatement::begin_execution() {
    if (state_ != State::Idle)
        throw StateError("a statement was executed again before its result was reset");
    affected_rows_ = 0;
    was_in_transaction_ = connection_.in_transaction();
}

void SqliteStatement::fail(int result) {
    sqlite3_reset(statement_); // keeps the step's code and message
    state_ = State::Idle;
    connection_.fail(result, compiled_->sql, was_in_transaction_);
}

void SqliteStatement::check(int result) {
    if (result != SQLITE_OK) [[unlikely]]
        fail(result);
}

bool SqliteStatement::step() {
    const int result = sqlite3_step(statement_);
    if (result == SQLITE_ROW) [[likely]] {
        state_ = State::OnRow;
        return true;
    }
    if (result != SQLITE_DONE) fail(result);
    state_ = State::Done;
    if (!reads_only_) {
        affected_rows_ += static_cast<std::uint64_t>(sqlite3_changes64(connection_.handle()));
        last_generated_key_ = sqlite3_last_insert_rowid(connection_.handle());
    }
    return false;
}

/// The first step of a statement with RETURNING does all the changes; its rows are then delivered
/// one by one.
void SqliteStatement::start() {
    state_ = State::Ready;
    if (reads_only_ && has_columns_) return;
    if (step()) state_ = State::RowAhead;
}

void SqliteStatement::execute(std::span<const Value> values) {
    begin_execution();
    const auto& slots = compiled_->binds;
    if (values.size() != static_cast<std::size_t>(sqlite3_bind_parameter_count(statement_)) ||
        (slots.empty() && !values.empty())) {
        throw StateError(fmt::format("a statement with {} parameters was given {} values",
                                     sqlite3_bind_parameter_count(statement_), values.size()));
    }
    for (std::size_t i = 0; i < values.size(); ++i)
        check(binder_.bind(i, slots[i % slots.size()].type, values[i]));
    start();
}

void SqliteStatement::bind_row(const BindPlan& plan, std::span<const std::byte* const> rows) {
    std::size_t index = 0;
    for (const std::byte* const row : rows) {
        for (std::size_t i = 0; i < plan.fields.size(); ++i, ++index) {
            check(binder_.bind(index, compiled_->binds[i].type, plan.fields[i], row));
        }
    }
}

void SqliteStatement::finish_writing() {
    while (state_ != State::Done) step();
    sqlite3_reset(statement_);
    state_ = State::Idle;
}

void SqliteStatement::execute(const BindPlan& plan, std::span<const std::byte* const> rows) {
    begin_execution();
    const std::size_t together = compiled_->form == ast::BatchForm::Single ? 1 : compiled_->rows;
    if (plan.fields.size() != compiled_->binds.size() ||
        (together != 1 && rows.size() != together) ||
        plan.fields.size() * together !=
            static_cast<std::size_t>(sqlite3_bind_parameter_count(statement_))) {
        throw StateError(
            fmt::format("a statement for {} rows of {} parameters was given {} rows of {}",
                        together, compiled_->binds.size(), rows.size(), plan.fields.size()));
    }
    for (std::size_t row = 0; row < rows.size(); row += together) {
        bind_row(plan, rows.subspan(row, together));
        start();
        if (rows.size() > together) finish_writing();
    }
}

bool SqliteStatement::next_row() {
    switch (state_) {
    case State::Ready:
    case State::OnRow:
        return step();
    case State::RowAhead:
        state_ = State::OnRow;
        return true;
    case State::Idle:
    case State::Done:
        break;
    }
    return false; // stepping on would start the statement anew
}

bool SqliteStatement::fetch(const DecodePlan& plan, std::byte** targets) {
    if (!next_row()) return false;
    fetch_again(plan, targets);
    return true;
}

void SqliteStatement::fetch_again(const DecodePlan& plan, std::byte** targets) {
    drop_absent(plan, targets, [this](std::uint16_t column) { return is_null(column); });
    decode_row(statement_, *compiled_, plan, targets);
}

bool SqliteStatement::fetch(std::vector<Value>& row) {
    if (!next_row()) return false;
    const auto count = static_cast<std::size_t>(sqlite3_column_count(statement_));
    row.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        sqlite3_value* const cell = sqlite3_column_value(statement_, static_cast<int>(i));
        if (i < compiled_->columns.size()) {
            row[i] = to_value(cell, compiled_->columns[i].type, compiled_->columns[i].name);
        } else {
            row[i] =
                to_value(cell, SqlType(), sqlite3_column_name(statement_, static_cast<int>(i)));
        }
    }
    return true;
}

bool SqliteStatement::is_null(std::uint16_t column) const {
    return state_ != State::OnRow || sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::vector<std::string> SqliteStatement::column_names() const {
    std::vector<std::string> names;
    const int count = sqlite3_column_count(statement_);
    for (int i = 0; i < count; ++i) names.emplace_back(sqlite3_column_name(statement_, i));
    return names;
}

void SqliteStatement::reset() noexcept {
    if (state_ == State::RowAhead || state_ == State::OnRow) {
        // A change whose rows nobody read is complete only when the statement has run to its end.
        while (!reads_only_ && sqlite3_step(statement_) == SQLITE_ROW) {
        }
    }
    sqlite3_reset(statement_);
    state_ = State::Idle;
}

// SqliteConnection

SqliteConnection::SqliteConnection(const Url& url, const ConnectOptions& options) :
    file_(is_memory(url) ? ":memory:" : url.database),
    in_memory_(is_memory(url)),
    shared_(sqlite::is_shared(url)),
    owner_process_(getpid()) {
    try {
        open(url);
        harden();
        configure(url, options);
    } catch (...) {
        close();
        throw;
    }
}

SqliteConnection::~SqliteConnection() {
    if (!in_forked_child()) close();
}

void SqliteConnection::close() noexcept {
    for (sqlite3_stmt*& control : controls_) sqlite3_finalize(std::exchange(control, nullptr));
    sqlite3_close_v2(std::exchange(database_, nullptr));
}

bool SqliteConnection::in_forked_child() const noexcept {
    return owner_process_ != getpid();
}

void SqliteConnection::open(const Url& url) {
    create_folder(url);
    const OpenArguments arguments = open_arguments(url);
    const int result =
        sqlite3_open_v2(arguments.name.c_str(), &database_, arguments.flags, nullptr);
    if (result != SQLITE_OK) fail_to_open(result);
    sqlite3_extended_result_codes(database_, 1);
}

void SqliteConnection::harden() {
    constexpr int off[] = {SQLITE_DBCONFIG_DQS_DDL, SQLITE_DBCONFIG_DQS_DML,
                           SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION};
    for (const int setting : off) sqlite3_db_config(database_, setting, 0, nullptr);
    sqlite3_db_config(database_, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
    const int result = add_functions(database_);
    if (result != SQLITE_OK) fail_to_open(result);
}

void SqliteConnection::configure(const Url& url, const ConnectOptions& options) {
    sqlite3_busy_timeout(database_, busy_timeout(url, options));
    const int result =
        sqlite3_exec(database_, settings_script(url).c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) fail_to_open(result);
}

void SqliteConnection::fail_to_open(int result) {
    DatabaseErrorInfo info = describe_error(database_, result, {});
    const int primary = info.native_code & 0xff;
    if (primary == SQLITE_CANTOPEN) {
        info.message =
            fmt::format("cannot open the database file '{}': {}", file_, reason_of_no_open(file_));
    } else if (primary == SQLITE_NOTADB) {
        info.message = fmt::format("the file '{}' is not an SQLite database", file_);
    } else {
        info.message = fmt::format("cannot open the database file '{}': {}", file_, info.message);
    }
    throw_database_error(std::move(info));
}

void SqliteConnection::fail(int result, std::string_view sql, bool was_in_transaction) {
    DatabaseErrorInfo info = describe_error(database_, result, sql);
    if ((info.native_code & 0xff) == SQLITE_NOTADB || (info.native_code & 0xff) == SQLITE_CORRUPT) {
        info.message = fmt::format("{}: '{}'", info.message, file_);
    }
    // FULL, IOERR and NOMEM may or may not have ended the transaction: only this flag knows.
    info.transaction_aborted = was_in_transaction && !in_transaction();
    if (info.connection_lost) broken_ = true;
    throw_database_error(std::move(info));
}

std::unique_ptr<DriverStatement>
SqliteConnection::prepare(std::shared_ptr<const Compiled> compiled) {
    if (!compiled->cacheable) note_text(compiled->sql);
    return std::make_unique<SqliteStatement>(*this, std::move(compiled));
}

void SqliteConnection::run_script(const std::string& sql) {
    const bool was_in_transaction = in_transaction();
    const int result = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) fail(result, sql, was_in_transaction);
}

void SqliteConnection::execute_script(std::string_view sql) {
    refuse_zero_byte(sql);
    note_text(sql);
    run_script(std::string(sql));
}

// What a text changes in the session, nobody could undo but by a new connection; a database in
// memory would be lost by that.
void SqliteConnection::note_text(std::string_view sql) {
    if (!in_memory_ && !session_changed_) session_changed_ = changes_session(sql);
}

void SqliteConnection::run(Control control) {
    static constexpr const char* texts[] = {"BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"};
    const auto index = static_cast<std::size_t>(control);
    sqlite3_stmt*& statement = controls_[index];
    const bool was_in_transaction = in_transaction();
    int result = SQLITE_OK;
    if (statement == nullptr) {
        result = sqlite3_prepare_v3(database_, texts[index], -1, SQLITE_PREPARE_PERSISTENT,
                                    &statement, nullptr);
        if (result != SQLITE_OK) fail(result, texts[index], was_in_transaction);
    }
    result = sqlite3_step(statement);
    sqlite3_reset(statement); // keeps code and message of a failed step
    if (result != SQLITE_DONE) fail(result, texts[index], was_in_transaction);
}

void SqliteConnection::begin(TransactionMode mode) {
    run(mode == TransactionMode::Write ? Control::BeginImmediate : Control::Begin);
}

void SqliteConnection::commit() {
    if (!in_transaction()) {
        DatabaseErrorInfo info;
        info.code = ErrorCode::Operational;
        info.message = "nothing was committed: the transaction had already been ended, by an error "
                       "or by a statement";
        info.statement = "COMMIT";
        info.transaction_aborted = true;
        throw_database_error(std::move(info));
    }
    run(Control::Commit);
}

void SqliteConnection::rollback() {
    if (in_transaction()) run(Control::Rollback);
}

void SqliteConnection::savepoint(std::string_view name) {
    run_script("SAVEPOINT " + quoted(name));
}
void SqliteConnection::rollback_to_savepoint(std::string_view name) {
    run_script("ROLLBACK TO " + quoted(name));
}
void SqliteConnection::release_savepoint(std::string_view name) {
    run_script("RELEASE " + quoted(name));
}

void SqliteConnection::reset() {
    for (sqlite3_stmt* s = sqlite3_next_stmt(database_, nullptr); s != nullptr;
         s = sqlite3_next_stmt(database_, s)) {
        if (sqlite3_stmt_busy(s) != 0) sqlite3_reset(s);
    }
    rollback();
}

void SqliteConnection::ping() {
    DatabaseErrorInfo info;
    info.code = ErrorCode::Disconnected;
    info.connection_lost = true;
    int moved = 0;
    if (is_broken()) {
        info.message = fmt::format(
            "the connection to '{}' failed before, or belongs to the parent of a forked process",
            file_);
    } else if (sqlite3_file_control(database_, "main", SQLITE_FCNTL_HAS_MOVED, &moved) ==
                   SQLITE_OK &&
               moved != 0 && !in_memory_) {
        // What is written now would go to a file without a name.
        broken_ = true;
        info.message =
            fmt::format("the file '{}' was removed or replaced while it was open", file_);
    } else {
        return;
    }
    throw_database_error(std::move(info));
}

} // namespace mercator::sqlite
