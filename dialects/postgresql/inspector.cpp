// SPDX-License-Identifier: MIT
#include "inspector.hpp"

#include <mercator/dialect/compiled.hpp>

#include <memory>
#include <utility>

namespace mercator::postgresql {
namespace {

const std::string& text_of(const Value& value) {
    return *value.get_if<std::string>();
}
bool truth_of(const Value& value) {
    return *value.get_if<bool>();
}

} // namespace

std::vector<std::vector<Value>> read_rows(DriverConnection& connection, std::string sql,
                                          std::initializer_list<std::string> parameters) {
    auto compiled = std::make_shared<Compiled>();
    compiled->sql = std::move(sql);
    std::vector<Value> values;
    for (const auto& parameter : parameters) {
        compiled->binds.push_back({Text(), static_cast<std::uint32_t>(values.size())});
        values.emplace_back(parameter);
    }
    const auto statement = connection.prepare(std::move(compiled));
    statement->execute(values);
    std::vector<std::vector<Value>> rows;
    for (std::vector<Value> row; statement->fetch(row);) rows.push_back(row);
    statement->reset();
    return rows;
}

std::vector<std::string> PostgresqlInspector::table_names() {
    std::vector<std::string> names;
    for (const auto& row :
         read_rows(connection_,
                   "SELECT relname::text FROM pg_catalog.pg_class "
                   "WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') "
                   "ORDER BY relname COLLATE \"C\"",
                   {}))
        names.push_back(text_of(row[0]));
    return names;
}

std::vector<ReflectedColumn> PostgresqlInspector::columns(const std::string& table) {
    std::vector<ReflectedColumn> columns;
    for (const auto& row : read_rows(
             connection_,
             "SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), NOT "
             "a.attnotnull, "
             "EXISTS (SELECT 1 FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND "
             "i.indisprimary "
             "AND a.attnum = ANY(i.indkey)) "
             "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
             "WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = $1 "
             "AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped "
             "ORDER BY a.attnum",
             {table}))
        columns.push_back({text_of(row[0]), text_of(row[1]), truth_of(row[2]), truth_of(row[3])});
    return columns;
}

std::vector<Index> PostgresqlInspector::indexes(const std::string& table) {
    std::vector<Index> indexes;
    for (const auto& row : read_rows(
             connection_,
             "SELECT x.relname::text, i.indisunique, "
             "COALESCE(a.attname::text, pg_catalog.pg_get_indexdef(i.indexrelid, k.position::int, "
             "true)) "
             "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_index i ON i.indrelid = c.oid "
             "JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid "
             "CROSS JOIN UNNEST(i.indkey) WITH ORDINALITY AS k(number, position) "
             "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number "
             "AND k.number > 0 "
             "WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = $1 "
             "AND NOT i.indisprimary AND k.position <= i.indnkeyatts "
             "ORDER BY x.relname COLLATE \"C\", k.position",
             {table})) {
        const std::string& name = text_of(row[0]);
        if (indexes.empty() || indexes.back().name != name)
            indexes.push_back({name, {}, truth_of(row[1])});
        indexes.back().columns.push_back(text_of(row[2]));
    }
    return indexes;
}

} // namespace mercator::postgresql
