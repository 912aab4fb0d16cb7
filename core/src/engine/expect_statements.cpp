// SPDX-License-Identifier: MIT
#include <mercator/engine/expect_statements.hpp>

#include <fmt/format.h>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace mercator {

StatementCountError::StatementCountError(const std::string& message) : StateError(message) {}
StatementCountError::~StatementCountError() = default;

struct ExpectStatements::Record {
    std::mutex mutex;
    std::vector<std::string> statements;
};

ExpectStatements::ExpectStatements(Engine& engine, std::size_t count) :
    engine_(engine),
    count_(count),
    record_(std::make_shared<Record>()),
    listener_(engine.on_statement([record = record_](const StatementEvent& event) {
        const std::lock_guard lock(record->mutex);
        record->statements.emplace_back(event.sql);
    })) {}

ExpectStatements::~ExpectStatements() noexcept(false) {
    if (listener_ == 0) return;
    if (std::uncaught_exceptions() == exceptions_) {
        check();
    } else {
        engine_.remove_listener(listener_);
    }
}

void ExpectStatements::check() {
    engine_.remove_listener(std::exchange(listener_, 0));
    const std::lock_guard lock(record_->mutex);
    const auto& sent = record_->statements;
    if (sent.size() == count_) return;
    std::string text = fmt::format("{} statement(s) expected, {} sent:", count_, sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) text += fmt::format("\n{}. {}", i + 1, sent[i]);
    throw StatementCountError(text);
}

} // namespace mercator
