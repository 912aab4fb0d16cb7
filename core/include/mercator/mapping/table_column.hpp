// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/expression.hpp>
#include <mercator/schema/table.hpp>
#include <mercator/support/export.hpp>

#include <memory>
#include <string_view>

namespace mercator {

/// The node of a column of a table that may have no class. Throws MappingError that lists the
/// columns there are.
[[nodiscard]] MERCATOR_API std::shared_ptr<const ast::ColumnRef>
table_column(const Table& table, std::string_view column);

/// A column of a table without a class, as an operand of the C++ type that its values have; a
/// std::optional where they may be NULL:
///
///     session.execute(select(col<std::int64_t>(enrollments, "student_id"),
///                            col<Date>(enrollments, "enrolled_on"))
///                         .where(col<std::int64_t>(enrollments, "course_id") == 7));
template <class V = Value>
[[nodiscard]] Expr<V> col(const Table& table, std::string_view column) {
    return Expr<V>(table_column(table, column));
}

} // namespace mercator
