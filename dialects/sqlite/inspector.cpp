// SPDX-License-Identifier: MIT
#include "inspector.hpp"

#include "driver.hpp"

#include <mercator/ast/build.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace mercator::sqlite {
namespace {

/// All rows of a question, every cell a Value of its storage class.
std::vector<std::vector<Value>> ask(SqliteConnection& connection, std::string sql,
                                    const std::vector<std::string>& names = {}) {
    auto compiled = std::make_shared<Compiled>();
    compiled->sql = std::move(sql);
    std::vector<Value> values;
    for (const auto& name : names) {
        compiled->binds.push_back(BindSlot{Text(), static_cast<std::uint32_t>(values.size())});
        values.emplace_back(name);
    }
    const auto statement = connection.prepare(compiled);
    statement->execute(values);
    std::vector<std::vector<Value>> rows;
    for (std::vector<Value> row; statement->fetch(row);) rows.push_back(row);
    statement->reset();
    return rows;
}

std::string text(const Value& value) {
    const auto* string = value.get_if<std::string>();
    return string == nullptr ? std::string() : *string;
}

std::int64_t number(const Value& value) {
    const auto* held = value.get_if<std::int64_t>();
    return held == nullptr ? 0 : *held;
}

bool is_set(const Value& value) {
    return number(value) != 0;
}

std::string schema_of(const TableName& table) {
    return table.schema.empty() ? "main" : table.schema;
}

/// The catalogue of a schema.
std::string catalogue(const std::string& schema) {
    std::string quoted = "\"";
    for (const char c : schema.empty() ? std::string("main") : schema) {
        if (c == '"') quoted.push_back('"');
        quoted.push_back(c);
    }
    return quoted + "\".sqlite_master";
}

SqlType text_type(const NativeType& native) {
    return native.number(0) == 0 ? Text() : String(native.number(0));
}

SqlType numeric_type(const NativeType& native) {
    constexpr std::uint32_t most_digits = 38;
    if (native.number(0) > most_digits) return {};
    return Numeric(static_cast<std::uint8_t>(native.number(0)),
                   static_cast<std::uint8_t>(native.number(1)), DecimalStorage::Number);
}

/// What a declared type means to most programs. Our own tables have the four storage classes only.
SqlType type_of(const std::string& declared) {
    const auto native = NativeType::parse(declared);
    const auto is = [&native](std::initializer_list<std::string_view> names) {
        return std::find(names.begin(), names.end(), native.name) != names.end();
    };
    if (is({"integer", "bigint", "int8"})) return BigInteger();
    if (is({"int", "mediumint"})) return Integer();
    if (is({"smallint", "int2"})) return SmallInteger();
    if (is({"real", "double", "double precision", "float"})) return Double();
    if (is({"text", "clob"})) return Text();
    if (is({"varchar", "char", "character", "nvarchar", "nchar", "character varying"}))
        return text_type(native);
    if (is({"blob"})) return LargeBinary();
    if (is({"numeric", "decimal"})) return numeric_type(native);
    if (is({"boolean", "bool"})) return Boolean();
    if (is({"date"})) return SqlType(TypeKind::Date);
    if (is({"datetime", "timestamp"})) return SqlType(TypeKind::DateTime);
    return {};
}

ReferentialAction action_of(const std::string& word) {
    if (word == "CASCADE") return ReferentialAction::Cascade;
    if (word == "SET NULL") return ReferentialAction::SetNull;
    if (word == "SET DEFAULT") return ReferentialAction::SetDefault;
    return word == "RESTRICT" ? ReferentialAction::Restrict : ReferentialAction::NoAction;
}

template <class Named>
void sort_by_name(std::vector<Named>& list) {
    std::stable_sort(list.begin(), list.end(),
                     [](const Named& a, const Named& b) { return a.name < b.name; });
}

bool is_row_id(const std::string& declared_type) {
    return NativeType::parse(declared_type).name == "integer";
}

} // namespace

std::vector<std::string> SqliteInspector::table_names_in(const std::string& schema) {
    std::vector<std::string> names;
    for (const auto& row : ask(connection_, "SELECT name FROM " + catalogue(schema) +
                                                " WHERE type = 'table' AND substr(name, 1, 7) <> "
                                                "'sqlite_' ORDER BY name")) {
        names.push_back(text(row[0]));
    }
    return names;
}

std::vector<std::string> SqliteInspector::schema_names() {
    std::vector<std::string> names;
    for (const auto& row : ask(connection_, "SELECT name FROM pragma_database_list ORDER BY name"))
        names.push_back(text(row[0]));
    return names;
}

TableText SqliteInspector::text_of(const TableName& table) {
    const auto rows =
        ask(connection_,
            "SELECT sql FROM " + catalogue(table.schema) + " WHERE type = 'table' AND name = ?",
            {table.name});
    return rows.empty() ? TableText() : TableText::parse(text(rows[0][0]));
}

std::vector<ReflectedColumn> SqliteInspector::columns(const TableName& table) {
    const auto written = text_of(table);
    std::vector<ReflectedColumn> columns;
    std::int64_t keys = 0;
    for (const auto& row :
         ask(connection_,
             "SELECT name, type, \"notnull\", pk, dflt_value, hidden FROM pragma_table_xinfo(?, ?) "
             "WHERE hidden <> 1 ORDER BY cid",
             {table.name, schema_of(table)})) {
        const bool key = is_set(row[3]);
        keys = std::max(keys, number(row[3]));
        ReflectedColumn column{text(row[0]), text(row[1]), !is_set(row[2]) && !key, key};
        column.type = type_of(column.native_type);
        if (written.documents.contains(column.name)) column.type = JsonDocument();
        if (!row[4].is_null()) column.default_text = text(row[4]);
        if (const auto found = written.collations.find(column.name);
            found != written.collations.end())
            column.collation = found->second;
        if (const auto found = written.computed.find(column.name); found != written.computed.end())
            column.computed = found->second;
        columns.push_back(std::move(column));
    }
    for (auto& column : columns) {
        column.generated_key = column.primary_key && keys == 1 && !written.without_rowid &&
                               is_row_id(column.native_type);
    }
    return columns;
}

ReflectedPrimaryKey SqliteInspector::primary_key(const TableName& table) {
    ReflectedPrimaryKey key{text_of(table).primary_key.name, {}};
    for (const auto& row :
         ask(connection_, "SELECT name FROM pragma_table_info(?, ?) WHERE pk > 0 ORDER BY pk",
             {table.name, schema_of(table)}))
        key.columns.push_back(text(row[0]));
    return key;
}

std::vector<ForeignKey> SqliteInspector::foreign_keys(const TableName& table) {
    std::vector<ForeignKey> keys;
    std::int64_t last = -1;
    for (const auto& row : ask(connection_,
                               "SELECT id, \"table\", \"from\", \"to\", on_delete, on_update FROM "
                               "pragma_foreign_key_list(?, ?) ORDER BY id, seq",
                               {table.name, schema_of(table)})) {
        if (number(row[0]) != last) {
            last = number(row[0]);
            ForeignKey key;
            key.target_table = text(row[1]);
            key.on_delete = action_of(text(row[4]));
            key.on_update = action_of(text(row[5]));
            keys.push_back(std::move(key));
        }
        keys.back().columns.push_back(text(row[2]));
        if (!row[3].is_null()) keys.back().target_columns.push_back(text(row[3]));
    }
    const auto written = text_of(table);
    for (auto& key : keys) {
        if (key.target_columns.empty())
            key.target_columns = primary_key({key.target_table, table.schema}).columns;
        for (const auto& reference : written.references) {
            if (reference.columns != key.columns) continue;
            key.name = reference.name;
            key.deferrable = reference.deferrable;
        }
    }
    sort_by_name(keys);
    return keys;
}

std::vector<UniqueConstraint> SqliteInspector::unique_constraints(const TableName& table) {
    std::vector<UniqueConstraint> list;
    for (const auto& key : text_of(table).uniques) list.push_back({key.name, key.columns});
    sort_by_name(list);
    return list;
}

Index SqliteInspector::index(const TableName& table, const std::string& name, bool unique) {
    Index index{name, {}, unique};
    const auto rows =
        ask(connection_,
            "SELECT sql FROM " + catalogue(table.schema) + " WHERE type = 'index' AND name = ?",
            {name});
    const auto written = rows.empty() ? IndexText() : IndexText::parse(text(rows[0][0]));
    for (const auto& row : ask(connection_,
                               "SELECT name, \"desc\" FROM pragma_index_xinfo(?, ?) WHERE \"key\" "
                               "ORDER BY seqno",
                               {name, schema_of(table)})) {
        const std::size_t at = index.columns.size();
        std::string column = text(row[0]);
        if (row[0].is_null() && at < written.terms.size()) column = written.terms[at];
        if (is_set(row[1])) index.descending.push_back(column);
        index.columns.push_back(std::move(column));
    }
    if (!written.condition.empty()) index.where = ast::text(written.condition, Boolean());
    return index;
}

std::vector<Index> SqliteInspector::indexes(const TableName& table) {
    std::vector<Index> indexes;
    for (const auto& row : ask(connection_,
                               "SELECT name, \"unique\" FROM pragma_index_list(?, ?) WHERE origin "
                               "= 'c' ORDER BY name",
                               {table.name, schema_of(table)})) {
        indexes.push_back(index(table, text(row[0]), is_set(row[1])));
    }
    return indexes;
}

std::vector<ReflectedCheck> SqliteInspector::checks(const TableName& table) {
    std::vector<ReflectedCheck> list;
    for (const auto& check : text_of(table).checks) list.push_back({check.name, check.condition});
    sort_by_name(list);
    return list;
}

ReflectedDetails SqliteInspector::details(const TableName& table) {
    const auto written = text_of(table);
    return {{},
            {{"sqlite_strict", written.strict ? "true" : "false"},
             {"sqlite_without_rowid", written.without_rowid ? "true" : "false"},
             {"sqlite_autoincrement", written.autoincrement ? "true" : "false"}}};
}

} // namespace mercator::sqlite
