// SPDX-License-Identifier: MIT
#include "path_values.hpp"

#include "correlated_select.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/ast/implied_join.hpp>
#include <mercator/ast/traverse.hpp>

#include <algorithm>
#include <memory>
#include <vector>

namespace mercator {

namespace {

using TablePtr = std::shared_ptr<const ast::TableRef>;

TablePtr read_directly(const ast::TableRef& table) {
    auto plain = std::make_shared<ast::TableRef>(table);
    plain->implied = nullptr;
    return plain;
}

ast::ExpressionPtr value_at_end(const ast::ColumnRef& column) {
    std::vector<const ast::TableRef*> steps; // the first one hangs on the statement's table
    for (const auto* table = column.table.get(); table->implied != nullptr;
         table = table->implied->owner.get())
        steps.push_back(table);
    std::reverse(steps.begin(), steps.end());
    auto select = std::make_shared<ast::Select>();
    for (const ast::TableRef* step : steps) {
        const TablePtr table = read_directly(*step);
        if (select->from.empty()) {
            select->from.emplace_back(table);
            select->where.push_back(step->implied->on);
        } else {
            select->joins.push_back({ast::JoinKind::Inner, table, step->implied->on});
        }
        if (step == column.table.get()) select->columns = {column_of(table, column)};
    }
    return std::make_shared<ast::ScalarSubquery>(std::move(select), column.type);
}

} // namespace

ast::ExpressionPtr with_path_values(const ast::ExpressionPtr& expression,
                                    const ast::TableRef& start) {
    return ast::replace_columns(
        expression, [&](const ast::ColumnRef& column) -> ast::ExpressionPtr {
            const bool is_path = column.table != nullptr && column.table->implied != nullptr;
            if (!is_path || !(*ast::start_of_path(column.table) == start)) return nullptr;
            return value_at_end(column);
        });
}

} // namespace mercator
