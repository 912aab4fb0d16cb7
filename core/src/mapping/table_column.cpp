// SPDX-License-Identifier: MIT
#include <mercator/mapping/table_column.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <string>

namespace mercator {

std::shared_ptr<const ast::ColumnRef> table_column(const Table& table, std::string_view column) {
    const Column* found = table.find_column(column);
    if (found == nullptr) {
        std::string known;
        for (const auto& other : table.columns) known += (known.empty() ? "" : ", ") + other.name;
        throw MappingError(fmt::format("table {} has no column of the name asked for; it has {}",
                                       table.name, known),
                           table.name);
    }
    auto ref = std::make_shared<ast::ColumnRef>(table.name, found->name, found->type,
                                                found->accepts_null());
    ref->table = std::make_shared<const ast::TableRef>(ast::TableRef{table.schema, table.name, {}});
    return ref;
}

} // namespace mercator
