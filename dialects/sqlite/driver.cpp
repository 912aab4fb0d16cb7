// SPDX-License-Identifier: MIT
#include "driver.hpp"

#include "decode.hpp"
#include "errors.hpp"
#include "functions.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

namespace mercator::sqlite {
namespace {

namespace fs = std::filesystem;

struct Choice {
    std::string_view option;
    std::string_view allowed; ///< words between blanks
};

constexpr Choice choices[] = {{"mode", " ro rw rwc "},
                              {"cache", " shared private "},
                              {"journal_mode", " delete truncate persist memory wal off "},
                              {"synchronous", " off normal full extra "}};

std::string lower(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

template <class Number>
std::optional<Number> parse_number(const std::string& text) {
    Number value{};
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && stop == end ? std::optional<Number>(value) : std::nullopt;
}

[[noreturn]] void refuse_option(const std::string& name, std::string_view expected) {
    throw ArgumentError(fmt::format("option '{}' of an sqlite address must be {}", name, expected),
                        name);
}

void check_option(const std::string& name, const std::string& value) {
    for (const Choice& choice : choices) {
        if (name != choice.option) continue;
        const std::string word = " " + lower(value) + " ";
        if (value.empty() || value.find(' ') != std::string::npos ||
            choice.allowed.find(word) == std::string_view::npos) {
            refuse_option(name, fmt::format("one of:{}",
                                            choice.allowed.substr(0, choice.allowed.size() - 1)));
        }
        return;
    }
    if (name == "timeout") {
        const auto seconds = parse_number<double>(value);
        if (!seconds || !(*seconds >= 0 && *seconds <= 2'000'000))
            refuse_option(name, "a number of seconds");
    } else if (name == "cache_size") {
        if (!parse_number<std::int32_t>(value))
            refuse_option(name, "a number of pages, or negative: of KiB");
    } else {
        throw ArgumentError(fmt::format("an sqlite address has no option '{}'; it knows mode, "
                                        "cache, timeout, journal_mode, "
                                        "synchronous and cache_size",
                                        name),
                            name);
    }
}

std::string option_or(const Url& url, const std::string& name, std::string_view otherwise) {
    return lower(url.option(name).value_or(std::string(otherwise)));
}

int open_flags(const Url& url) {
    const std::string mode = option_or(url, "mode", "rwc");
    int flags = SQLITE_OPEN_NOMUTEX;
    flags |= mode == "ro" ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (mode == "rwc") flags |= SQLITE_OPEN_CREATE;
    if (const auto cache = url.option("cache")) {
        flags |= lower(*cache) == "shared" ? SQLITE_OPEN_SHAREDCACHE : SQLITE_OPEN_PRIVATECACHE;
    }
    return flags;
}

/// SQLite may be built to read "file:" as a URI whatever the flags say; as a relative path it is a
/// plain name again.
std::string plain_file_name(const std::string& name) {
    return name.rfind("file:", 0) == 0 || name.rfind(':', 0) == 0 ? "./" + name : name;
}

/// Why the file could not be opened, in words SQLite does not have.
std::string reason_of_no_open(const std::string& file) {
    std::error_code ignored;
    const fs::path path(file);
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    if (!fs::exists(folder, ignored))
        return fmt::format("the folder '{}' does not exist; create it first", folder.string());
    if (fs::is_directory(path, ignored)) return "it is a folder";
    if (!fs::exists(path, ignored))
        return "the file does not exist, and the mode or the folder's permissions forbid to create "
               "it";
    return "check the permissions of the file and its folder";
}

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

sqlite3_stmt* prepare_handle(SqliteConnection& connection, const Compiled& compiled) {
    sqlite3_stmt* statement = nullptr;
    const char* tail = nullptr;
    const std::string& sql = compiled.sql;
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

void check_url(const Url& url) {
    if (!url.hosts.empty()) {
        throw ArgumentError("an sqlite address has no host: write sqlite:///relative/file.db, "
                            "sqlite:////absolute/file.db, or "
                            "sqlite:// for memory");
    }
    if (!url.user.empty() || url.password)
        throw ArgumentError("an sqlite address has no user and no password");
    if (url.database.find('\0') != std::string::npos)
        throw ArgumentError("a file name cannot hold a zero byte");
    for (const auto& [name, value] : url.options) check_option(name, value);
}

bool is_memory(const Url& url) noexcept {
    return url.database.empty() || url.database == ":memory:";
}

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

bool SqliteStatement::fetch(const DecodePlan& plan, std::byte* const* targets) {
    if (!next_row()) return false;
    decode_row(statement_, *compiled_, plan, targets);
    return true;
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
    const std::string name = is_memory(url) ? file_ : plain_file_name(file_);
    const int result = sqlite3_open_v2(name.c_str(), &database_, open_flags(url), nullptr);
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
    auto timeout = static_cast<int>(
        std::min<std::chrono::milliseconds::rep>(options.busy_timeout.count(), 2'000'000'000));
    if (const auto text = url.option("timeout"))
        timeout = static_cast<int>(parse_number<double>(*text).value_or(5) * 1000);
    sqlite3_busy_timeout(database_, timeout);

    const bool writes_file = !is_memory(url) && option_or(url, "mode", "rwc") != "ro";
    // The words were checked to be among ours, so they can stand in the text.
    std::string script =
        "PRAGMA schema_version;"; // the first read: tells whether the file is a database
    if (writes_file || url.option("journal_mode")) {
        script += fmt::format("PRAGMA journal_mode={};", option_or(url, "journal_mode", "wal"));
    }
    if (writes_file || url.option("synchronous")) {
        script += fmt::format("PRAGMA synchronous={};", option_or(url, "synchronous", "normal"));
    }
    if (const auto size = url.option("cache_size")) {
        script +=
            fmt::format("PRAGMA cache_size={};", parse_number<std::int32_t>(*size).value_or(-2000));
    }
    const int result = sqlite3_exec(database_, script.c_str(), nullptr, nullptr, nullptr);
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
    return std::make_unique<SqliteStatement>(*this, std::move(compiled));
}

void SqliteConnection::run_script(const std::string& sql) {
    const bool was_in_transaction = in_transaction();
    const int result = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) fail(result, sql, was_in_transaction);
}

void SqliteConnection::execute_script(std::string_view sql) {
    run_script(std::string(sql));
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
    if (!is_broken()) return;
    DatabaseErrorInfo info;
    info.code = ErrorCode::Disconnected;
    info.message = fmt::format(
        "the connection to '{}' failed before, or belongs to the parent of a forked process",
        file_);
    info.connection_lost = true;
    throw_database_error(std::move(info));
}

} // namespace mercator::sqlite
