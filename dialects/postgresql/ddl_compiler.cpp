// SPDX-License-Identifier: MIT
#include "ddl_compiler.hpp"

#include <mercator/dialect/dialect.hpp>
#include <mercator/schema/table.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <string_view>

namespace mercator::postgresql {
namespace {

std::string quoted_text(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\0') throw CompileError("a comment holds a NUL character");
        quoted.append(c == '\'' ? "''" : std::string_view(&c, 1));
    }
    return quoted + "'";
}

} // namespace

std::string PostgresqlDdlCompiler::autoincrement_clause(const Table& table,
                                                        const Column& column) const {
    if (column.type.kind == TypeKind::UInt64)
        throw CompileError(fmt::format("column \"{}\" of \"{}\": PostgreSQL makes keys of signed "
                                       "64-bit integers at most, and "
                                       "UInt64 is stored as NUMERIC(20); make the key an int64",
                                       column.name, table.name),
                           table.name + "." + column.name);
    return DdlCompiler::autoincrement_clause(table, column);
}

std::vector<std::string> PostgresqlDdlCompiler::after_create_table(const Table& table) const {
    std::vector<std::string> statements;
    const std::string name = quoted_table(table);
    if (!table.comment.empty())
        statements.push_back(
            fmt::format("COMMENT ON TABLE {} IS {}", name, quoted_text(table.comment)));
    for (const Column& column : table.columns) {
        if (column.comment_text.empty()) continue;
        statements.push_back(fmt::format("COMMENT ON COLUMN {}.{} IS {}", name,
                                         dialect().identifiers().quote(column.name),
                                         quoted_text(column.comment_text)));
    }
    return statements;
}

} // namespace mercator::postgresql
