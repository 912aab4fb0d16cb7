// SPDX-License-Identifier: MIT
#include "inspector.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/dialect/compiled.hpp>
#include <mercator/types/type_rules.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace mercator::postgresql {
namespace {

std::string text_of(const Value& value) {
    const auto* text = value.get_if<std::string>();
    return text == nullptr ? std::string() : *text;
}
bool truth_of(const Value& value) {
    const auto* truth = value.get_if<bool>();
    return truth != nullptr && *truth;
}

/// A table c in its schema n; the table's name is $1, the schema's $2.
const std::string the_table =
    "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND c.relname "
    "= $1 AND n.nspname = COALESCE(NULLIF($2, ''), pg_catalog.current_schema()) ";

ReferentialAction action_of(const std::string& letter) {
    if (letter == "c") return ReferentialAction::Cascade;
    if (letter == "n") return ReferentialAction::SetNull;
    if (letter == "d") return ReferentialAction::SetDefault;
    return letter == "r" ? ReferentialAction::Restrict : ReferentialAction::NoAction;
}

Deferrable deferrable_of(bool may_wait, bool waits) {
    if (!may_wait) return Deferrable::No;
    return waits ? Deferrable::InitiallyDeferred : Deferrable::InitiallyImmediate;
}

SqlType numeric_type(const NativeType& native) {
    constexpr std::uint32_t most_digits = 38;
    if (native.number(0) > most_digits || native.number(1) > native.number(0)) return {};
    return Numeric(static_cast<std::uint8_t>(native.number(0)),
                   static_cast<std::uint8_t>(native.number(1)));
}

constexpr std::string_view array_mark = "[]";

SqlType type_of(const std::string& spelled);

SqlType element_type_of(const std::string& spelled) {
    if (!spelled.ends_with(array_mark)) return {};
    return type_of(spelled.substr(0, spelled.size() - array_mark.size()));
}

SqlType type_of(const std::string& spelled) {
    static const std::array<std::pair<std::string_view, SqlType>, 16> types{{
        {"boolean", Boolean()},
        {"smallint", SmallInteger()},
        {"integer", Integer()},
        {"bigint", BigInteger()},
        {"real", Float()},
        {"double precision", Double()},
        {"text", Text()},
        {"bytea", LargeBinary()},
        {"timestamp with time zone", SqlType(TypeKind::DateTime)},
        {"timestamp without time zone", SqlType(TypeKind::DateTime)},
        {"date", SqlType(TypeKind::Date)},
        {"time without time zone", SqlType(TypeKind::Time)},
        {"interval", SqlType(TypeKind::Interval)},
        {"uuid", SqlType(TypeKind::Uuid)},
        {"jsonb", JsonDocument()},
        {"json", JsonDocument()},
    }};
    if (const SqlType element = element_type_of(spelled); element.kind != TypeKind::Unknown)
        return Array(element);
    const auto native = NativeType::parse(spelled);
    if (native.name == "character varying" || native.name == "character")
        return native.number(0) == 0 ? Text() : String(native.number(0));
    if (native.name == "numeric") return numeric_type(native);
    for (const auto& [name, type] : types) {
        if (name == native.name) return type;
    }
    return {};
}

/// Identity, or what "serial" makes.
bool is_sequence_default(std::string_view text) {
    return text.starts_with("nextval(");
}

constexpr char label_separator = '\x1f';

/// An enum that is there, its names one after the other. Kept for ever, as all that SqlType points
/// to, once per type and names.
SqlType enum_type(const std::string& name, const std::string& labels) {
    struct Known {
        std::vector<std::string> texts;
        std::vector<std::string_view> names;
    };
    static std::mutex mutex;
    static auto* all = new std::map<std::string, Known>;
    const std::lock_guard lock(mutex);
    Known& known = (*all)[labels];
    if (known.texts.empty()) {
        for (std::size_t begin = 0; begin <= labels.size();) {
            const auto end = std::min(labels.find(label_separator, begin), labels.size());
            known.texts.push_back(labels.substr(begin, end - begin));
            begin = end + 1;
        }
        known.names.assign(known.texts.begin(), known.texts.end());
    }
    TypeRules rules;
    rules.labels = {known.names.data(), static_cast<std::uint32_t>(known.names.size())};
    rules.native = name;
    rules.is_enum_type = true;
    SqlType type(TypeKind::Enum);
    type.rules = kept(rules);
    return type;
}

ReflectedColumn column_of(const std::vector<Value>& row) {
    ReflectedColumn column{text_of(row[0]), text_of(row[1]), truth_of(row[2]), truth_of(row[3])};
    column.type = row[10].is_null() ? type_of(column.native_type)
                                    : enum_type(text_of(row[9]), text_of(row[10]));
    const std::string expression = text_of(row[4]);
    if (text_of(row[7]) == "s") {
        column.computed = '(' + expression + ") STORED";
    } else if (column.primary_key && is_sequence_default(expression)) {
        column.generated_key = true;
    } else if (!row[4].is_null()) {
        column.default_text = expression;
    }
    column.comment = text_of(row[5]);
    column.generated_key = column.generated_key || truth_of(row[6]);
    column.collation = text_of(row[8]);
    return column;
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

std::vector<std::string> PostgresqlInspector::table_names_in(const std::string& schema) {
    std::vector<std::string> names;
    for (const auto& row :
         read_rows(connection_,
                   "SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace "
                   "n ON n.oid = c.relnamespace WHERE n.nspname = COALESCE(NULLIF($1, ''), "
                   "pg_catalog.current_schema()) AND c.relkind IN ('r', 'p') "
                   "ORDER BY c.relname COLLATE \"C\"",
                   {schema}))
        names.push_back(text_of(row[0]));
    return names;
}

std::vector<std::string> PostgresqlInspector::schema_names() {
    std::vector<std::string> names;
    for (const auto& row : read_rows(connection_,
                                     "SELECT nspname::text FROM pg_catalog.pg_namespace WHERE "
                                     "NOT starts_with(nspname::text, 'pg_') AND nspname <> "
                                     "'information_schema' ORDER BY nspname COLLATE \"C\"",
                                     {}))
        names.push_back(text_of(row[0]));
    return names;
}

std::vector<std::string> PostgresqlInspector::enum_type_names() {
    std::vector<std::string> names;
    for (const auto& row :
         read_rows(connection_,
                   "SELECT t.typname::text FROM pg_catalog.pg_type t WHERE t.typtype = 'e' AND "
                   "pg_catalog.pg_type_is_visible(t.oid) ORDER BY t.typname COLLATE \"C\"",
                   {}))
        names.push_back(text_of(row[0]));
    return names;
}

std::vector<ReflectedColumn> PostgresqlInspector::columns(const TableName& table) {
    std::vector<ReflectedColumn> columns;
    for (const auto& row : read_rows(
             connection_,
             "SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), NOT "
             "a.attnotnull, EXISTS (SELECT 1 FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid "
             "AND i.indisprimary AND a.attnum = ANY(i.indkey)), "
             "pg_catalog.pg_get_expr(d.adbin, d.adrelid), pg_catalog.col_description(c.oid, "
             "a.attnum), a.attidentity <> '', a.attgenerated::text, "
             "CASE WHEN a.attcollation <> t.typcollation THEN o.collname::text END, "
             "t.typname::text, CASE WHEN t.typtype = 'e' THEN (SELECT pg_catalog.string_agg("
             "e.enumlabel::text, pg_catalog.chr(31) ORDER BY e.enumsortorder) FROM "
             "pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) END "
             "FROM " +
                 the_table +
                 "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT "
                 "a.attisdropped JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
                 "LEFT JOIN pg_catalog.pg_collation o ON o.oid = a.attcollation "
                 "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum "
                 "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY a.attnum",
             {table.name, table.schema}))
        columns.push_back(column_of(row));
    return columns;
}

std::vector<UniqueConstraint> PostgresqlInspector::keys(const TableName& table, const char* kind) {
    std::vector<UniqueConstraint> keys;
    for (const auto& row : read_rows(
             connection_,
             "SELECT k.conname::text, a.attname::text FROM " + the_table +
                 "JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype::text = "
                 "$3 CROSS JOIN UNNEST(k.conkey) WITH ORDINALITY AS u(number, position) "
                 "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = "
                 "u.number ORDER BY k.conname COLLATE \"C\", u.position",
             {table.name, table.schema, kind})) {
        const std::string name = text_of(row[0]);
        if (keys.empty() || keys.back().name != name) keys.push_back({name, {}});
        keys.back().columns.push_back(text_of(row[1]));
    }
    return keys;
}

ReflectedPrimaryKey PostgresqlInspector::primary_key(const TableName& table) {
    const auto found = keys(table, "p");
    if (found.empty()) return {};
    return {found.front().name, found.front().columns};
}

std::vector<UniqueConstraint> PostgresqlInspector::unique_constraints(const TableName& table) {
    return keys(table, "u");
}

std::vector<ForeignKey> PostgresqlInspector::foreign_keys(const TableName& table) {
    std::vector<ForeignKey> keys;
    for (const auto& row : read_rows(
             connection_,
             "SELECT k.conname::text, a.attname::text, f.relname::text, b.attname::text, "
             "k.confdeltype::text, k.confupdtype::text, k.condeferrable, k.condeferred, "
             "CASE WHEN f.relnamespace <> c.relnamespace THEN m.nspname::text END FROM " +
                 the_table +
                 "JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f' "
                 "JOIN pg_catalog.pg_class f ON f.oid = k.confrelid "
                 "JOIN pg_catalog.pg_namespace m ON m.oid = f.relnamespace "
                 "CROSS JOIN UNNEST(k.conkey, k.confkey) WITH ORDINALITY AS u(own, other, "
                 "position) "
                 "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.own "
                 "JOIN pg_catalog.pg_attribute b ON b.attrelid = f.oid AND b.attnum = u.other "
                 "ORDER BY k.conname COLLATE \"C\", u.position",
             {table.name, table.schema})) {
        const std::string name = text_of(row[0]);
        if (keys.empty() || keys.back().name != name) {
            keys.push_back({name,
                            {},
                            text_of(row[2]),
                            {},
                            action_of(text_of(row[4])),
                            action_of(text_of(row[5])),
                            deferrable_of(truth_of(row[6]), truth_of(row[7])),
                            text_of(row[8])});
        }
        keys.back().columns.push_back(text_of(row[1]));
        keys.back().target_columns.push_back(text_of(row[3]));
    }
    return keys;
}

std::vector<Index> PostgresqlInspector::indexes(const TableName& table) {
    std::vector<Index> indexes;
    for (const auto& row : read_rows(
             connection_,
             "SELECT x.relname::text, i.indisunique, COALESCE(a.attname::text, "
             "pg_catalog.pg_get_indexdef(i.indexrelid, k.position::int, true)), "
             "(i.indoption[k.position - 1] & 1) = 1, pg_catalog.pg_get_expr(i.indpred, i.indrelid) "
             "FROM " +
                 the_table +
                 "JOIN pg_catalog.pg_index i ON i.indrelid = c.oid "
                 "JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid "
                 "CROSS JOIN UNNEST(i.indkey) WITH ORDINALITY AS k(number, position) "
                 "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = "
                 "k.number "
                 "AND k.number > 0 WHERE k.position <= i.indnkeyatts AND NOT EXISTS (SELECT 1 FROM "
                 "pg_catalog.pg_constraint o WHERE o.conindid = i.indexrelid AND o.contype IN "
                 "('p', 'u', 'x')) ORDER BY x.relname COLLATE \"C\", k.position",
             {table.name, table.schema})) {
        const std::string name = text_of(row[0]);
        if (indexes.empty() || indexes.back().name != name) {
            indexes.push_back({name, {}, truth_of(row[1])});
            if (!row[4].is_null()) indexes.back().where = ast::text(text_of(row[4]), Boolean());
        }
        indexes.back().columns.push_back(text_of(row[2]));
        if (truth_of(row[3])) indexes.back().descending.push_back(text_of(row[2]));
    }
    return indexes;
}

std::vector<ReflectedCheck> PostgresqlInspector::checks(const TableName& table) {
    std::vector<ReflectedCheck> checks;
    for (const auto& row :
         read_rows(connection_,
                   "SELECT k.conname::text, pg_catalog.pg_get_expr(k.conbin, k.conrelid) FROM " +
                       the_table +
                       "JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'c' "
                       "ORDER BY k.conname COLLATE \"C\"",
                   {table.name, table.schema}))
        checks.push_back({text_of(row[0]), text_of(row[1])});
    return checks;
}

ReflectedDetails PostgresqlInspector::details(const TableName& table) {
    const auto rows =
        read_rows(connection_,
                  "SELECT pg_catalog.obj_description(c.oid, 'pg_class'), c.relpersistence = 'u', "
                  "s.spcname::text, CASE WHEN c.relkind = 'p' THEN "
                  "pg_catalog.pg_get_partkeydef(c.oid) END FROM " +
                      the_table + "LEFT JOIN pg_catalog.pg_tablespace s ON s.oid = c.reltablespace",
                  {table.name, table.schema});
    if (rows.empty()) return {};
    const auto& row = rows.front();
    ReflectedDetails details{text_of(row[0]),
                             {{"postgresql_unlogged", truth_of(row[1]) ? "true" : "false"}}};
    if (!row[2].is_null()) details.options.emplace_back("postgresql_tablespace", text_of(row[2]));
    if (!row[3].is_null()) details.options.emplace_back("postgresql_partition_by", text_of(row[3]));
    return details;
}

std::string PostgresqlInspector::canonical_type(std::string_view native) const {
    static const std::array<std::pair<std::string_view, std::string_view>, 14> names{{
        {"varchar", "character varying"},
        {"char", "character"},
        {"decimal", "numeric"},
        {"int", "integer"},
        {"int2", "smallint"},
        {"int4", "integer"},
        {"int8", "bigint"},
        {"bool", "boolean"},
        {"float4", "real"},
        {"float8", "double precision"},
        {"timestamptz", "timestamp with time zone"},
        {"timestamp", "timestamp without time zone"},
        {"time", "time without time zone"},
        {"timetz", "time with time zone"},
    }};
    if (native.ends_with(array_mark))
        return canonical_type(native.substr(0, native.size() - array_mark.size())) +
               std::string(array_mark);
    // What needs no quotes is told without them.
    if (native.size() > 2 && native.front() == '"' && native.back() == '"') {
        const auto inner = native.substr(1, native.size() - 2);
        const bool is_plain = std::all_of(inner.begin(), inner.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        });
        return std::string(is_plain ? inner : native);
    }
    const std::string text = Inspector::canonical_type(native);
    const auto type = NativeType::parse(text);
    std::string name = type.name;
    for (const auto& [spelling, proper] : names) {
        if (spelling == type.name) name = proper;
    }
    // "numeric(20)" is told as "numeric(20,0)".
    if (name == "numeric" && type.numbers.size() == 1)
        return name + '(' + std::to_string(type.number(0)) + ",0)";
    if (name == type.name) return text;
    const auto bracket = text.find('(');
    if (bracket == std::string::npos) return name;
    const auto numbers = text.substr(bracket, text.find(')') + 1 - bracket);
    const auto blank = name.find(' '); // "timestamp(6) with time zone", "character varying(20)"
    if (blank == std::string::npos || name == "character varying") return name + numbers;
    return name.substr(0, blank) + numbers + name.substr(blank);
}

} // namespace mercator::postgresql
