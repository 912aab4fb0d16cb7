// SPDX-License-Identifier: MIT
#pragma once

#include "row_version.hpp"

#include <mercator/ast/dml.hpp>
#include <mercator/dialect/driver.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/state/column_set.hpp>

#include <vector>

namespace mercator {

/// The statements that write an object of one class to one of its tables, as for one row, and where
/// their parameters come from.
class RowStatements {
public:
    explicit RowStatements(const Mapper& mapper) : mapper_(mapper), version_(mapper) {}

    [[nodiscard]] ast::Insert insert(const TablePart& part, const ColumnSet& written,
                                     BindPlan& plan) const;
    /// Without columns where nothing of this table is to be written.
    [[nodiscard]] ast::Update update(const TablePart& part, const ColumnSet& changed,
                                     BindPlan& plan) const;
    [[nodiscard]] ast::Delete removal(const TablePart& part, BindPlan& plan) const;

    [[nodiscard]] std::vector<ast::TargetColumn>
    targets(const TablePart& part, const ColumnSet& columns, BindPlan* plan) const;
    [[nodiscard]] std::vector<ast::TargetColumn> keys(const TablePart& part, BindPlan& plan) const;
    /// Is the version of the row in this table?
    [[nodiscard]] bool has_version(const TablePart& part) const;
    [[nodiscard]] const RowVersion& version() const noexcept { return version_; }

private:
    const Mapper& mapper_;
    RowVersion version_;
};

} // namespace mercator
