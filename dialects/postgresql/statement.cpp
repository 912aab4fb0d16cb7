// SPDX-License-Identifier: MIT
#include "statement.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mercator::postgresql {
namespace {

/// Executions of one pipeline, when a statement is repeated for many rows.
constexpr std::size_t pipeline_rows = 500;

} // namespace

Statement::Statement(Connection& connection, std::shared_ptr<const Compiled> compiled) :
    connection_(connection),
    compiled_(std::move(compiled)),
    parameters_(*compiled_) {}

Statement::~Statement() {
    if (prepared_) connection_.forget(std::move(name_));
}

void Statement::execute(std::span<const Value> values) {
    give(values);
    run();
}

void Statement::give(std::span<const Value> values) {
    reset();
    parameters_.set(values);
}

void Statement::send() {
    if (!prepared_) {
        name_ = connection_.next_name();
        connection_.send_prepare(name_, compiled_->sql, parameters_);
    }
    connection_.send(name_, compiled_->sql, parameters_);
}

void Statement::take(std::span<ResultPtr>& answers) {
    try {
        if (!prepared_) {
            static_cast<void>(connection_.take_answer(answers, compiled_->sql));
            prepared_ = connection_.names_statements();
        }
        keep(connection_.take_answer(answers, compiled_->sql));
    } catch (const DatabaseError& error) {
        after_failure(error);
        throw;
    }
}

void Statement::execute(const BindPlan& plan, std::span<const std::byte* const> rows) {
    reset();
    if (rows.empty()) return;
    switch (compiled_->form) {
    case ast::BatchForm::Arrays:
        parameters_.set_arrays(plan, rows);
        break;
    case ast::BatchForm::MultiRow:
        parameters_.set_rows(plan, rows);
        break;
    case ast::BatchForm::Single:
        if (rows.size() > 1) return execute_repeatedly(plan, rows);
        parameters_.set_row(plan, rows.front());
        break;
    }
    run();
}

void Statement::run() {
    try {
        if (prepared_)
            return keep(connection_.execute_prepared(name_, compiled_->sql, parameters_));
        name_ = connection_.next_name();
        keep(connection_.prepare_and_execute(name_, compiled_->sql, parameters_, prepared_));
    } catch (const DatabaseError& error) {
        after_failure(error);
        throw;
    }
}

void Statement::execute_repeatedly(const BindPlan& plan, std::span<const std::byte* const> rows) {
    // The first one alone: it also prepares.
    parameters_.set_row(plan, rows.front());
    run();
    std::uint64_t affected = affected_;
    reset();
    for (rows = rows.subspan(1); !rows.empty();
         rows = rows.subspan(std::min(rows.size(), pipeline_rows))) {
        send_chunk(plan, rows.first(std::min(rows.size(), pipeline_rows)));
        affected += affected_;
    }
    affected_ = affected;
}

void Statement::send_chunk(const BindPlan& plan, std::span<const std::byte* const> rows) {
    connection_.enter_pipeline(compiled_->sql);
    try {
        bool is_known = prepared_;
        for (const std::byte* row : rows) {
            parameters_.set_row(plan, row);
            if (!is_known) connection_.send_prepare(name_, compiled_->sql, parameters_);
            is_known = true;
            connection_.send(name_, compiled_->sql, parameters_);
        }
    } catch (...) {
        connection_.abandon_pipeline();
        throw;
    }
    try {
        affected_ = connection_.finish_pipeline(compiled_->sql);
    } catch (const DatabaseError& error) {
        after_failure(error);
        throw;
    }
}

void Statement::keep(ResultPtr result) {
    result_ = std::move(result);
    rows_ = PQntuples(result_.get());
    affected_ = affected_rows_of(result_.get());
}

/// A statement that the server refuses to run again, or has forgotten, is prepared anew by the next
/// execution.
void Statement::after_failure(const DatabaseError& error) noexcept {
    if (!prepared_ || error.code() != ErrorCode::StatementInvalidated) return;
    constexpr std::string_view unknown_name = "26000";
    if (error.sqlstate() != unknown_name) connection_.forget(std::move(name_));
    name_.clear();
    prepared_ = false;
}

std::vector<Statement::Step> Statement::resolved(const DecodePlan& plan) const {
    std::vector<Step> steps;
    steps.reserve(plan.steps.size());
    const int columns = PQnfields(result_.get());
    for (const DecodeStep& step : plan.steps) {
        const int column = step.column;
        if (column >= columns)
            throw_data_error(fmt::format("the result has {} columns, and column {} is asked for",
                                         columns, column + 1),
                             std::string(step.field.where));
        const Decoder decoder = find_decoder(PQftype(result_.get(), column), step.field,
                                             PQfname(result_.get(), column));
        steps.push_back({column, step.target, step.field.offset, decoder, &step.field});
    }
    return steps;
}

void Statement::decode(const DecodePlan& plan, const std::vector<Step>& steps,
                       std::byte** targets) const {
    drop_absent(plan, targets, [this](std::uint16_t column) { return is_null(column); });
    const PGresult* result = result_.get();
    for (const Step& step : steps) {
        std::byte* target = targets[step.target];
        if (target == nullptr) continue;
        std::byte* member = target + step.offset;
        const int length = PQgetlength(result, row_, step.column);
        if (length == 0 && PQgetisnull(result, row_, step.column) != 0) // NULL has length 0
            decode_null(member, *step.field);
        else
            step.decode(PQgetvalue(result, row_, step.column), static_cast<std::size_t>(length),
                        member, *step.field);
    }
}

bool Statement::fetch(const DecodePlan& plan, std::byte** targets) {
    if (row_ + 1 >= rows_) return false;
    if (plan_ != &plan) {
        steps_ = resolved(plan);
        plan_ = &plan;
    }
    ++row_;
    decode(plan, steps_, targets);
    return true;
}

void Statement::fetch_again(const DecodePlan& plan, std::byte** targets) {
    auto known = std::find_if(further_.begin(), further_.end(),
                              [&](const auto& entry) { return entry.first == &plan; });
    if (known == further_.end()) known = further_.emplace(known, &plan, resolved(plan));
    decode(plan, known->second, targets);
}

bool Statement::fetch(std::vector<Value>& row) {
    if (row_ + 1 >= rows_) return false;
    ++row_;
    const PGresult* result = result_.get();
    const int columns = PQnfields(result);
    row.resize(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) {
        const auto at = static_cast<std::size_t>(column);
        if (PQgetisnull(result, row_, column) != 0) {
            row[at] = null;
            continue;
        }
        const SqlType declared =
            at < compiled_->columns.size() ? compiled_->columns[at].type : SqlType{};
        row[at] = decode_value(PQftype(result, column), PQgetvalue(result, row_, column),
                               static_cast<std::size_t>(PQgetlength(result, row_, column)),
                               declared, PQfname(result, column));
    }
    return true;
}

bool Statement::is_null(std::uint16_t column) const {
    return row_ >= 0 && PQgetisnull(result_.get(), row_, column) != 0;
}

std::vector<std::string> Statement::column_names() const {
    std::vector<std::string> names;
    const int count = result_ == nullptr ? 0 : PQnfields(result_.get());
    for (int i = 0; i < count; ++i) names.emplace_back(PQfname(result_.get(), i));
    return names;
}

void Statement::reset() noexcept {
    result_.reset();
    row_ = -1;
    rows_ = 0;
    affected_ = 0;
    plan_ = nullptr;
    further_.clear();
}

} // namespace mercator::postgresql
