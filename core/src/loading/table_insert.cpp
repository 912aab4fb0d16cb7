// SPDX-License-Identifier: MIT
#include <mercator/loading/table_insert.hpp>

#include <mercator/ast/build.hpp>
#include <mercator/ast/dml.hpp>
#include <mercator/mapping/table_column.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {

TableInsert::TableInsert(const Table& table) : table_(table) {}
TableInsert::TableInsert(const TableInsert& other) = default;
TableInsert::TableInsert(TableInsert&& other) noexcept = default;
TableInsert& TableInsert::operator=(const TableInsert& other) = default;
TableInsert& TableInsert::operator=(TableInsert&& other) noexcept = default;
TableInsert::~TableInsert() = default;

TableInsert insert_into(const Table& table) {
    return TableInsert(table);
}

TableInsert
TableInsert::values(std::initializer_list<std::pair<std::string_view, Value>> row) const& {
    return TableInsert(*this).values(row);
}

TableInsert
TableInsert::values(std::initializer_list<std::pair<std::string_view, Value>> values) && {
    Row row;
    const auto is_given = [&](std::size_t column) {
        return std::any_of(row.begin(), row.end(),
                           [&](const auto& cell) { return cell.first == column; });
    };
    for (const auto& [name, value] : values) {
        static_cast<void>(table_column(table_, name)); // throws for an unknown one
        const auto column = static_cast<std::size_t>(table_.find_column(name) - &table_.columns[0]);
        if (table_.columns[column].computed_from != nullptr) {
            throw MappingError(
                fmt::format("{}.{} is computed by the database; leave it out", table_.name, name),
                table_.name);
        }
        if (is_given(column)) {
            throw MappingError(fmt::format("a row for table {} gives {} twice", table_.name, name),
                               table_.name);
        }
        row.emplace_back(column, value);
    }
    for (std::size_t column = 0; column < table_.columns.size(); ++column) {
        const auto& make = table_.columns[column].default_value;
        if (make && !is_given(column)) row.emplace_back(column, make());
    }
    std::sort(row.begin(), row.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    rows_.push_back(std::move(row));
    return std::move(*this);
}

std::uint64_t TableInsert::run(LoadContext& context) const {
    std::uint64_t inserted = 0;
    for (const auto& row : rows_) {
        ast::Insert insert;
        insert.table =
            std::make_shared<const ast::TableRef>(ast::TableRef{table_.schema, table_.name, {}});
        for (const auto& [column, value] : row) {
            const Column& described = table_.columns[column];
            insert.columns.push_back({described.name, described.type, described.accepts_null()});
            insert.values.push_back(ast::bind(value, described.type));
        }
        inserted += context.write(insert);
    }
    return inserted;
}

} // namespace mercator
