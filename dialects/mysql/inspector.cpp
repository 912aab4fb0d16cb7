// SPDX-License-Identifier: MIT
#include "inspector.hpp"

#include "driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace mercator::mysql {
namespace {

std::string text(const Value& value) {
    if (const auto* bytes = value.get_if<Bytes>())
        return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    const auto* held = value.get_if<std::string>();
    return held == nullptr ? std::string() : *held;
}

std::int64_t number(const Value& value) {
    if (const auto* held = value.get_if<std::int64_t>()) return *held;
    const auto* held = value.get_if<std::uint64_t>();
    return held == nullptr ? 0 : static_cast<std::int64_t>(*held);
}

ReferentialAction action_of(const std::string& word) {
    if (word == "CASCADE") return ReferentialAction::Cascade;
    if (word == "SET NULL") return ReferentialAction::SetNull;
    return word == "SET DEFAULT" ? ReferentialAction::SetDefault : ReferentialAction::NoAction;
}

struct Family {
    std::string_view name;
    TypeKind kind;
    TypeKind unsigned_kind;
};

constexpr std::array<Family, 5> integers{{
    {"tinyint", TypeKind::Int8, TypeKind::UInt8},
    {"smallint", TypeKind::Int16, TypeKind::UInt16},
    {"mediumint", TypeKind::Int32, TypeKind::UInt32},
    {"int", TypeKind::Int32, TypeKind::UInt32},
    {"bigint", TypeKind::Int64, TypeKind::UInt64},
}};

constexpr std::uint32_t small_bytes = 65'535;
constexpr std::uint32_t medium_bytes = 16'777'215;
constexpr std::uint32_t bytes_of_character = 4;

const std::array<std::pair<std::string_view, SqlType>, 16>& plain_types() {
    static const std::array<std::pair<std::string_view, SqlType>, 16> types{{
        {"float", Float()},
        {"double", Double()},
        {"tinytext", Text(small_bytes / bytes_of_character)},
        {"text", Text(small_bytes / bytes_of_character)},
        {"mediumtext", Text(medium_bytes / bytes_of_character)},
        {"longtext", Text()},
        {"tinyblob", LargeBinary(small_bytes)},
        {"blob", LargeBinary(small_bytes)},
        {"mediumblob", LargeBinary(medium_bytes)},
        {"longblob", LargeBinary()},
        {"datetime", SqlType(TypeKind::DateTime)},
        {"timestamp", SqlType(TypeKind::DateTime)},
        {"date", SqlType(TypeKind::Date)},
        {"time", SqlType(TypeKind::Time)},
        {"uuid", SqlType(TypeKind::Uuid)},
        {"json", JsonDocument()},
    }};
    return types;
}

SqlType type_of(const std::string& spelled) {
    if (spelled == "tinyint(1)") return Boolean();
    if (spelled == "binary(16)") return SqlType(TypeKind::Uuid);
    const auto native = NativeType::parse(spelled);
    const std::string word = native.name.substr(0, native.name.find(' '));
    for (const Family& family : integers) {
        if (family.name != word) continue;
        const bool is_unsigned = native.name.find("unsigned") != std::string::npos;
        return SqlType(is_unsigned ? family.unsigned_kind : family.kind);
    }
    if (word == "varchar" || word == "char") return String(native.number(0));
    if (word == "varbinary" || word == "binary") return LargeBinary(native.number(0));
    if (word == "decimal" && native.number(0) <= 38) {
        return Numeric(static_cast<std::uint8_t>(native.number(0)),
                       static_cast<std::uint8_t>(native.number(1)));
    }
    for (const auto& [name, type] : plain_types()) {
        if (name == native.name) return type;
    }
    return {};
}

bool is_quoted_type(const std::string& native_type) {
    const std::string name = NativeType::parse(native_type).name;
    const std::string word = name.substr(0, name.find(' '));
    for (const Family& family : integers) {
        if (family.name == word) return false;
    }
    return word != "float" && word != "double" && word != "decimal" && word != "bit" &&
           word != "year";
}

constexpr std::string_view introducer = "_utf8mb4 ";

/// A text as a literal that means the same in every sql_mode.
std::string literal(const std::string& value) {
    if (value.find('\\') != std::string::npos) {
        std::string digits;
        for (const char c : value) digits += fmt::format("{:02X}", static_cast<unsigned char>(c));
        return fmt::format("{}X'{}'", introducer, digits);
    }
    std::string quoted = "'";
    for (const char c : value) quoted.append(c == '\'' ? "''" : std::string_view(&c, 1));
    return quoted + '\'';
}

/// The character that MariaDB writes behind a backslash.
char unescaped(char c) {
    switch (c) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case '0':
        return '\0';
    case 'Z':
        return '\x1A';
    default:
        return c;
    }
}

/// The text that begins behind the quote at `at`, which is moved to the closing one.
std::string quoted_value(std::string_view expression, std::size_t& at) {
    std::string value;
    for (++at; at < expression.size(); ++at) {
        const char c = expression[at];
        const bool has_next = at + 1 < expression.size();
        if (c == '\'' && !(has_next && expression[at + 1] == '\'')) break;
        const bool is_pair = c == '\'' || (c == '\\' && has_next);
        if (is_pair) ++at;
        value.push_back(c == '\\' && is_pair ? unescaped(expression[at]) : expression[at]);
    }
    return value;
}

/// MariaDB tells texts in expressions with backslashes before special characters, whatever the
/// sql_mode. The same expression with texts that every sql_mode reads alike; see
/// Compiler::Reader.
std::string respelled(std::string_view expression) {
    std::string text;
    bool in_name =
        false; // where a quote is a character; a doubled backtick leaves and enters again
    for (std::size_t at = 0; at < expression.size(); ++at) {
        if (expression[at] == '`') in_name = !in_name;
        if (in_name || expression[at] != '\'') {
            text.push_back(expression[at]);
            continue;
        }
        const bool is_first = at == 0;
        const std::string value = quoted_value(expression, at);
        const bool is_whole = is_first && at + 1 >= expression.size();
        const std::string spelled = literal(value);
        const bool has_introducer = spelled.starts_with(introducer);
        text += has_introducer && !is_whole
                    ? fmt::format("CONVERT({} USING utf8mb4)", spelled.substr(introducer.size()))
                    : spelled;
    }
    return text;
}

std::string upper(std::string text) {
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
}

/// What MariaDB makes of the word JSON, beside a column of text.
bool is_of_document(const ReflectedCheck& check) {
    return check.text == "json_valid(`" + check.name + "`)";
}

/// Such a column as it was declared.
void declare_document(ReflectedColumn& column, const std::vector<ReflectedCheck>& checks) {
    const auto is_its = [&column](const ReflectedCheck& check) {
        return check.name == column.name && is_of_document(check);
    };
    if (std::none_of(checks.begin(), checks.end(), is_its)) return;
    column.native_type = "json";
    column.type = JsonDocument();
    column.collation.clear();
}

bool knows_computed_columns(const Server& server) {
    using Version = Server::Version;
    return server.version >= (server.is_mariadb ? Version{10, 2, 5} : Version{5, 7, 6});
}

/// Does the server tell defaults as expressions, quoted where they are texts?
bool tells_default_expressions(const Server& server) {
    return server.is_mariadb && server.version >= Server::Version{10, 2, 7};
}

} // namespace

Inspector::Rows Inspector::query(const std::string& sql, const std::vector<Value>& parameters) {
    auto compiled = std::make_shared<Compiled>();
    compiled->sql = sql;
    compiled->binds.assign(parameters.size(), BindSlot{Text(), 0});
    const auto statement = connection_->prepare(std::move(compiled));
    statement->execute(parameters);
    Rows rows;
    std::vector<Value> row;
    while (statement->fetch(row)) rows.push_back(std::move(row));
    statement->reset();
    return rows;
}

Inspector::Rows Inspector::about(const TableName& table, std::string_view columns,
                                 std::string_view from, std::string_view rest) {
    const std::string sql =
        fmt::format("SELECT t.TABLE_NAME, {} FROM information_schema.{} WHERE t.TABLE_NAME = ? AND "
                    "t.TABLE_SCHEMA = {} {}",
                    columns, from, table.schema.empty() ? "DATABASE()" : "?", rest);
    std::vector<Value> parameters{Value(table.name)};
    if (!table.schema.empty()) parameters.emplace_back(table.schema);
    Rows rows = query(sql, parameters);
    std::erase_if(rows, [&table](const auto& row) { return text(row[0]) != table.name; });
    return rows;
}

std::vector<std::string> Inspector::table_names_in(const std::string& schema) {
    std::vector<std::string> names;
    std::vector<Value> parameters;
    if (!schema.empty()) parameters.emplace_back(schema);
    for (const auto& row :
         query(fmt::format("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = "
                           "{} AND TABLE_TYPE = 'BASE TABLE' ORDER BY BINARY TABLE_NAME",
                           schema.empty() ? "DATABASE()" : "?"),
               parameters)) {
        names.push_back(text(row[0]));
    }
    return names;
}

std::vector<std::string> Inspector::schema_names() {
    std::vector<std::string> names;
    for (const auto& row :
         query("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN "
               "('information_schema', 'performance_schema', 'mysql', 'sys') ORDER BY BINARY "
               "SCHEMA_NAME",
               {}))
        names.push_back(text(row[0]));
    return names;
}

std::string Inspector::default_of(const std::string& told, const std::string& native_type,
                                  const std::string& extra) const {
    const std::string capital = upper(told);
    if (capital.starts_with("CURRENT_TIMESTAMP")) return capital;
    if (tells_default_expressions(connection_->server())) return respelled(told);
    if (extra.find("DEFAULT_GENERATED") != std::string::npos || !is_quoted_type(native_type))
        return told;
    return literal(told);
}

std::vector<ReflectedColumn> Inspector::columns(const TableName& table) {
    const std::string formula =
        knows_computed_columns(connection_->server()) ? "t.GENERATION_EXPRESSION" : "NULL";
    std::vector<ReflectedColumn> columns;
    const auto checks =
        connection_->server().is_mariadb ? all_checks(table) : std::vector<ReflectedCheck>();
    for (const auto& row :
         about(table,
               "t.COLUMN_NAME, t.COLUMN_TYPE, t.IS_NULLABLE = 'YES', t.COLUMN_KEY = 'PRI', "
               "t.COLUMN_DEFAULT, t.EXTRA, t.COLUMN_COMMENT, IF(t.COLLATION_NAME <> "
               "o.TABLE_COLLATION, t.COLLATION_NAME, NULL), " +
                   formula,
               "COLUMNS t JOIN information_schema.TABLES o ON o.TABLE_SCHEMA = t.TABLE_SCHEMA AND "
               "o.TABLE_NAME = t.TABLE_NAME",
               "ORDER BY t.ORDINAL_POSITION")) {
        ReflectedColumn column{text(row[1]), text(row[2]), number(row[3]) != 0,
                               number(row[4]) != 0};
        column.type = type_of(column.native_type);
        const std::string extra = text(row[6]);
        column.generated_key = extra.find("auto_increment") != std::string::npos;
        const bool is_set =
            !row[5].is_null() &&
            !(tells_default_expressions(connection_->server()) && text(row[5]) == "NULL");
        if (is_set) column.default_text = default_of(text(row[5]), column.native_type, extra);
        column.comment = text(row[7]);
        column.collation = text(row[8]);
        if (const auto expression = text(row[9]); !expression.empty()) {
            const bool stored = extra.find("STORED") != std::string::npos;
            column.computed = '(' + expression + (stored ? ") STORED" : ") VIRTUAL");
            column.default_text.reset();
        }
        declare_document(column, checks);
        columns.push_back(std::move(column));
    }
    return columns;
}

std::vector<Index> Inspector::all_indexes(const TableName& table) {
    std::vector<Index> indexes;
    for (const auto& row :
         about(table, "t.INDEX_NAME, t.COLUMN_NAME, t.NON_UNIQUE = 0, t.COLLATION = 'D'",
               "STATISTICS t", "ORDER BY BINARY t.INDEX_NAME, t.SEQ_IN_INDEX")) {
        const std::string name = text(row[1]);
        if (indexes.empty() || indexes.back().name != name)
            indexes.push_back({name, {}, number(row[3]) != 0});
        indexes.back().columns.push_back(text(row[2]));
        if (number(row[4]) != 0) indexes.back().descending.push_back(text(row[2]));
    }
    return indexes;
}

ReflectedPrimaryKey Inspector::primary_key(const TableName& table) {
    for (const auto& index : all_indexes(table)) {
        if (index.name == "PRIMARY") return {{}, index.columns};
    }
    return {};
}

std::vector<UniqueConstraint> Inspector::unique_constraints(const TableName& table) {
    std::vector<UniqueConstraint> list;
    for (const auto& index : all_indexes(table)) {
        if (index.unique && index.name != "PRIMARY") list.push_back({index.name, index.columns});
    }
    return list;
}

std::vector<Index> Inspector::indexes(const TableName& table) {
    auto indexes = all_indexes(table);
    const auto keys = foreign_keys(table);
    std::erase_if(indexes, [&keys](const Index& index) {
        return index.name == "PRIMARY" ||
               std::any_of(keys.begin(), keys.end(), [&index](const ForeignKey& key) {
                   return key.name == index.name; // made by the server for the foreign key
               });
    });
    return indexes;
}

std::vector<ForeignKey> Inspector::foreign_keys(const TableName& table) {
    std::vector<ForeignKey> keys;
    for (const auto& row :
         about(table,
               "t.CONSTRAINT_NAME, t.COLUMN_NAME, t.REFERENCED_TABLE_NAME, "
               "t.REFERENCED_COLUMN_NAME, r.DELETE_RULE, r.UPDATE_RULE, "
               "IF(t.REFERENCED_TABLE_SCHEMA <> t.TABLE_SCHEMA, t.REFERENCED_TABLE_SCHEMA, NULL)",
               "KEY_COLUMN_USAGE t JOIN information_schema.REFERENTIAL_CONSTRAINTS r ON "
               "r.CONSTRAINT_SCHEMA = t.TABLE_SCHEMA AND r.CONSTRAINT_NAME = t.CONSTRAINT_NAME AND "
               "r.TABLE_NAME = t.TABLE_NAME",
               "AND t.REFERENCED_TABLE_NAME IS NOT NULL ORDER BY BINARY t.CONSTRAINT_NAME, "
               "t.ORDINAL_POSITION")) {
        const std::string name = text(row[1]);
        if (keys.empty() || keys.back().name != name) {
            keys.push_back({name,
                            {},
                            text(row[3]),
                            {},
                            action_of(text(row[5])),
                            action_of(text(row[6])),
                            Deferrable::No,
                            text(row[7])});
        }
        keys.back().columns.push_back(text(row[2]));
        keys.back().target_columns.push_back(text(row[4]));
    }
    return keys;
}

std::vector<ReflectedCheck> Inspector::checks(const TableName& table) {
    auto checks = all_checks(table);
    std::erase_if(checks, is_of_document);
    return checks;
}

std::vector<ReflectedCheck> Inspector::all_checks(const TableName& table) {
    if (!connection_->server().enforces_checks()) return {};
    // In MySQL names of checks belong to the whole database, in MariaDB to their table.
    const char* const same_table =
        connection_->server().is_mariadb ? " AND c.TABLE_NAME = t.TABLE_NAME" : "";
    std::vector<ReflectedCheck> checks;
    for (const auto& row :
         about(table, "c.CONSTRAINT_NAME, c.CHECK_CLAUSE",
               fmt::format("TABLE_CONSTRAINTS t JOIN information_schema.CHECK_CONSTRAINTS c ON "
                           "c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME = "
                           "t.CONSTRAINT_NAME{}",
                           same_table),
               "AND t.CONSTRAINT_TYPE = 'CHECK' ORDER BY BINARY c.CONSTRAINT_NAME"))
        checks.push_back({text(row[1]), connection_->server().is_mariadb ? respelled(text(row[2]))
                                                                         : text(row[2])});
    return checks;
}

ReflectedDetails Inspector::details(const TableName& table) {
    const auto rows =
        about(table, "t.TABLE_COMMENT, t.ENGINE, t.TABLE_COLLATION, t.ROW_FORMAT", "TABLES t", "");
    if (rows.empty()) return {};
    const auto& row = rows.front();
    const std::string collation = text(row[3]);
    return {text(row[1]),
            {{"mysql_engine", text(row[2])},
             {"mysql_charset", collation.substr(0, collation.find('_'))},
             {"mysql_collate", collation},
             {"mysql_row_format", text(row[4])}}};
}

std::string Inspector::canonical_type(std::string_view native) const {
    std::string text = mercator::Inspector::canonical_type(native);
    const auto type = NativeType::parse(text);
    if (text == "boolean" || text == "bool") return "tinyint(1)";
    if (text == "double precision" || text == "real") return "double";
    if (text.starts_with("integer")) text.replace(0, 7, "int");
    if (text.starts_with("numeric")) text.replace(0, 7, "decimal");
    if (type.name == "decimal" && type.numbers.size() == 1) text.insert(text.size() - 1, ",0");
    const std::string word = text.substr(0, text.find_first_of(" ("));
    const bool is_integer =
        std::any_of(integers.begin(), integers.end(),
                    [&word](const Family& family) { return family.name == word; });
    // Older servers tell the width of the display, which means nothing but for tinyint(1).
    const bool has_width = is_integer && text.size() > word.size() && text[word.size()] == '(';
    if (has_width && text != "tinyint(1)" && text.find("zerofill") == std::string::npos)
        text.erase(word.size(), text.find(')') + 1 - word.size());
    return text;
}

} // namespace mercator::mysql
