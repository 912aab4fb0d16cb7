// SPDX-License-Identifier: MIT
#include <mercator/engine/inspect.hpp>

#include <mercator/ast/build.hpp>
#include <mercator/dialect/creation.hpp>
#include <mercator/engine/engine.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {
namespace {

Column column_of(const Dialect& dialect, const Inspector& inspector,
                 const ReflectedColumn& reflected) {
    Column column(reflected.name, reflected.type);
    column.is_primary_key = reflected.primary_key;
    column.is_nullable = reflected.nullable && !reflected.primary_key;
    column.comment_text = reflected.comment;
    if (reflected.default_text)
        column.server_default_value = ast::text(*reflected.default_text, reflected.type);
    const bool is_told = reflected.type.kind != TypeKind::Unknown &&
                         inspector.canonical_type(dialect.types().compile(reflected.type)) ==
                             inspector.canonical_type(reflected.native_type);
    if (!is_told || !reflected.collation.empty() || !reflected.computed.empty())
        column.native_type = native_type_with_clauses(dialect, reflected);
    if (!reflected.computed.empty()) {
        // For those who look; the type has the whole clause.
        const auto end = reflected.computed.rfind(')');
        column.computed(ast::text(reflected.computed.substr(0, end + 1), reflected.type),
                        reflected.computed.ends_with("STORED") ? Computed::Stored
                                                               : Computed::Virtual);
    }
    return column;
}

/// Which key does the database make? As in a model, where the rule does not say it anyway.
void settle_generated_key(Table& table, const std::vector<ReflectedColumn>& reflected) {
    for (std::size_t i = 0; i < reflected.size(); ++i) {
        Column& column = table.columns[i];
        if (!column.is_primary_key || !column.type.is_integer()) continue;
        const bool by_rule = table.autoincrement_column() == &column;
        if (reflected[i].generated_key == by_rule) continue;
        column.autoincrement_mode =
            reflected[i].generated_key ? Autoincrement::On : Autoincrement::Off;
    }
}

template <class List, class Name>
bool has_name(const List& list, const Name& name) {
    return std::any_of(list.begin(), list.end(),
                       [&name](const auto& item) { return item.name == name; });
}

} // namespace

SchemaInspector::SchemaInspector(Engine& engine) :
    dialect_(&engine.dialect()),
    connection_(engine.connect()),
    inspector_(engine.dialect().inspector(connection_.driver())) {}
SchemaInspector::SchemaInspector(SchemaInspector&&) noexcept = default;
SchemaInspector& SchemaInspector::operator=(SchemaInspector&& other) noexcept {
    dialect_ = other.dialect_;
    inspector_ = std::move(other.inspector_); // before the connection that it looked through
    connection_ = std::move(other.connection_);
    return *this;
}
SchemaInspector::~SchemaInspector() = default;

std::vector<std::string> SchemaInspector::schema_names() {
    return inspector_->schema_names();
}
std::vector<std::string> SchemaInspector::table_names(const std::string& schema) {
    return inspector_->table_names_in(schema);
}
bool SchemaInspector::has_table(const TableName& table) {
    return inspector_->has_table(table);
}
std::vector<ReflectedColumn> SchemaInspector::columns(const TableName& table) {
    auto columns = inspector_->columns(table);
    connection_.engine().tell_reflected(table, columns);
    return columns;
}
ReflectedPrimaryKey SchemaInspector::primary_key(const TableName& table) {
    return inspector_->primary_key(table);
}
std::vector<ForeignKey> SchemaInspector::foreign_keys(const TableName& table) {
    return inspector_->foreign_keys(table);
}
std::vector<UniqueConstraint> SchemaInspector::unique_constraints(const TableName& table) {
    return inspector_->unique_constraints(table);
}
std::vector<Index> SchemaInspector::indexes(const TableName& table) {
    return inspector_->indexes(table);
}
std::vector<ReflectedCheck> SchemaInspector::checks(const TableName& table) {
    return inspector_->checks(table);
}
std::string SchemaInspector::comment(const TableName& table) {
    return inspector_->details(table).comment;
}
std::vector<std::pair<std::string, std::string>> SchemaInspector::options(const TableName& table) {
    return inspector_->details(table).options;
}

Table SchemaInspector::reflect(const TableName& name) {
    const auto columns = this->columns(name);
    if (columns.empty()) {
        throw ArgumentError(fmt::format("there is no table \"{}\" in {}", name.name,
                                        connection_.engine().url().to_string()),
                            name.name);
    }
    Table table;
    table.name = name.name;
    table.schema = name.schema;
    for (const auto& column : columns) table.add(column_of(dialect(), *inspector_, column));
    const auto key = inspector_->primary_key(name);
    table.primary_key_name = key.name;
    std::vector<std::string> in_order;
    for (const Column* column : table.primary_key()) in_order.push_back(column->name);
    if (in_order != key.columns) table.primary_key_order = key.columns;
    table.foreign_keys = inspector_->foreign_keys(name);
    table.uniques = inspector_->unique_constraints(name);
    for (auto& index : inspector_->indexes(name)) {
        if (!has_name(table.uniques, index.name)) table.indexes.push_back(std::move(index));
    }
    for (const auto& check : inspector_->checks(name))
        table.checks.push_back({check.name, ast::text(check.text, Boolean())});
    auto details = inspector_->details(name);
    table.comment = std::move(details.comment);
    table.options = std::move(details.options);
    settle_generated_key(table, columns);
    table.complete();
    return table;
}

MetaData SchemaInspector::reflect_all(const std::string& schema) {
    MetaData metadata;
    for (const auto& name : table_names(schema))
        metadata.add(std::make_shared<Table>(reflect({name, schema})));
    return metadata;
}

std::vector<std::string> SchemaInspector::to_sql(const std::string& schema) {
    return creation_statements(dialect(), reflect_all(schema));
}

std::vector<std::string> SchemaInspector::table_sql(const TableName& table) {
    MetaData metadata;
    metadata.add(std::make_shared<Table>(reflect(table)));
    return creation_statements(dialect(), metadata);
}

} // namespace mercator
