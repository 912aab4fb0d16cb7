// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/driver.hpp>
#include <mercator/dialect/recording.hpp>

namespace mercator::ansi {

class AnsiConnection;

/// Writes down what it is asked to run and answers from the recorder's script.
class AnsiStatement final : public DriverStatement {
public:
    AnsiStatement(AnsiConnection& connection, std::shared_ptr<const Compiled> compiled);

    void execute(std::span<const Value> values) override;
    void execute(const BindPlan& plan, std::span<const std::byte* const> rows) override;
    bool fetch(const DecodePlan& plan, std::byte** targets) override;
    void fetch_again(const DecodePlan& plan, std::byte** targets) override;
    bool fetch(std::vector<Value>& row) override;
    [[nodiscard]] bool is_null(std::uint16_t column) const override;
    [[nodiscard]] std::uint64_t affected_rows() const override { return affected_; }
    [[nodiscard]] std::int64_t last_generated_key() const override { return last_key_; }
    void reset() noexcept override;

private:
    void run(Recorder::Rows parameters);
    bool next();

    AnsiConnection& connection_;
    std::shared_ptr<const Compiled> compiled_;
    Recorder::Rows result_;
    std::size_t fetched_ = 0;
    std::uint64_t affected_ = 0;
    std::int64_t last_key_ = 0;
};

class AnsiConnection final : public DriverConnection {
public:
    explicit AnsiConnection(std::shared_ptr<Recorder> recorder) : recorder_(std::move(recorder)) {}

    [[nodiscard]] Recorder& recorder() const noexcept { return *recorder_; }
    /// Counts a call of this link; a scripted failure may break it.
    void count_call(std::string_view sql);

    [[nodiscard]] std::unique_ptr<DriverStatement>
    prepare(std::shared_ptr<const Compiled> compiled) override;
    /// Only when a script has given this dialect pipelines.
    void execute_together(std::span<DriverStatement* const> statements,
                          std::span<const std::span<const Value>> values) override;
    void execute_script(std::string_view sql) override;
    void begin(TransactionMode mode) override;
    void commit() override;
    void rollback() override;
    void savepoint(std::string_view name) override;
    void rollback_to_savepoint(std::string_view name) override;
    void release_savepoint(std::string_view name) override;
    [[nodiscard]] bool in_transaction() const override { return in_transaction_; }
    void reset() override;
    void ping() override {}
    [[nodiscard]] bool is_broken() const noexcept override { return is_broken_; }

private:
    void call(std::string sql);

    std::shared_ptr<Recorder> recorder_;
    bool in_transaction_ = false;
    bool is_broken_ = false;
};

} // namespace mercator::ansi
