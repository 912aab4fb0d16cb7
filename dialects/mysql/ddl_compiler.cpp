// SPDX-License-Identifier: MIT
#include "ddl_compiler.hpp"

#include "dialect.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

namespace mercator::mysql {
namespace {

/// InnoDB's limit for all columns of one index, with its default page and row format.
constexpr std::uint64_t max_key_bytes = 3'072;

std::string quoted_text(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\0') throw CompileError("a comment of the schema holds a NUL byte");
        if (c == '\'') quoted.push_back('\'');
        quoted.push_back(c);
    }
    return quoted + '\'';
}

bool is_unlimited(const SqlType& type) {
    return type.kind == TypeKind::Text || type.kind == TypeKind::LargeBinary ||
           (type.kind == TypeKind::String && type.length == 0);
}

std::uint64_t key_bytes(const Table& table, const std::string& name) {
    const Column& column = table.column(name);
    const SqlType& type = column.type;
    if (is_unlimited(type)) {
        throw CompileError(
            fmt::format(
                "{} has no limit and cannot be part of a key or an index; give the column the type "
                "String(n)",
                to_string(type)),
            fmt::format("{}.{}", table.name, name));
    }
    if (type.kind == TypeKind::String) return std::uint64_t{type.length} * bytes_per_character;
    if (type.kind == TypeKind::Enum)
        return std::uint64_t{longest_label(type)} * bytes_per_character;
    return sizeof(std::uint64_t);
}

void check_key(const Table& table, const std::vector<std::string>& columns) {
    std::uint64_t bytes = 0;
    for (const auto& name : columns) bytes += key_bytes(table, name);
    if (bytes <= max_key_bytes) return;
    throw CompileError(fmt::format("the key or index over {} takes up to {} bytes, the limit is {} "
                                   "(4 for each character); make "
                                   "its text columns shorter",
                                   fmt::join(columns, ", "), bytes, max_key_bytes),
                       table.name);
}

void check_actions(const Table& table, const ForeignKey& key) {
    if (key.on_delete != ReferentialAction::SetDefault &&
        key.on_update != ReferentialAction::SetDefault)
        return;
    throw UnsupportedError(
        "InnoDB cannot SET DEFAULT in a foreign key; use Restrict, Cascade or SetNull",
        fmt::format("{}.{}", table.name, key.name));
}

void check_keys(const Table& table) {
    std::vector<std::string> primary;
    for (const Column* column : table.primary_key()) primary.push_back(column->name);
    check_key(table, primary);
    for (const auto& unique : table.uniques) check_key(table, unique.columns);
    for (const auto& index : table.indexes) check_key(table, index.columns);
    for (const auto& key : table.foreign_keys) {
        check_key(table, key.columns); // the server makes an index for each
        check_actions(table, key);
    }
}

bool is_now(const ast::Expression& value) {
    return value.kind == ast::NodeKind::Function &&
           static_cast<const ast::Function&>(value).id == ast::FunctionId::Now;
}

} // namespace

DdlCompiler::DdlCompiler(const Dialect& dialect) :
    mercator::DdlCompiler(dialect),
    own_dialect_(&dialect) {}

std::string DdlCompiler::compile(const CreateIndex& statement) const {
    check_key(*statement.table, statement.index->columns);
    return mercator::DdlCompiler::compile(statement);
}

std::string DdlCompiler::compile(const AddForeignKey& statement) const {
    check_actions(*statement.table, *statement.key);
    return mercator::DdlCompiler::compile(statement);
}

std::string DdlCompiler::compile(const DropForeignKey& statement) const {
    return fmt::format("ALTER TABLE {} DROP FOREIGN KEY {}", quoted_table(*statement.table),
                       dialect().identifiers().quote(statement.key->name));
}

std::string DdlCompiler::autoincrement_clause(const Table& /*table*/,
                                              const Column& /*column*/) const {
    return "AUTO_INCREMENT";
}

std::string DdlCompiler::default_clause(const Column& column) const {
    // The session's time zone is UTC, so the one moment that a default may name without parentheses
    // is UTC too.
    if (column.server_default_value && is_now(*column.server_default_value))
        return "DEFAULT CURRENT_TIMESTAMP(6)";
    std::string clause = mercator::DdlCompiler::default_clause(column);
    constexpr std::string_view bare = "DEFAULT ";
    if (clause.empty() || !is_unlimited(column.type) || clause.starts_with("DEFAULT ("))
        return clause;
    // MySQL takes no bare literal as the default of a text or binary column, but the same as an
    // expression.
    return fmt::format("DEFAULT ({})", clause.substr(bare.size()));
}

std::string DdlCompiler::comment_clause(const Column& column) const {
    return column.comment_text.empty() ? std::string()
                                       : "COMMENT " + quoted_text(column.comment_text);
}

std::string DdlCompiler::table_options(const Table& table) const {
    check_keys(table);
    std::string options =
        "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=" + own_dialect_->table_collation();
    if (!table.comment.empty()) options += " COMMENT=" + quoted_text(table.comment);
    return options;
}

} // namespace mercator::mysql
