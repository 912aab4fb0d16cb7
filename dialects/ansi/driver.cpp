// SPDX-License-Identifier: MIT
#include "driver.hpp"

#include <mercator/dialect/identifier_preparer.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator::ansi {
namespace {

void require_width(std::size_t width, std::size_t wanted, const Compiled& compiled) {
    if (width == wanted) return;
    DatabaseErrorInfo info;
    info.code = ErrorCode::Programming;
    info.message = fmt::format("{} parameters were given, the statement has {}", width, wanted);
    info.statement = compiled.sql;
    throw_database_error(std::move(info));
}

} // namespace

AnsiStatement::AnsiStatement(AnsiConnection& connection, std::shared_ptr<const Compiled> compiled) :
    connection_(connection),
    compiled_(std::move(compiled)) {}

void AnsiStatement::execute(std::span<const Value> values) {
    require_width(values.size(), compiled_->binds.size(), *compiled_);
    run({std::vector<Value>(values.begin(), values.end())});
}

void AnsiStatement::execute(const BindPlan& plan, std::span<const std::byte* const> rows) {
    require_width(plan.fields.size(), compiled_->binds.size(), *compiled_);
    if (compiled_->form == ast::BatchForm::MultiRow) {
        require_width(plan.fields.size() * rows.size(), compiled_->binds.size() * compiled_->rows,
                      *compiled_);
    }
    Recorder::Rows parameters;
    parameters.reserve(rows.size());
    for (const std::byte* row : rows) {
        auto& values = parameters.emplace_back();
        for (const Field& field : plan.fields) values.push_back(load(field, row));
    }
    run(std::move(parameters));
}

void AnsiStatement::run(Recorder::Rows parameters) {
    connection_.count_call(compiled_->sql);
    Recorder& recorder = connection_.recorder();
    const std::size_t rows = parameters.size();
    recorder.record({compiled_->sql, std::move(parameters)});
    fetched_ = 0;
    result_.clear();
    if (!compiled_->columns.empty()) result_ = recorder.next_reply();
    affected_ = compiled_->writes ? recorder.next_affected(rows) : 0;
    if (!compiled_->writes) return;
    for (std::size_t i = 0; i < rows; ++i) last_key_ = recorder.next_key();
}

bool AnsiStatement::next() {
    if (fetched_ == result_.size()) return false;
    if (result_[fetched_].size() != compiled_->columns.size()) {
        throw_data_error(fmt::format("the scripted row has {} values, the statement {} columns",
                                     result_[fetched_].size(), compiled_->columns.size()),
                         compiled_->columns.front().name);
    }
    ++fetched_;
    return true;
}

bool AnsiStatement::fetch(const DecodePlan& plan, std::byte** targets) {
    if (!next()) return false;
    fetch_again(plan, targets);
    return true;
}

void AnsiStatement::fetch_again(const DecodePlan& plan, std::byte** targets) {
    drop_absent(plan, targets, [this](std::uint16_t column) { return is_null(column); });
    const auto& row = result_[fetched_ - 1];
    for (const DecodeStep& step : plan.steps) {
        if (targets[step.target] != nullptr)
            store(step.field, targets[step.target], row[step.column]);
    }
}

bool AnsiStatement::fetch(std::vector<Value>& row) {
    if (!next()) return false;
    row = result_[fetched_ - 1];
    return true;
}

bool AnsiStatement::is_null(std::uint16_t column) const {
    return result_[fetched_ - 1][column].is_null();
}

void AnsiStatement::reset() noexcept {
    result_.clear();
    fetched_ = 0;
}

std::unique_ptr<DriverStatement> AnsiConnection::prepare(std::shared_ptr<const Compiled> compiled) {
    count_call(compiled->sql);
    recorder_->count_prepared();
    return std::make_unique<AnsiStatement>(*this, std::move(compiled));
}

void AnsiConnection::count_call(std::string_view sql) {
    try {
        recorder_->count_call(sql);
    } catch (const DatabaseError& error) {
        is_broken_ = is_broken_ || error.connection_lost();
        throw;
    }
}

void AnsiConnection::call(std::string sql) {
    count_call(sql);
    recorder_->record({std::move(sql), {}});
}

void AnsiConnection::execute_together(std::span<DriverStatement* const> statements,
                                      std::span<const std::span<const Value>> values) {
    for (std::size_t i = 0; i < statements.size(); ++i) statements[i]->execute(values[i]);
}

void AnsiConnection::execute_script(std::string_view sql) {
    call(std::string(sql));
}

void AnsiConnection::begin(TransactionMode /*mode*/) {
    call("BEGIN");
    in_transaction_ = true;
}

void AnsiConnection::commit() {
    call("COMMIT");
    in_transaction_ = false;
}

void AnsiConnection::rollback() {
    call("ROLLBACK");
    in_transaction_ = false;
}

void AnsiConnection::savepoint(std::string_view name) {
    call("SAVEPOINT " + IdentifierPreparer().quote(name));
}

void AnsiConnection::rollback_to_savepoint(std::string_view name) {
    call("ROLLBACK TO SAVEPOINT " + IdentifierPreparer().quote(name));
}

void AnsiConnection::release_savepoint(std::string_view name) {
    call("RELEASE SAVEPOINT " + IdentifierPreparer().quote(name));
}

void AnsiConnection::reset() {
    if (in_transaction_) rollback();
}

} // namespace mercator::ansi
