// SPDX-License-Identifier: MIT
#include "ddl_compiler.hpp"

#include "dialect.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
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
           type.kind == TypeKind::Json ||
           (type.kind == TypeKind::String && type.length == 0);
}

/// InnoDB's limit for one column of an index where the row format has no room for long ones.
constexpr std::uint64_t max_short_key_bytes = 767;

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

void check_short_key(const Table& table, const std::string& name, std::uint64_t bytes) {
    if (bytes <= max_short_key_bytes) return;
    throw CompileError(
        fmt::format(
            "up to {} bytes of the column stand in a key or an index, this server's limit is "
            "{} (4 for each character); write String({}), or set innodb_large_prefix=ON, "
            "innodb_file_format=Barracuda and innodb_file_per_table=ON in the server",
            bytes, max_short_key_bytes, max_short_key_bytes / bytes_per_character),
        fmt::format("{}.{}", table.name, name));
}

void check_key(const Dialect& dialect, const Table& table,
               const std::vector<std::string>& columns) {
    std::uint64_t bytes = 0;
    for (const auto& name : columns) {
        const std::uint64_t own = key_bytes(table, name);
        if (dialect.large_keys() == Dialect::LargeKeys::No) check_short_key(table, name, own);
        bytes += own;
    }
    if (bytes <= max_key_bytes) return;
    throw CompileError(fmt::format("the key or index over {} takes up to {} bytes, the limit is {} "
                                   "(4 for each character); make "
                                   "its text columns shorter",
                                   fmt::join(columns, ", "), bytes, max_key_bytes),
                       table.name);
}

/// The server's own names are of three-byte characters; some versions store a question mark for
/// those beyond.
void check_name(std::string_view name) {
    constexpr unsigned char first_of_four_bytes = 0xF0;
    for (const char c : name) {
        if (static_cast<unsigned char>(c) < first_of_four_bytes) continue;
        throw CompileError("names cannot hold characters beyond U+FFFF, such as emoji, on this "
                           "database; choose another name",
                           std::string(name));
    }
}

void check_names(const Table& table) {
    check_name(table.name);
    for (const auto& column : table.columns) check_name(column.name);
    for (const auto& index : table.indexes) check_name(index.name);
    for (const auto& unique : table.uniques) check_name(unique.name);
    for (const auto& key : table.foreign_keys) check_name(key.name);
    for (const auto& check : table.checks) check_name(check.name);
}

void check_actions(const Table& table, const ForeignKey& key) {
    if (key.on_delete != ReferentialAction::SetDefault &&
        key.on_update != ReferentialAction::SetDefault)
        return;
    throw UnsupportedError(
        "InnoDB cannot SET DEFAULT in a foreign key; use Restrict, Cascade or SetNull",
        fmt::format("{}.{}", table.name, key.name));
}

void check_keys(const Dialect& dialect, const Table& table) {
    std::vector<std::string> primary;
    for (const Column* column : table.primary_key()) primary.push_back(column->name);
    check_key(dialect, table, primary);
    for (const auto& unique : table.uniques) check_key(dialect, table, unique.columns);
    for (const auto& index : table.indexes) check_key(dialect, table, index.columns);
    for (const auto& key : table.foreign_keys) {
        check_key(dialect, table, key.columns); // the server makes an index for each
        check_actions(table, key);
    }
}

/// A word stands in the statement as it is.
void check_word(const Table& table, std::string_view name, const std::string& value) {
    const bool is_word = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
    if (is_word) return;
    throw CompileError(
        fmt::format("the option \"mysql_{}\" of the table \"{}\" is a word of letters, "
                    "digits and underscores, and not \"{}\"",
                    name, table.name, value),
        table.name);
}

/// Other engines read foreign keys and forget them.
void check_engine(const Table& table, const std::string& engine) {
    constexpr std::string_view innodb = "innodb";
    const bool is_innodb = engine.size() == innodb.size() &&
                           std::equal(engine.begin(), engine.end(), innodb.begin(),
                                      [](char a, char b) { return (a | 0x20) == b; });
    if (is_innodb || table.foreign_keys.empty()) return;
    throw CompileError(
        fmt::format("the table \"{}\" has foreign keys, which the engine {} does not "
                    "keep; leave out mysql_engine, or the foreign keys",
                    table.name, engine),
        table.name);
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
    check_key(*own_dialect_, *statement.table, statement.index->columns);
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
    const bool is_expression = clause.starts_with("DEFAULT (");
    if (clause.empty() || (!is_unlimited(column.type) && !is_expression)) return clause;
    if (!own_dialect_->capabilities().expression_defaults) {
        throw UnsupportedError("this server takes a literal or the current moment as a default, "
                               "and none for a column of "
                               "unlimited length; give the member an initial value instead",
                               column.name);
    }
    if (is_expression) return clause;
    // MySQL takes no bare literal as the default of a text or binary column, but the same as an
    // expression; of that MariaDB keeps the text, which an introducer does not survive.
    const std::string literal = clause.substr(bare.size());
    constexpr std::string_view introducer = "_utf8mb4 ";
    if (!literal.starts_with(introducer)) return fmt::format("DEFAULT ({})", literal);
    return fmt::format("DEFAULT (CONVERT({} USING utf8mb4))", literal.substr(introducer.size()));
}

std::string DdlCompiler::check_clause(const Column& /*column*/) const {
    return {};
}

std::string DdlCompiler::comment_clause(const Column& column) const {
    return column.comment_text.empty() ? std::string()
                                       : "COMMENT " + quoted_text(column.comment_text);
}

/// What stands under mariadb_ goes before what stands under mysql_, on MariaDB only.
DdlCompiler::TableOptions DdlCompiler::given_options(const Table& table) const {
    const std::initializer_list<std::string_view> known{"engine", "charset", "collate",
                                                        "row_format", "partition_by"};
    auto options = own_options(table, "mysql", known);
    const auto of_mariadb = own_options(table, "mariadb", known);
    if (dialect().capabilities().product == "MariaDB") {
        for (const auto& [name, value] : of_mariadb) options.insert_or_assign(name, value);
    }
    for (const auto& [name, value] : options) {
        if (name != "partition_by") check_word(table, name, value);
    }
    return options;
}

std::string DdlCompiler::table_options(const Table& table) const {
    check_names(table);
    check_keys(*own_dialect_, table);
    const auto given = given_options(table);
    const auto value = [&given](std::string_view name, std::string_view otherwise) {
        const auto found = given.find(name);
        return found == given.end() ? std::string(otherwise) : found->second;
    };
    check_engine(table, value("engine", "InnoDB"));
    std::string options =
        "ENGINE=" + value("engine", "InnoDB") + " DEFAULT CHARSET=" + value("charset", "utf8mb4");
    const std::string collation =
        value("collate", given.contains("charset") ? "" : own_dialect_->table_collation());
    if (!collation.empty()) options += " COLLATE=" + collation;
    const bool needs_format = own_dialect_->large_keys() == Dialect::LargeKeys::WithRowFormat;
    if (const auto format = value("row_format", needs_format ? "DYNAMIC" : ""); !format.empty())
        options += " ROW_FORMAT=" + format;
    if (!table.comment.empty()) options += " COMMENT=" + quoted_text(table.comment);
    if (const auto partition = value("partition_by", ""); !partition.empty())
        options += " PARTITION BY " + partition;
    return options;
}

} // namespace mercator::mysql
