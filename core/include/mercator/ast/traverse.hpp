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
/// shares what it can. Paths that begin at such a table (`TableRef::implied`) begin at the other
/// one then. This is how a relationship's ready-made join condition is used with an alias.
[[nodiscard]] MERCATOR_API ExpressionPtr requalify(const ExpressionPtr& expression,
                                                   const std::string& from, const std::string& to);

/// A copy of the tree in which every column for which `replacement` gives a node is that node, in
/// subqueries too; shares what it can. So a join condition becomes a condition on one side alone,
/// with the other side's columns as bound values.
[[nodiscard]] MERCATOR_API ExpressionPtr
replace_columns(const ExpressionPtr& expression,
                const std::function<ExpressionPtr(const ColumnRef&)>& replacement);
/// The same for the columns whose qualifier is `qualifier`. A subquery that reads a table of that
/// name itself means its own, and stays as it is.
[[nodiscard]] MERCATOR_API ExpressionPtr
replace_columns(const ExpressionPtr& expression, const std::string& qualifier,
                const std::function<ExpressionPtr(const ColumnRef&)>& replacement);

/// A copy of the tree in which every node for which `replacement` gives another is that one, seen
/// before what is below it; does not enter subqueries. Shares what it can.
[[nodiscard]] MERCATOR_API ExpressionPtr
replace_nodes(const ExpressionPtr& expression,
              const std::function<ExpressionPtr(const Expression&)>& replacement);

/// A copy in which binds are literals: what DDL needs of a check constraint written as an
/// expression. Columns lose their qualifier.
[[nodiscard]] MERCATOR_API ExpressionPtr to_ddl(const ExpressionPtr& expression);

/// Names of all tables that the SELECT reads, subqueries and the tables on the paths of its columns
/// (`TableRef::implied`) included.
[[nodiscard]] MERCATOR_API std::vector<std::string> tables_read(const Select& select);

/// A column that stands beside an aggregate although nothing is grouped, so that no row could give
/// its value; nullptr if there is none. Some databases pick any row then, others refuse.
[[nodiscard]] MERCATOR_API const ColumnRef* ungrouped_column(const Select& select);

} // namespace mercator::ast
