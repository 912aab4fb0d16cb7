// SPDX-License-Identifier: MIT
#include "inspector.hpp"

#include "driver.hpp"

#include <array>
#include <memory>

namespace mercator::sqlite {
namespace {

/// All rows of a question about one name, every cell a Value of its storage class.
std::vector<std::vector<Value>> ask(SqliteConnection& connection, std::string_view sql,
                                    const std::string* name = nullptr) {
    auto compiled = std::make_shared<Compiled>();
    compiled->sql = sql;
    if (name != nullptr) compiled->binds.push_back(BindSlot{Text(), 0});
    const auto statement = connection.prepare(compiled);
    if (name != nullptr) {
        const std::array<Value, 1> values{Value(*name)};
        statement->execute(values);
    } else {
        statement->execute(std::span<const Value>());
    }
    std::vector<std::vector<Value>> rows;
    for (std::vector<Value> row; statement->fetch(row);) rows.push_back(row);
    statement->reset();
    return rows;
}

std::string text(const Value& value) {
    const auto* string = value.get_if<std::string>();
    return string == nullptr ? std::string() : *string;
}

bool is_set(const Value& value) {
    const auto* number = value.get_if<std::int64_t>();
    return number != nullptr && *number != 0;
}

} // namespace

std::vector<std::string> SqliteInspector::table_names() {
    std::vector<std::string> names;
    for (const auto& row : ask(connection_, "SELECT name FROM sqlite_master WHERE type = 'table' "
                                            "AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name")) {
        names.push_back(text(row[0]));
    }
    return names;
}

std::vector<ReflectedColumn> SqliteInspector::columns(const std::string& table) {
    std::vector<ReflectedColumn> columns;
    for (const auto& row :
         ask(connection_,
             "SELECT name, type, \"notnull\", pk FROM pragma_table_info(?) ORDER BY cid", &table)) {
        const bool key = is_set(row[3]);
        columns.push_back({text(row[0]), text(row[1]), !is_set(row[2]) && !key, key});
    }
    return columns;
}

std::vector<std::string> SqliteInspector::index_columns(const std::string& index) {
    std::vector<std::string> names;
    for (const auto& row :
         ask(connection_, "SELECT name FROM pragma_index_info(?) ORDER BY seqno", &index)) {
        names.push_back(text(row[0]));
    }
    return names;
}

std::vector<Index> SqliteInspector::indexes(const std::string& table) {
    std::vector<Index> indexes;
    for (const auto& row :
         ask(connection_,
             "SELECT name, \"unique\" FROM pragma_index_list(?) WHERE origin <> 'pk' ORDER BY name",
             &table)) {
        const std::string name = text(row[0]);
        indexes.push_back({name, index_columns(name), is_set(row[1])});
    }
    return indexes;
}

} // namespace mercator::sqlite
