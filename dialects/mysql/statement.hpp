// SPDX-License-Identifier: MIT
#pragma once

#include "parameters.hpp"
#include "row_reader.hpp"
#include "script.hpp"

#include <mercator/dialect/driver.hpp>

#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>

#include <memory>

namespace mercator::mysql {

class Connection;

/// A statement prepared on the server. Results are always read completely when a statement runs: the connector can do no other,
/// and an unread result would poison the link.
class Statement final : public DriverStatement {
public:
    Statement(Connection& connection, std::shared_ptr<const Compiled> compiled);
    ~Statement() override;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    void execute(std::span<const Value> values) override;
    void execute(const BindPlan& plan, std::span<const std::byte* const> rows) override;
    bool fetch(const DecodePlan& plan, std::byte* const* targets) override;
    bool fetch(std::vector<Value>& row) override;
    [[nodiscard]] bool is_null(std::uint16_t column) const override;
    [[nodiscard]] std::uint64_t affected_rows() const override { return affected_; }
    [[nodiscard]] std::int64_t last_generated_key() const override;
    void reset() noexcept override;

private:
    void start();
    void prepare();
    void bind_row(const BindPlan& plan, std::size_t row, const std::byte* object);
    void run();
    [[noreturn]] void fail(const sql::SQLException& error);

    Connection& connection_;
    std::shared_ptr<const Compiled> compiled_;
    std::unique_ptr<sql::PreparedStatement> prepared_;
    std::unique_ptr<sql::ResultSet> result_;
    Parameters parameters_;
    RowReader reader_;
    TransactionEffect effect_;
    std::uint64_t affected_ = 0;
    std::uint64_t last_count_ = 0;   ///< rows of the last execution
    bool stores_values_ = false;
};

}  // namespace mercator::mysql
