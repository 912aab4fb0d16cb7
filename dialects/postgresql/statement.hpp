// SPDX-License-Identifier: MIT
#pragma once

#include "bind.hpp"
#include "decode.hpp"
#include "driver.hpp"

#include <mercator/dialect/compiled.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mercator::postgresql {

/// Rows that a command reports: matched, inserted or deleted.
[[nodiscard]] std::uint64_t affected_rows_of(PGresult* result) noexcept;

/// A prepared statement and its last result, which is held completely on the client: the connection
/// is free at once, and no unread rows can get into anybody's way.
class Statement final : public DriverStatement {
public:
    Statement(Connection& connection, std::shared_ptr<const Compiled> compiled);
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() override;

    void execute(std::span<const Value> values) override;
    void execute(const BindPlan& plan, std::span<const std::byte* const> rows) override;
    bool fetch(const DecodePlan& plan, std::byte** targets) override;
    void fetch_again(const DecodePlan& plan, std::byte** targets) override;
    bool fetch(std::vector<Value>& row) override;
    [[nodiscard]] bool is_null(std::uint16_t column) const override;
    [[nodiscard]] std::uint64_t affected_rows() const override { return affected_; }
    [[nodiscard]] std::int64_t last_generated_key() const override { return 0; }
    [[nodiscard]] std::vector<std::string> column_names() const override;
    void reset() noexcept override;

    // for Connection::execute_together
    [[nodiscard]] std::string_view sql() const noexcept { return compiled_->sql; }
    /// Sets the parameters of the next execution.
    void give(std::span<const Value> values);
    /// Sends it, with its preparation where that is due, in the pipeline that is open.
    void send();
    /// Takes what the server answered to that from the pipeline's answers.
    void take(std::span<ResultPtr>& answers);

private:
    /// A decode step with everything looked up.
    struct Step {
        int column;
        std::uint16_t target;
        std::uint32_t offset;
        Decoder decode;
        const Field* field;
    };

    void run();
    void execute_repeatedly(const BindPlan& plan, std::span<const std::byte* const> rows);
    void send_chunk(const BindPlan& plan, std::span<const std::byte* const> rows);
    void keep(ResultPtr result);
    /// The steps of a plan, for this result.
    [[nodiscard]] std::vector<Step> resolved(const DecodePlan& plan) const;
    void decode(const DecodePlan& plan, const std::vector<Step>& steps, std::byte** targets) const;
    void after_failure(const DatabaseError& error) noexcept;

    Connection& connection_;
    std::shared_ptr<const Compiled> compiled_;
    Parameters parameters_;
    std::string name_;
    bool prepared_ = false;
    ResultPtr result_;
    int row_ = -1;
    int rows_ = 0;
    std::uint64_t affected_ = 0;
    const DecodePlan* plan_ = nullptr; // the one that steps_ were made from, for this result
    std::vector<Step> steps_;
    /// The same of plans that rows are decoded by once more; each stays where it is.
    std::vector<std::pair<const DecodePlan*, std::vector<Step>>> further_;
};

} // namespace mercator::postgresql
