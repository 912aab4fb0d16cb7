// SPDX-License-Identifier: MIT
#include "c_statement.hpp"

#include "c_driver.hpp"

#include <mercator/support/error.hpp>

#include <new>
#include <utility>

namespace mercator::mysql {

CStatement::CStatement(CConnection& connection, std::shared_ptr<const Compiled> compiled) :
    Statement(connection, std::move(compiled)),
    connection_(connection),
    parameters_(connection.max_packet(), connection.server().has_uuid()),
    may_stream_(!this->compiled().writes && this->compiled().sql.starts_with("SELECT")) {
    prepare();
}

CStatement::~CStatement() {
    CStatement::reset();
    close();
}

void CStatement::close() noexcept {
    if (prepared_ == nullptr) return;
    connection_.settle();
    prepared_.reset();
    reader_.forget();
}

NativeError CStatement::error() const {
    MYSQL_STMT* const statement = prepared_.get();
    // An error that comes instead of a row stands at the link only.
    if (mysql_stmt_errno(statement) == 0) return connection_.error();
    return {static_cast<int>(mysql_stmt_errno(statement)), mysql_stmt_sqlstate(statement),
            mysql_stmt_error(statement)};
}

void CStatement::fail() {
    if (is_streaming()) connection_.set_streaming(nullptr);
    result_ = Result::None;
    stored_ = false;
    DatabaseErrorInfo info = connection_.note(error(), compiled().sql);
    if (info.code == ErrorCode::StatementInvalidated) close();
    throw_database_error(std::move(info));
}

void CStatement::prepare() {
    connection_.settle();
    prepared_.reset(mysql_stmt_init(connection_.native()));
    if (prepared_ == nullptr) throw std::bad_alloc();
    const std::string& sql = compiled().sql;
    if (mysql_stmt_prepare(prepared_.get(), sql.data(), sql.size()) != 0) fail();
    // The client binds as many as the text asks for, whatever we hold.
    if (mysql_stmt_param_count(prepared_.get()) != compiled().binds.size() * compiled().rows) {
        throw StateError("the statement's text has another number of placeholders than its binds");
    }
}

void CStatement::begin(std::size_t count) {
    if (prepared_ == nullptr) prepare();
    parameters_.begin(count);
}

void CStatement::bind(std::span<const Value> values) {
    const auto& binds = compiled().binds;
    for (std::size_t i = 0; i < values.size(); ++i) {
        parameters_.set(i, values[i], binds[i % binds.size()].type, stores_values());
    }
}

void CStatement::bind(const BindPlan& plan, std::size_t first, const std::byte* object) {
    for (std::size_t i = 0; i < plan.fields.size(); ++i) {
        parameters_.set(first + i, plan.fields[i], object);
    }
}

std::uint64_t CStatement::send() {
    connection_.settle();
    MYSQL_STMT* const statement = prepared_.get();
    if (!parameters_.send(*statement) || mysql_stmt_execute(statement) != 0) fail();
    if (mysql_stmt_field_count(statement) != 0) return open_result();
    const std::uint64_t count = mysql_stmt_affected_rows(statement);
    skip_further_results();
    return count;
}

std::uint64_t CStatement::open_result() {
    MYSQL_STMT* const statement = prepared_.get();
    if (!reader_.open(*statement)) fail();
    result_ = Result::Rows;
    if (may_stream_) {
        connection_.set_streaming(this);
        return 0;
    }
    if (mysql_stmt_store_result(statement) != 0) fail();
    stored_ = true;
    return mysql_stmt_num_rows(statement);
}

bool CStatement::is_streaming() const noexcept {
    return connection_.streaming() == this;
}

void CStatement::keep_rest() {
    if (mysql_stmt_store_result(prepared_.get()) == 0) {
        stored_ = true;
        return;
    }
    failure_ = connection_.note(error(), compiled().sql);
}

bool CStatement::next() {
    if (failure_) {
        result_ = Result::End;
        throw_database_error(*std::exchange(failure_, std::nullopt));
    }
    if (result_ != Result::Rows) return false;
    // At the end of these rows the client forgets that another statement's are still on the wire.
    if (stored_) connection_.settle();
    const int code = mysql_stmt_fetch(prepared_.get());
    // Too short a buffer is no error: the reader looks at the lengths.
    if (code == 0 || code == MYSQL_DATA_TRUNCATED) return true;
    if (code != MYSQL_NO_DATA) fail();
    result_ = Result::End;
    if (is_streaming()) connection_.set_streaming(nullptr);
    return false;
}

bool CStatement::fetch(const DecodePlan& plan, std::byte** targets) {
    if (!next()) return false;
    fetch_again(plan, targets);
    return true;
}

void CStatement::fetch_again(const DecodePlan& plan, std::byte** targets) {
    drop_absent(plan, targets, [this](std::uint16_t column) { return is_null(column); });
    reader_.read(plan, targets);
}

bool CStatement::fetch(std::vector<Value>& row) {
    row.clear();
    if (!next()) return false;
    reader_.read(compiled(), row);
    return true;
}

bool CStatement::is_null(std::uint16_t column) const {
    return result_ == Result::None || column >= reader_.column_count() || reader_.is_null(column);
}

std::vector<std::string> CStatement::column_names() const {
    std::vector<std::string> names;
    if (result_ == Result::None) return names;
    const std::unique_ptr<MYSQL_RES, void (*)(MYSQL_RES*)> described(
        mysql_stmt_result_metadata(prepared_.get()), &mysql_free_result);
    if (described == nullptr) return names;
    const MYSQL_FIELD* const fields = mysql_fetch_fields(described.get());
    const unsigned count = mysql_num_fields(described.get());
    for (unsigned i = 0; i < count; ++i) names.emplace_back(fields[i].name, fields[i].name_length);
    return names;
}

std::int64_t CStatement::first_generated_key() const {
    return static_cast<std::int64_t>(mysql_stmt_insert_id(prepared_.get()));
}

void CStatement::skip_rest() {
    int code = 0;
    do {
        code = mysql_stmt_fetch(prepared_.get());
    } while (code == 0 || code == MYSQL_DATA_TRUNCATED);
    connection_.set_streaming(nullptr);
    // Nobody hears of it, but the link must know that a deadlock has ended the transaction.
    if (code != MYSQL_NO_DATA) connection_.note(error(), compiled().sql);
}

/// What a CALL gives behind its first result.
void CStatement::skip_further_results() {
    while (mysql_stmt_more_results(prepared_.get()) != 0) {
        if (mysql_stmt_next_result(prepared_.get()) != 0) break;
    }
}

void CStatement::reset() noexcept {
    if (result_ == Result::None) return;
    if (is_streaming()) skip_rest();
    if (stored_) {
        connection_.settle(); // the client would throw another statement's rows away
        mysql_stmt_free_result(prepared_.get());
        skip_further_results();
    }
    stored_ = false;
    failure_.reset();
    result_ = Result::None;
}

} // namespace mercator::mysql
