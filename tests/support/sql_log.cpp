// SPDX-License-Identifier: MIT
#include "sql_log.hpp"

#include <algorithm>
#include <array>

namespace mercator::test {

namespace {

bool is_transaction_control(std::string_view sql) {
    constexpr std::array words{"BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"};
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return sql.starts_with(word); });
}

} // namespace

SqlLog::SqlLog(Engine& engine) : record_(std::make_shared<Record>()) {
    engine.on_statement([record = record_](const StatementEvent& event) {
        if (is_transaction_control(event.sql)) return;
        const std::lock_guard lock(record->mutex);
        record->statements.push_back({std::string(event.sql),
                                      event.rows,
                                      {event.parameters.begin(), event.parameters.end()},
                                      event.failed});
    });
}

void SqlLog::clear() {
    const std::lock_guard lock(record_->mutex);
    record_->statements.clear();
}

std::vector<LoggedStatement> SqlLog::statements() const {
    const std::lock_guard lock(record_->mutex);
    return record_->statements;
}

std::size_t SqlLog::count(std::string_view first_word) const {
    return texts(first_word).size();
}

std::size_t SqlLog::rows(std::string_view first_word) const {
    std::size_t total = 0;
    for (const auto& statement : statements()) {
        if (statement.sql.starts_with(first_word)) total += statement.rows;
    }
    return total;
}

std::vector<std::string> SqlLog::texts(std::string_view first_word) const {
    std::vector<std::string> found;
    for (auto& statement : statements()) {
        if (statement.sql.starts_with(first_word)) found.push_back(std::move(statement.sql));
    }
    return found;
}

std::string SqlLog::dump() const {
    std::string text;
    for (const auto& statement : statements()) text += statement.sql + '\n';
    return text;
}

} // namespace mercator::test
