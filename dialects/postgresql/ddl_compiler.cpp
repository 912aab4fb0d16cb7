// SPDX-License-Identifier: MIT
#include "ddl_compiler.hpp"

#include <mercator/dialect/dialect.hpp>
#include <mercator/schema/table.hpp>
#include <mercator/support/error.hpp>
#include <mercator/types/type_rules.hpp>

#include <fmt/format.h>

#include <string_view>

namespace mercator::postgresql {
namespace {

std::string quoted_text(std::string_view text) {
    // With the E, a backslash means the same whatever standard_conforming_strings says.
    const bool has_backslash = text.find('\\') != std::string_view::npos;
    std::string quoted = has_backslash ? "E'" : "'";
    for (const char c : text) {
        if (c == '\0') throw CompileError("a comment holds a NUL character");
        if (c == '\'' || c == '\\') quoted.push_back(c);
        quoted.push_back(c);
    }
    return quoted + "'";
}

} // namespace

std::string PostgresqlDdlCompiler::compile(const CreateType& statement) const {
    std::string labels;
    if (const EnumLabels* names = labels_of(statement.type)) {
        for (std::uint32_t i = 0; i < names->count; ++i)
            labels += (i == 0 ? "" : ", ") + quoted_text(names->names[i]);
    }
    return fmt::format("CREATE TYPE {} AS ENUM ({})", dialect().types().compile(statement.type),
                       labels);
}

std::string PostgresqlDdlCompiler::compile(const DropType& statement) const {
    return "DROP TYPE " + dialect().types().compile(statement.type);
}

std::string PostgresqlDdlCompiler::check_clause(const Column& /*column*/) const {
    return {};
}

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

DdlCompiler::TableOptions PostgresqlDdlCompiler::given_options(const Table& table) {
    return own_options(table, "postgresql", {"unlogged", "tablespace", "partition_by", "with"});
}

std::string PostgresqlDdlCompiler::create_words(const Table& table) const {
    return is_on(table, given_options(table), "unlogged") ? "CREATE UNLOGGED TABLE"
                                                          : "CREATE TABLE";
}

std::string PostgresqlDdlCompiler::table_options(const Table& table) const {
    const auto options = given_options(table);
    std::string text;
    const auto add = [&](std::string_view name, const auto& spelled) {
        const auto found = options.find(name);
        if (found == options.end()) return;
        if (!text.empty()) text.push_back(' ');
        text += spelled(found->second);
    };
    add("partition_by", [](const std::string& value) { return "PARTITION BY " + value; });
    add("with", [](const std::string& value) { return "WITH (" + value + ')'; });
    add("tablespace", [this](const std::string& value) {
        return "TABLESPACE " + dialect().identifiers().quote(value);
    });
    return text;
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
