// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_context.hpp>
#include <mercator/schema/table.hpp>
#include <mercator/support/export.hpp>
#include <mercator/types/value.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

namespace mercator {

/// An INSERT into a table that may have no class, row by row:
///
///     session.execute(insert_into(enrollments)
///                         .values({{"student_id", ada->id}, {"course_id", logic->id}})
///                         .values({{"student_id", bob->id}, {"course_id", logic->id}}));
///
/// Columns that are not given take their defaults: those of the Column, else the database's.
/// Relationships by the table that are loaded already are not told; refresh their owners.
class MERCATOR_API TableInsert {
public:
    explicit TableInsert(const Table& table);
    // In the library, so that no user's file has to compile what a Table is made of.
    TableInsert(const TableInsert& other);
    TableInsert(TableInsert&& other) noexcept;
    TableInsert& operator=(const TableInsert& other);
    TableInsert& operator=(TableInsert&& other) noexcept;
    ~TableInsert();

    /// One more row. MappingError for a column that the table does not have or that is given twice.
    [[nodiscard]] TableInsert
    values(std::initializer_list<std::pair<std::string_view, Value>> row) &&;
    [[nodiscard]] TableInsert
    values(std::initializer_list<std::pair<std::string_view, Value>> row) const&;
    /// The number of rows inserted.
    std::uint64_t run(LoadContext& context) const;

private:
    using Row = std::vector<std::pair<std::size_t, Value>>; ///< by column

    Table table_;
    std::vector<Row> rows_;
};

[[nodiscard]] MERCATOR_API TableInsert insert_into(const Table& table);

} // namespace mercator
