// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/mapping/mapper.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace mercator {

// A class in a statement. An ordinary class is its table; the columns of one of joined-table
// inheritance lie in several, and one of single-table inheritance is only some rows of its table.
// `table` is always the class's own (`Mapper::table_ref`) or a second use of it, with an alias,
// from which the names of its other tables follow (`part_table`).

using ClassTable = std::shared_ptr<const ast::TableRef>;

/// A column of `mapper` as `own` names it (with the plain name of its table), in the names of the
/// statement that has `placed` under `table`.
[[nodiscard]] ast::ExpressionPtr class_column(const Mapper& placed, const ClassTable& table,
                                              const Mapper& mapper, const ast::ColumnRef& own);
[[nodiscard]] ast::ExpressionPtr class_column(const Mapper& placed, const ClassTable& table,
                                              const ast::ColumnRef& own);

/// What holds for the rows of the class and not for others of its tables; nullptr when nothing
/// does. With all descendants that are known by now.
[[nodiscard]] ast::ExpressionPtr class_condition(const Mapper& mapper, const ClassTable& table);

/// "Not of this class, or this holds": a condition on rows of one class in a table of several.
[[nodiscard]] ast::ExpressionPtr if_of_class(const Mapper& mapper, ast::ExpressionPtr condition);

/// "Of this class, or of one that inherits it", told by the discriminator.
[[nodiscard]] ast::ExpressionPtr is_of_class(const Mapper& mapper);

/// Which class stands under `table`: this one, or one that inherits it.
[[nodiscard]] const Mapper& class_under(const Mapper& mapper, const ast::TableRef& table) noexcept;

/// Puts the tables of the class into FROM.
void read_tables(ast::Select& select, const Mapper& mapper);
void read_tables_as(ast::Select& select, const Mapper& mapper, const ClassTable& table);
/// The same with the condition of the class in WHERE.
void read_class(ast::Select& select, const Mapper& mapper);

/// The same where its classes may lie in tables that repeat its columns (`concrete_rows`).
void read_all_of(ast::Select& select, const Mapper& mapper);

/// Joins the class. `on` is in the names of the statement; the first table that is joined is the
/// one that it speaks of. The condition of the class stands in ON as well.
void join_class(ast::Select& select, ast::JoinKind kind, const Mapper& mapper,
                const ClassTable& table, ast::ExpressionPtr on);

/// `join_relationship` to rows of `target`, the relationship's class or one that inherits it.
void join_along(ast::Select& select, const Relationship& relationship, ast::JoinKind kind,
                const ClassTable& owner, const Mapper& target, const ClassTable& target_table);

/// A condition of a relationship in which the columns of `side` (`Relationship::owner_side`,
/// `target_side`) have the names that the class has in the statement.
[[nodiscard]] ast::ExpressionPtr side_in_names(const ast::ExpressionPtr& expression,
                                               std::string_view side, const Mapper& mapper,
                                               const ClassTable& table);

/// A condition over the class and its bases under their plain names, in those of the statement.
[[nodiscard]] ast::ExpressionPtr class_in_names(const ast::ExpressionPtr& expression,
                                                const Mapper& mapper, const ClassTable& table);

} // namespace mercator
