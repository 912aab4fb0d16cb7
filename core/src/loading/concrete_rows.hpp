// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/mapping/mapper.hpp>

namespace mercator {

/// Does a class that inherits it, and that its rows tell apart, lie in a table which repeats its
/// columns (concrete-table inheritance)?
[[nodiscard]] bool has_concrete_classes(const Mapper& mapper) noexcept;

/// The rows of all those tables, one after the other, as one table with the columns of all of them:
/// those of `mapper` under their own names, and NULL where a class lacks a column.
[[nodiscard]] ast::FromItem concrete_rows(const Mapper& mapper, const std::string& alias);

/// A column of a class that inherits `mapper`, in the names of `concrete_rows`.
[[nodiscard]] ast::ExpressionPtr concrete_column(const Mapper& mapper, const std::string& alias,
                                                 const Mapper& of, const ast::ColumnRef& own);

/// An expression over these classes under their plain names, in those of `concrete_rows`.
[[nodiscard]] ast::ExpressionPtr concrete_names(const ast::ExpressionPtr& expression,
                                                const Mapper& mapper, const std::string& alias);

} // namespace mercator
