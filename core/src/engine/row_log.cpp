// SPDX-License-Identifier: MIT
#include "row_log.hpp"

#include <mercator/types/field.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <exception>
#include <string>
#include <utility>

namespace mercator {
namespace {

constexpr std::size_t most_shown_rows = 20;

std::string text_of(const DecodePlan& plan, std::byte* const* targets) {
    std::string text;
    for (const DecodeStep& step : plan.steps) {
        const std::byte* target = targets[step.target];
        if (target == nullptr) continue;
        text += text.empty() ? "" : ", ";
        text.append(step.field.where).append("=");
        if (step.field.type.sensitive) {
            text += "***";
            continue;
        }
        try {
            text += display(load(step.field, target));
        } catch (const std::exception&) { // a codec that refuses; the row itself is fine
            text += '?';
        }
    }
    return text;
}

std::string text_of(const std::vector<Value>& row, const std::vector<ResultColumn>& columns) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
        const bool secret = i < columns.size() && columns[i].type.sensitive;
        text.append(text.empty() ? "" : ", ").append(secret ? "***" : display(row[i]));
    }
    return text;
}

class LoggedStatement final : public DriverStatement {
public:
    LoggedStatement(std::unique_ptr<DriverStatement> statement,
                    std::shared_ptr<const Compiled> compiled, std::shared_ptr<LogSink> log) :
        statement_(std::move(statement)),
        compiled_(std::move(compiled)),
        log_(std::move(log)) {}

    void execute(std::span<const Value> values) override { statement_->execute(values); }
    void execute(const BindPlan& plan, std::span<const std::byte* const> rows) override {
        statement_->execute(plan, rows);
    }
    bool fetch(const DecodePlan& plan, std::byte** targets) override {
        if (!statement_->fetch(plan, targets)) return false;
        if (++fetched_ <= most_shown_rows) write(text_of(plan, targets));
        return true;
    }
    void fetch_again(const DecodePlan& plan, std::byte** targets) override {
        statement_->fetch_again(plan, targets);
        if (fetched_ <= most_shown_rows) write(text_of(plan, targets));
    }
    bool fetch(std::vector<Value>& row) override {
        if (!statement_->fetch(row)) return false;
        if (++fetched_ <= most_shown_rows) write(text_of(row, compiled_->columns));
        return true;
    }
    [[nodiscard]] bool is_null(std::uint16_t column) const override {
        return statement_->is_null(column);
    }
    [[nodiscard]] std::uint64_t affected_rows() const override {
        return statement_->affected_rows();
    }
    [[nodiscard]] std::int64_t last_generated_key() const override {
        return statement_->last_generated_key();
    }
    [[nodiscard]] std::vector<std::string> column_names() const override {
        return statement_->column_names();
    }
    void reset() noexcept override {
        statement_->reset();
        const std::size_t fetched = std::exchange(fetched_, 0);
        if (fetched <= most_shown_rows) return;
        try {
            log_->write(LogLevel::Info,
                        fmt::format("  ... and {} rows more", fetched - most_shown_rows));
        } catch (...) { // a log line is not worth a failure
        }
    }

private:
    void write(const std::string& row) {
        log_->write(LogLevel::Info, fmt::format("  row {}: {}", fetched_, row));
    }

    std::unique_ptr<DriverStatement> statement_;
    std::shared_ptr<const Compiled> compiled_;
    std::shared_ptr<LogSink> log_;
    std::size_t fetched_ = 0;
};

} // namespace

std::unique_ptr<DriverStatement> log_rows(std::unique_ptr<DriverStatement> statement,
                                          std::shared_ptr<const Compiled> compiled,
                                          std::shared_ptr<LogSink> log) {
    return std::make_unique<LoggedStatement>(std::move(statement), std::move(compiled),
                                             std::move(log));
}

} // namespace mercator
