// SPDX-License-Identifier: MIT
#pragma once

#include "script.hpp"

#include <mercator/dialect/driver.hpp>

#include <memory>

namespace mercator::mysql {

class Connection;

/// A statement prepared on the server: how it runs, whatever client library carries it.
class Statement : public DriverStatement {
public:
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    void execute(std::span<const Value> values) override;
    void execute(const BindPlan& plan, std::span<const std::byte* const> rows) override;
    [[nodiscard]] std::uint64_t affected_rows() const override { return affected_; }
    [[nodiscard]] std::int64_t last_generated_key() const override;

protected:
    Statement(Connection& connection, std::shared_ptr<const Compiled> compiled);

    [[nodiscard]] const Compiled& compiled() const noexcept { return *compiled_; }
    /// Values go into columns, by what the statement is.
    [[nodiscard]] bool stores_values() const noexcept { return stores_values_; }
    /// Rows of the last execution, as far as they are known.
    [[nodiscard]] std::uint64_t last_count() const noexcept { return last_count_; }

    [[nodiscard]] virtual bool has_result() const = 0;
    /// Ready for `count` parameters; prepares anew where that is due.
    virtual void begin(std::size_t count) = 0;
    virtual void bind(std::span<const Value> values) = 0;
    /// Gives one object's members, the first of them parameter number `first`.
    virtual void bind(const BindPlan& plan, std::size_t first, const std::byte* object) = 0;
    /// Runs with the parameters that were given; how many rows it changed or returned.
    virtual std::uint64_t send() = 0;
    virtual void drop_result() = 0;
    /// First key that the last execution made; 0 if none.
    [[nodiscard]] virtual std::int64_t first_generated_key() const = 0;

private:
    void start();
    void run();

    Connection& connection_;
    std::shared_ptr<const Compiled> compiled_;
    TransactionEffect effect_;
    std::uint64_t affected_ = 0;
    std::uint64_t last_count_ = 0;
    bool stores_values_ = false;
};

} // namespace mercator::mysql
