// SPDX-License-Identifier: MIT
#include <mercator/dialect/ddl_compiler.hpp>

#include <mercator/ast/build.hpp>
#include <mercator/ast/traverse.hpp>
#include <mercator/dialect/dialect.hpp>
#include <mercator/schema/naming_convention.hpp>
#include <mercator/support/error.hpp>
#include <mercator/types/type_rules.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {
namespace {

std::string_view action_text(ReferentialAction action) noexcept {
    switch (action) {
    case ReferentialAction::NoAction:
        return "NO ACTION";
    case ReferentialAction::Restrict:
        return "RESTRICT";
    case ReferentialAction::Cascade:
        return "CASCADE";
    case ReferentialAction::SetNull:
        return "SET NULL";
    case ReferentialAction::SetDefault:
        return "SET DEFAULT";
    }
    return {};
}

void append_clause(std::string& out, std::string_view clause) {
    if (clause.empty()) return;
    out.push_back(' ');
    out.append(clause);
}

std::vector<std::string> names_of(const std::vector<const Column*>& columns) {
    std::vector<std::string> names;
    for (const Column* column : columns) names.push_back(column->name);
    return names;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Reflected text that is one literal: a quoted text, a number, a word like NULL, or the moment.
/// Several databases take no more than that without parentheses.
bool is_bare_text(std::string_view text) {
    const auto is_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '.';
    };
    constexpr std::string_view moment = "CURRENT_TIMESTAMP(";
    if (text.starts_with(moment)) return text.find(')') == text.size() - 1;
    // What may stand before the quotes of a literal: E'…', X'…', DATE '…', a character set.
    const auto quote = text.find('\'');
    const auto is_prefix = [&is_word](char c) { return is_word(c) || c == ' '; };
    if (quote != std::string_view::npos &&
        std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(quote), is_prefix))
        text.remove_prefix(quote);
    if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'') {
        for (std::size_t i = 1; i + 1 < text.size(); ++i) {
            if (text[i] != '\'') continue;
            if (i + 2 >= text.size() || text[i + 1] != '\'') return false;
            ++i; // doubled: the sign itself
        }
        return true;
    }
    if (!text.empty() && text.front() == '-') text.remove_prefix(1);
    return !text.empty() && std::all_of(text.begin(), text.end(), is_word);
}

} // namespace

DdlCompiler::~DdlCompiler() = default;

std::string DdlCompiler::quoted_table(const Table& table) const {
    const auto& identifiers = dialect_->identifiers();
    if (table.schema.empty()) return identifiers.quote(table.name);
    return identifiers.quote(table.schema) + '.' + identifiers.quote(table.name);
}

std::string DdlCompiler::column_list(const std::vector<std::string>& names) const {
    std::string list = "(";
    for (const auto& name : names) {
        if (list.size() > 1) list += ", ";
        dialect_->identifiers().append(list, name);
    }
    return list + ')';
}

std::string DdlCompiler::compile(const CreateTable& statement) const {
    const Table& table = *statement.table;
    std::vector<std::string> parts;
    bool is_key_inline = false;
    for (const Column& column : table.columns) {
        if (column.is_system) continue;
        parts.push_back(column_definition(table, column));
        is_key_inline =
            is_key_inline || (column.is_primary_key && inline_primary_key(table, column));
    }
    const auto constraint = [&](const std::string& name, std::string_view body) {
        std::string prefix =
            name.empty() ? "" : "CONSTRAINT " + dialect_->identifiers().quote(name) + ' ';
        parts.push_back(prefix.append(body));
    };
    if (const auto key = table.primary_key(); !key.empty() && !is_key_inline) {
        constraint(table.primary_key_name.empty() ? schema::primary_key_name(table.name)
                                                  : table.primary_key_name,
                   "PRIMARY KEY " + column_list(names_of(key)));
    }
    for (const auto& unique : table.uniques)
        constraint(unique.name, "UNIQUE " + column_list(unique.columns));
    for (const auto& key : table.foreign_keys) {
        const auto& left_out = statement.leave_out;
        if (std::find(left_out.begin(), left_out.end(), &key) == left_out.end())
            parts.push_back(foreign_key_clause(key));
    }
    for (const auto& check : table.checks) {
        constraint(check.name,
                   "CHECK (" + dialect_->compile_ddl(*ast::to_ddl(check.condition)) + ')');
    }
    std::string sql = fmt::format("{} {}{} (\n    {}\n)", create_words(table),
                                  statement.if_not_exists ? "IF NOT EXISTS " : "",
                                  quoted_table(table), fmt::join(parts, ",\n    "));
    append_clause(sql, table_options(table));
    return sql;
}

std::string DdlCompiler::type_name(const Table& table, const Column& column) const {
    try {
        return dialect_->types().compile(column.type.on(dialect_->name()));
    } catch (const UnsupportedError& error) {
        const std::string where = fmt::format("{}.{}", table.name, column.name);
        throw UnsupportedError(fmt::format("{}: {}", where, error.what()), where);
    }
}

std::string DdlCompiler::column_definition(const Table& table, const Column& column) const {
    std::string sql = dialect_->identifiers().quote(column.name) + ' ';
    sql += column.native_type.empty() ? type_name(table, column) : column.native_type;
    append_clause(sql, default_clause(column));
    const bool is_computed = column.computed_from != nullptr && column.native_type.empty();
    if (is_computed) append_clause(sql, computed_clause(table, column));
    // Not every database takes it with a computed one, which follows its expression anyway.
    if (!column.accepts_null() && !is_computed) append_clause(sql, "NOT NULL");
    append_clause(sql, check_clause(column));
    if (table.autoincrement_column() == &column)
        append_clause(sql, autoincrement_clause(table, column));
    append_clause(sql, comment_clause(column));
    return sql;
}

std::string DdlCompiler::computed_clause(const Table& table, const Column& column) const {
    const Capabilities& can = dialect_->capabilities();
    const bool is_stored = column.computed_when == Computed::Stored;
    const std::string where = fmt::format("{}.{}", table.name, column.name);
    if (!(is_stored ? can.stored_columns : can.virtual_columns)) {
        const bool has_other = is_stored ? can.virtual_columns : can.stored_columns;
        throw UnsupportedError(
            fmt::format("{}: this database has no {} computed columns; {}", where,
                        is_stored ? "stored" : "virtual",
                        has_other ? fmt::format("say Computed::{}", is_stored ? "Virtual" : "Stored")
                                  : "compute it by a hybrid or a column_property instead"),
            where);
    }
    ast::ExpressionPtr value = ast::to_ddl(column.computed_from);
    const bool is_decimal = column.type.kind == TypeKind::Numeric;
    if (is_decimal && value->type.kind == TypeKind::Numeric && value->type.scale != column.type.scale)
        value = ast::cast(std::move(value), column.type);
    return fmt::format("GENERATED ALWAYS AS ({}) {}", dialect_->compile_ddl(*value),
                       is_stored ? "STORED" : "VIRTUAL");
}

std::string DdlCompiler::autoincrement_clause(const Table& /*table*/,
                                              const Column& /*column*/) const {
    return "GENERATED BY DEFAULT AS IDENTITY";
}

bool DdlCompiler::inline_primary_key(const Table& /*table*/, const Column& /*column*/) const {
    return false;
}

std::string DdlCompiler::default_clause(const Column& column) const {
    const auto& value = column.server_default_value;
    if (value == nullptr) return {};
    const std::string text = dialect_->compile_ddl(*ast::to_ddl(value));
    // Several databases take a bare literal or CURRENT_TIMESTAMP, and any other expression in
    // parentheses only.
    const bool is_bare = value->kind == ast::NodeKind::Literal ||
                         (value->kind == ast::NodeKind::Text && is_bare_text(text)) ||
                         value->kind == ast::NodeKind::Bind ||
                         (value->kind == ast::NodeKind::Function &&
                          static_cast<const ast::Function&>(*value).id == ast::FunctionId::Now);
    return is_bare ? "DEFAULT " + text : "DEFAULT (" + text + ')';
}

std::string DdlCompiler::comment_clause(const Column& /*column*/) const {
    return {};
}
std::string DdlCompiler::check_clause(const Column& column) const {
    return names_check(column);
}

std::string DdlCompiler::names_check(const Column& column) const {
    const SqlType type = column.type.on(dialect_->name());
    const EnumLabels* labels = labels_of(type);
    if (!is_enum_type(type) || labels == nullptr) return {};
    std::string list;
    for (std::uint32_t i = 0; i < labels->count; ++i) {
        if (i != 0) list += ", ";
        list += dialect_->compile_ddl(*ast::literal(Value(labels->names[i]), Text()));
    }
    return fmt::format("CHECK ({} IN ({}))", dialect_->identifiers().quote(column.name), list);
}

std::string DdlCompiler::compile(const CreateType& /*statement*/) const {
    return {};
}
std::string DdlCompiler::compile(const DropType& /*statement*/) const {
    return {};
}
std::string DdlCompiler::table_options(const Table& table) const {
    static_cast<void>(own_options(table, dialect_->name(), {}));
    return {};
}

std::string DdlCompiler::create_words(const Table& /*table*/) const {
    return "CREATE TABLE";
}

DdlCompiler::TableOptions DdlCompiler::own_options(const Table& table, std::string_view prefix,
                                                   std::initializer_list<std::string_view> known) {
    TableOptions options;
    for (const auto& [name, value] : table.options) {
        if (!name.starts_with(prefix) || name.size() <= prefix.size() || name[prefix.size()] != '_')
            continue;
        const std::string own = name.substr(prefix.size() + 1);
        if (std::find(known.begin(), known.end(), own) == known.end()) {
            std::string list;
            for (const auto word : known)
                list += fmt::format("{}{}_{}", list.empty() ? "" : ", ", prefix, word);
            throw CompileError(fmt::format("the table \"{}\" has the option \"{}\", which this "
                                           "dialect does not know; {}",
                                           table.name, name,
                                           list.empty() ? "it has no options" : "it knows " + list),
                               name);
        }
        options.emplace(own, value);
    }
    return options;
}

bool DdlCompiler::is_on(const Table& table, const TableOptions& options, std::string_view name) {
    const auto found = options.find(name);
    if (found == options.end() || found->second == "false") return false;
    if (found->second == "true") return true;
    throw CompileError(fmt::format("the option \"{}\" of the table \"{}\" is a switch; its value "
                                   "is \"true\" or \"false\"",
                                   name, table.name),
                       table.name);
}
std::vector<std::string> DdlCompiler::after_create_table(const Table& /*table*/) const {
    return {};
}

std::string DdlCompiler::defer_foreign_keys() const {
    return {};
}

std::string DdlCompiler::foreign_key_clause(const ForeignKey& key) const {
    std::string sql;
    if (!key.name.empty()) sql = "CONSTRAINT " + dialect_->identifiers().quote(key.name) + ' ';
    sql += "FOREIGN KEY " + column_list(key.columns) + " REFERENCES " +
           (key.target_schema.empty() ? std::string()
                                      : dialect_->identifiers().quote(key.target_schema) + '.') +
           dialect_->identifiers().quote(key.target_table);
    if (!key.target_columns.empty()) sql += ' ' + column_list(key.target_columns);
    if (key.on_delete != ReferentialAction::NoAction)
        sql.append(" ON DELETE ").append(action_text(key.on_delete));
    if (key.on_update != ReferentialAction::NoAction)
        sql.append(" ON UPDATE ").append(action_text(key.on_update));
    if (key.deferrable == Deferrable::No) return sql;
    if (!dialect_->capabilities().deferrable_foreign_keys) {
        throw UnsupportedError(
            fmt::format("{} checks foreign keys at once; \"{}\" cannot be deferrable",
                        dialect_->name(), key.name),
            key.name);
    }
    sql += key.deferrable == Deferrable::InitiallyDeferred ? " DEFERRABLE INITIALLY DEFERRED"
                                                           : " DEFERRABLE INITIALLY IMMEDIATE";
    return sql;
}

std::string DdlCompiler::compile(const DropTable& statement) const {
    return fmt::format("DROP TABLE {}{}", statement.if_exists ? "IF EXISTS " : "",
                       quoted_table(*statement.table));
}

std::string DdlCompiler::compile(const CreateIndex& statement) const {
    const Index& index = *statement.index;
    std::string columns;
    for (const auto& name : index.columns) {
        if (!columns.empty()) columns += ", ";
        dialect_->identifiers().append(columns, name);
        if (contains(index.descending, name)) columns += " DESC";
    }
    std::string sql = fmt::format("CREATE {}INDEX {} ON {} ({})", index.unique ? "UNIQUE " : "",
                                  dialect_->identifiers().quote(index.name),
                                  quoted_table(*statement.table), columns);
    if (index.where == nullptr) return sql;
    if (!dialect_->capabilities().partial_indexes) {
        throw UnsupportedError(fmt::format("{} has no partial indexes; leave out the condition of "
                                           "\"{}\", or the index",
                                           dialect_->name(), index.name),
                               index.name);
    }
    return sql + " WHERE " + dialect_->compile_ddl(*ast::to_ddl(index.where));
}

std::string DdlCompiler::compile(const AddForeignKey& statement) const {
    return fmt::format("ALTER TABLE {} ADD {}", quoted_table(*statement.table),
                       foreign_key_clause(*statement.key));
}

std::string DdlCompiler::compile(const DropForeignKey& statement) const {
    return fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", quoted_table(*statement.table),
                       dialect_->identifiers().quote(statement.key->name));
}

} // namespace mercator
