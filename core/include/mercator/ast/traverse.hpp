// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/support/export.hpp>

#include <functional>

namespace mercator::ast {

/// Calls `visit` for `expression` and everything below it, parents first; does not enter
/// subqueries.
MERCATOR_API void traverse(const ExpressionPtr& expression,
                           const std::function<void(const Expression&)>& visit);

/// A copy of the tree in which every column whose qualifier is `from` has the qualifier `to`;
/// shares what it can. This is how a relationship's ready-made join condition is used with an
/// alias.
[[nodiscard]] MERCATOR_API ExpressionPtr requalify(const ExpressionPtr& expression,
                                                   const std::string& from, const std::string& to);

/// A copy in which binds are literals: what DDL needs of a check constraint written as an
/// expression. Columns lose their qualifier.
[[nodiscard]] MERCATOR_API ExpressionPtr to_ddl(const ExpressionPtr& expression);

/// Names of all tables that the SELECT reads, subqueries included.
[[nodiscard]] MERCATOR_API std::vector<std::string> tables_read(const Select& select);

/// A column that stands beside an aggregate although nothing is grouped, so that no row could give
/// its value; nullptr if there is none. Some databases pick any row then, others refuse.
[[nodiscard]] MERCATOR_API const ColumnRef* ungrouped_column(const Select& select);

} // namespace mercator::ast
