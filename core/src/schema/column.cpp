// SPDX-License-Identifier: MIT
#include <mercator/schema/column.hpp>

#include <mercator/ast/build.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator {
namespace {

ForeignKey& require_foreign_key(Column& column) {
    if (column.foreign_key) return *column.foreign_key;
    throw MappingError(
        fmt::format("the column \"{}\" says something about a foreign key but has none; call "
                    "references(\"table.column\") first",
                    column.name),
        column.name);
}

} // namespace

Column& Column::references(const std::string& target) & {
    const auto point = target.rfind('.');
    if (point == std::string::npos || point == 0 || point + 1 == target.size()) {
        throw MappingError(
            fmt::format("the column \"{}\" references \"{}\"; write it as \"table.column\"", name,
                        target),
            name);
    }
    foreign_key = ForeignKey{};
    foreign_key->columns = {name};
    foreign_key->target_table = target.substr(0, point);
    foreign_key->target_columns = {target.substr(point + 1)};
    return *this;
}

Column& Column::on_delete(ReferentialAction action) & {
    require_foreign_key(*this).on_delete = action;
    return *this;
}

Column& Column::on_update(ReferentialAction action) & {
    require_foreign_key(*this).on_update = action;
    return *this;
}

Column& Column::deferrable(Deferrable when) & {
    require_foreign_key(*this).deferrable = when;
    return *this;
}

Column& Column::server_default(Value value) & {
    server_default_value = ast::literal(std::move(value), type);
    return *this;
}

Column& Column::server_default(ast::ExpressionPtr expression) & {
    server_default_value = std::move(expression);
    return *this;
}

Column& Column::default_(Value value) & {
    default_value = [value = std::move(value)] { return value; };
    return *this;
}

} // namespace mercator
