// SPDX-License-Identifier: MIT
#include "ddl_compiler.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/ast/traverse.hpp>
#include <mercator/dialect/dialect.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator::sqlite {
namespace {

[[noreturn]] void refuse_alter(const Table& table, const ForeignKey& key) {
    throw UnsupportedError(fmt::format("SQLite cannot add or drop the foreign key \"{}\" of the "
                                       "existing table \"{}\"; it is part "
                                       "of CREATE TABLE",
                                       key.name, table.name),
                           table.name);
}

/// A table that is STRICT knows the storage classes by name and no other type.
void check_strict(const Table& table) {
    for (const Column& column : table.columns) {
        const bool is_number = column.type.kind == TypeKind::Numeric &&
                               column.type.decimal_storage == DecimalStorage::Number;
        if (!is_number && column.native_type.empty()) continue;
        throw CompileError(
            fmt::format("the table \"{}\" is STRICT, which has no type for the column "
                        "\"{}\"; leave out sqlite_strict, or DecimalStorage::Number",
                        table.name, column.name),
            table.name + "." + column.name);
    }
}

void check_without_rowid(const Table& table) {
    const Column* generated = table.autoincrement_column();
    if (table.primary_key().empty()) {
        throw CompileError(fmt::format("the table \"{}\" is WITHOUT ROWID and has no primary key; "
                                       "give it one",
                                       table.name),
                           table.name);
    }
    if (generated == nullptr) return;
    throw CompileError(fmt::format("the table \"{}\" is WITHOUT ROWID, so SQLite makes no keys for "
                                   "\"{}\"; give the keys yourself and say autoincrement(false)",
                                   table.name, generated->name),
                       table.name + "." + generated->name);
}

/// A plain value takes the column's type, so that 19.99 is written in the column's units.
ast::ExpressionPtr typed_default(const Column& column) {
    const auto value = ast::to_ddl(column.server_default_value);
    if (value->kind != ast::NodeKind::Literal) return value;
    return ast::literal(static_cast<const ast::Literal&>(*value).value, column.type);
}

} // namespace

std::string SqliteDdlCompiler::compile(const AddForeignKey& statement) const {
    refuse_alter(*statement.table, *statement.key);
}

std::string SqliteDdlCompiler::compile(const DropForeignKey& statement) const {
    refuse_alter(*statement.table, *statement.key);
}

std::string SqliteDdlCompiler::defer_foreign_keys() const {
    return "PRAGMA defer_foreign_keys = ON";
}

std::string SqliteDdlCompiler::autoincrement_clause(const Table& table,
                                                    const Column& column) const {
    // AUTOINCREMENT keeps keys of deleted rows from coming back, and costs a table of its own: only
    // when asked for.
    const bool is_asked = column.autoincrement_mode == Autoincrement::On ||
                          is_on(table, given_options(table), "autoincrement");
    return is_asked ? "PRIMARY KEY AUTOINCREMENT" : "PRIMARY KEY";
}

bool SqliteDdlCompiler::inline_primary_key(const Table& table, const Column& column) const {
    return table.autoincrement_column() == &column;
}

std::string SqliteDdlCompiler::default_clause(const Column& column) const {
    if (column.server_default_value == nullptr ||
        column.server_default_value->kind == ast::NodeKind::Text)
        return DdlCompiler::default_clause(column);
    const auto value = typed_default(column);
    const std::string text = dialect().compile_ddl(*value);
    return value->kind == ast::NodeKind::Literal ? "DEFAULT " + text : "DEFAULT (" + text + ')';
}

std::string SqliteDdlCompiler::check_clause(const Column& column) const {
    if (column.type.kind != TypeKind::Json) return names_check(column);
    if (!dialect().capabilities().json_functions) return {};
    return "CHECK (json_valid(" + dialect().identifiers().quote(column.name) + "))";
}

DdlCompiler::TableOptions SqliteDdlCompiler::given_options(const Table& table) {
    return own_options(table, "sqlite", {"strict", "without_rowid", "autoincrement"});
}

std::string SqliteDdlCompiler::table_options(const Table& table) const {
    const auto options = given_options(table);
    std::string words;
    if (is_on(table, options, "strict")) {
        check_strict(table);
        words = "STRICT";
    }
    if (is_on(table, options, "without_rowid")) {
        check_without_rowid(table);
        words += words.empty() ? "WITHOUT ROWID" : ", WITHOUT ROWID";
    }
    return words;
}

} // namespace mercator::sqlite
