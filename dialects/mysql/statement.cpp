// SPDX-License-Identifier: MIT
#include "statement.hpp"

#include "driver.hpp"
#include "thread_guard.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator::mysql {
namespace {

/// The connector keeps a result's rows until the statement runs again; above this many we give the memory back and
/// prepare anew next time, which costs far less than reading them did.
constexpr std::size_t rows_worth_freeing = 4'096;

[[noreturn]] void wrong_count(std::string_view what, std::size_t given, std::size_t wanted) {
    throw StateError(fmt::format("{} {} given, the statement has {}", given, what, wanted));
}

}  // namespace

Statement::Statement(Connection& connection, std::shared_ptr<const Compiled> compiled)
    : connection_(connection), compiled_(std::move(compiled)), parameters_(connection.max_packet()),
      effect_(transaction_effect(compiled_->sql)),
      stores_values_(compiled_->writes && !compiled_->sql.starts_with("DELETE")) {
    prepare();
}

Statement::~Statement() {
    reset();
    try {
        prepared_.reset();
    } catch (const std::exception&) {   // the server forgets the statement with the link
        static_cast<void>(prepared_.release());
    }
}

void Statement::fail(const sql::SQLException& error) {
    try {
        connection_.fail(error, compiled_->sql);
    } catch (const DatabaseError& described) {
        if (described.code() == ErrorCode::StatementInvalidated) prepared_.reset();
        throw;
    }
}

void Statement::prepare() {
    enter_thread();
    try {
        prepared_.reset(connection_.native().prepareStatement(compiled_->sql));
    } catch (const sql::SQLException& error) {
        fail(error);
    }
}

void Statement::start() {
    if (result_ != nullptr) throw StateError("the statement still has a result; reset it before it runs again");
    connection_.check_usable(compiled_->sql);
    enter_thread();
    if (prepared_ == nullptr) prepare();
    parameters_.begin(*prepared_, compiled_->binds.size() * compiled_->rows);
    affected_ = 0;
}

void Statement::run() {
    if (effect_ == TransactionEffect::ImplicitCommit) connection_.follow(effect_);
    try {
        // -1 says that rows came back: whether RETURNING gives some, the server tells only now.
        const int count = prepared_->executeUpdate();
        if (count == -1) {
            result_.reset(prepared_->getResultSet());
            last_count_ = result_->rowsCount();
            reader_.open(*result_);
        } else {
            last_count_ = static_cast<std::uint64_t>(count);
        }
    } catch (const sql::SQLException& error) {
        parameters_.end();
        result_.reset();
        fail(error);
    }
    parameters_.end();
    affected_ += last_count_;
    connection_.follow(effect_);
}

void Statement::execute(std::span<const Value> values) {
    start();
    if (values.size() != compiled_->binds.size() * compiled_->rows) {
        wrong_count("values", values.size(), compiled_->binds.size() * compiled_->rows);
    }
    try {
        const std::size_t width = compiled_->binds.size();
        for (std::size_t i = 0; i < values.size(); ++i) {
            parameters_.set(i, values[i], compiled_->binds[i % width].type, stores_values_);
        }
    } catch (const sql::SQLException& error) {
        fail(error);
    }
    run();
}

void Statement::bind_row(const BindPlan& plan, std::size_t row, const std::byte* object) {
    const std::size_t width = plan.fields.size();
    try {
        for (std::size_t i = 0; i < width; ++i) parameters_.set(row * width + i, plan.fields[i], object);
    } catch (const sql::SQLException& error) {
        fail(error);
    }
}

void Statement::execute(const BindPlan& plan, std::span<const std::byte* const> rows) {
    start();
    if (plan.fields.size() != compiled_->binds.size()) wrong_count("fields", plan.fields.size(), compiled_->binds.size());
    if (compiled_->form == ast::BatchForm::Arrays) throw StateError("this database has no array parameters");
    if (compiled_->form == ast::BatchForm::MultiRow) {
        if (rows.size() != compiled_->rows) wrong_count("rows", rows.size(), compiled_->rows);
        for (std::size_t row = 0; row < rows.size(); ++row) bind_row(plan, row, rows[row]);
        return run();
    }
    for (const std::byte* row : rows) {
        result_.reset();
        parameters_.begin(*prepared_, plan.fields.size());
        bind_row(plan, 0, row);
        run();
    }
    if (rows.size() > 1) result_.reset();
}

bool Statement::fetch(const DecodePlan& plan, std::byte* const* targets) {
    if (result_ == nullptr) return false;
    try {
        if (!result_->next()) return false;
        for (const DecodeStep& step : plan.steps) {
            std::byte* object = targets[step.target];
            if (object != nullptr) reader_.read(step, object);
        }
    } catch (const sql::SQLException& error) {
        fail(error);
    }
    return true;
}

bool Statement::fetch(std::vector<Value>& row) {
    row.clear();
    if (result_ == nullptr) return false;
    try {
        if (!result_->next()) return false;
        const auto& columns = compiled_->columns;
        for (std::size_t i = 0; i < reader_.column_count(); ++i) {
            row.push_back(reader_.read(static_cast<std::uint16_t>(i), i < columns.size() ? columns[i].type : SqlType()));
        }
    } catch (const sql::SQLException& error) {
        fail(error);
    }
    return true;
}

bool Statement::is_null(std::uint16_t column) const {
    try {
        return result_ == nullptr || result_->isNull(column + 1U);
    } catch (const sql::SQLException& error) {
        connection_.fail(error, compiled_->sql);
    }
}

std::int64_t Statement::last_generated_key() const {
    if (!compiled_->columns.empty() || last_count_ == 0) return 0;
    const auto [first, step] = connection_.generated_keys();
    // The server tells the first key of a statement; those of one INSERT ... VALUES follow each other.
    return first == 0 ? 0 : first + static_cast<std::int64_t>(last_count_ - 1) * step;
}

void Statement::reset() noexcept {
    if (result_ == nullptr) return;
    const bool large = last_count_ > rows_worth_freeing;
    try {
        result_.reset();
        if (large) prepared_.reset();
    } catch (const std::exception&) {   // destructors of the connector; the next execution reports what is wrong
        static_cast<void>(prepared_.release());
    }
}

}  // namespace mercator::mysql
