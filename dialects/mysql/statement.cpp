// SPDX-License-Identifier: MIT
#include "statement.hpp"

#include "driver.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator::mysql {
namespace {

[[noreturn]] void wrong_count(std::string_view what, std::size_t given, std::size_t wanted) {
    throw StateError(fmt::format("{} {} given, the statement has {}", given, what, wanted));
}

} // namespace

Statement::Statement(Connection& connection, std::shared_ptr<const Compiled> compiled) :
    connection_(connection),
    compiled_(std::move(compiled)),
    effect_(transaction_effect(compiled_->sql)),
    stores_values_(compiled_->writes && !compiled_->sql.starts_with("DELETE")) {}

void Statement::start() {
    if (has_result()) {
        throw StateError("the statement still has a result; reset it before it runs again");
    }
    connection_.check_usable(compiled_->sql);
    begin(compiled_->binds.size() * compiled_->rows);
    affected_ = 0;
}

void Statement::run() {
    if (commits_first(effect_)) connection_.follow(effect_);
    last_count_ = send();
    affected_ += last_count_;
    connection_.follow(effect_);
}

void Statement::execute(std::span<const Value> values) {
    start();
    const std::size_t wanted = compiled_->binds.size() * compiled_->rows;
    if (values.size() != wanted) wrong_count("values", values.size(), wanted);
    bind(values);
    run();
}

void Statement::execute(const BindPlan& plan, std::span<const std::byte* const> rows) {
    start();
    const std::size_t width = compiled_->binds.size();
    if (plan.fields.size() != width) wrong_count("fields", plan.fields.size(), width);
    if (compiled_->form == ast::BatchForm::Arrays) {
        throw StateError("this database has no array parameters");
    }
    if (compiled_->form == ast::BatchForm::MultiRow) {
        if (rows.size() != compiled_->rows) wrong_count("rows", rows.size(), compiled_->rows);
        for (std::size_t row = 0; row < rows.size(); ++row) bind(plan, row * width, rows[row]);
        return run();
    }
    for (const std::byte* row : rows) {
        drop_result();
        begin(width);
        bind(plan, 0, row);
        run();
    }
    if (rows.size() > 1) drop_result();
}

std::int64_t Statement::last_generated_key() const {
    if (!compiled_->columns.empty() || last_count_ == 0) return 0;
    const std::int64_t first = first_generated_key();
    if (first == 0 || last_count_ == 1) return first;
    // The server tells the first key of a statement; those of one INSERT ... VALUES follow each
    // other.
    const std::int64_t step = connection_.ask("SELECT @@auto_increment_increment");
    return first + static_cast<std::int64_t>(last_count_ - 1) * step;
}

} // namespace mercator::mysql
