// SPDX-License-Identifier: MIT
#pragma once

#include "connector_parameters.hpp"
#include "connector_row_reader.hpp"
#include "statement.hpp"

#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>

#include <memory>

namespace mercator::mysql {

class ConnectorConnection;

/// A statement of the connector. Results are always read completely when a statement runs: the
/// connector can do no other, and an unread result would poison the link.
class ConnectorStatement final : public Statement {
public:
    ConnectorStatement(ConnectorConnection& connection, std::shared_ptr<const Compiled> compiled);
    ~ConnectorStatement() override;
    ConnectorStatement(const ConnectorStatement&) = delete;
    ConnectorStatement& operator=(const ConnectorStatement&) = delete;

    bool fetch(const DecodePlan& plan, std::byte** targets) override;
    void fetch_again(const DecodePlan& plan, std::byte** targets) override;
    bool fetch(std::vector<Value>& row) override;
    [[nodiscard]] bool is_null(std::uint16_t column) const override;
    [[nodiscard]] std::vector<std::string> column_names() const override;
    void reset() noexcept override;

private:
    [[nodiscard]] bool has_result() const override { return result_ != nullptr; }
    void begin(std::size_t count) override;
    void bind(std::span<const Value> values) override;
    void bind(const BindPlan& plan, std::size_t first, const std::byte* object) override;
    std::uint64_t send() override;
    void drop_result() override { result_.reset(); }
    [[nodiscard]] std::int64_t first_generated_key() const override;

    void prepare();
    std::uint64_t execute_prepared();
    [[noreturn]] void fail(const sql::SQLException& error);
    /// Runs `action`; what the connector throws becomes our error.
    template <class Action>
    auto guarded(Action action) {
        try {
            return action();
        } catch (const sql::SQLException& error) {
            fail(error);
        }
    }

    ConnectorConnection& connection_;
    std::unique_ptr<sql::PreparedStatement> prepared_;
    std::unique_ptr<sql::ResultSet> result_;
    ConnectorParameters parameters_;
    ConnectorRowReader reader_;
};

} // namespace mercator::mysql
