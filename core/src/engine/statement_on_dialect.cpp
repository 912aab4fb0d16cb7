// SPDX-License-Identifier: MIT
#include "statement_on_dialect.hpp"

#include <algorithm>
#include <list>
#include <utility>

namespace mercator {
namespace {

class StatementOnDialect final : public DriverStatement {
public:
    StatementOnDialect(std::unique_ptr<DriverStatement> statement, const DialectInfo& dialect) :
        statement_(std::move(statement)),
        dialect_(&dialect) {}

    void execute(std::span<const Value> values) override { statement_->execute(values); }
    void execute(const BindPlan& plan, std::span<const std::byte* const> rows) override {
        bound_ = plan;
        for (Field& field : bound_.fields) field = field_on(field, *dialect_);
        statement_->execute(bound_, rows);
    }
    bool fetch(const DecodePlan& plan, std::byte** targets) override {
        return statement_->fetch(own(plan), targets);
    }
    void fetch_again(const DecodePlan& plan, std::byte** targets) override {
        statement_->fetch_again(own(plan), targets);
    }
    bool fetch(std::vector<Value>& row) override { return statement_->fetch(row); }
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
        plans_.clear();
    }

private:
    /// A plan lives at least as long as the result that it reads.
    const DecodePlan& own(const DecodePlan& plan) {
        for (const auto& [theirs, ours] : plans_) {
            if (theirs == &plan) return ours;
        }
        DecodePlan& ours = plans_.emplace_back(&plan, plan).second;
        for (DecodeStep& step : ours.steps) step.field = field_on(step.field, *dialect_);
        return ours;
    }

    std::unique_ptr<DriverStatement> statement_;
    const DialectInfo* dialect_;
    BindPlan bound_;
    std::list<std::pair<const DecodePlan*, DecodePlan>> plans_; // at addresses that last
};

} // namespace

std::unique_ptr<DriverStatement> statement_on_dialect(std::unique_ptr<DriverStatement> statement,
                                                      const DialectInfo& dialect) {
    return std::make_unique<StatementOnDialect>(std::move(statement), dialect);
}

} // namespace mercator
