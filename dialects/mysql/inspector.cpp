// SPDX-License-Identifier: MIT
#include "inspector.hpp"

namespace mercator::mysql {
namespace {

std::string text(const Value& value) {
    const auto* held = value.get_if<std::string>();
    return held == nullptr ? std::string() : *held;
}

std::int64_t number(const Value& value) {
    if (const auto* held = value.get_if<std::int64_t>()) return *held;
    const auto* held = value.get_if<std::uint64_t>();
    return held == nullptr ? 0 : static_cast<std::int64_t>(*held);
}

} // namespace

Inspector::Rows Inspector::query(std::string_view sql, const std::vector<Value>& parameters) {
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

std::vector<std::string> Inspector::table_names() {
    std::vector<std::string> names;
    for (const auto& row : query("SELECT TABLE_NAME FROM information_schema.TABLES"
                                 " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'"
                                 " ORDER BY BINARY TABLE_NAME",
                                 {})) {
        names.push_back(text(row[0]));
    }
    return names;
}

std::vector<ReflectedColumn> Inspector::columns(const std::string& table) {
    std::vector<ReflectedColumn> columns;
    for (const auto& row :
         query("SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE = 'YES', COLUMN_KEY = 'PRI'"
               " FROM information_schema.COLUMNS"
               " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?"
               " ORDER BY ORDINAL_POSITION",
               {Value(table)})) {
        columns.push_back({text(row[0]), text(row[1]), number(row[2]) != 0, number(row[3]) != 0});
    }
    return columns;
}

std::vector<Index> Inspector::indexes(const std::string& table) {
    std::vector<Index> indexes;
    for (const auto& row :
         query("SELECT INDEX_NAME, COLUMN_NAME, NON_UNIQUE = 0"
               " FROM information_schema.STATISTICS"
               " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND INDEX_NAME <> 'PRIMARY'"
               " ORDER BY INDEX_NAME, SEQ_IN_INDEX",
               {Value(table)})) {
        const std::string name = text(row[0]);
        if (indexes.empty() || indexes.back().name != name)
            indexes.push_back({name, {}, number(row[2]) != 0});
        indexes.back().columns.push_back(text(row[1]));
    }
    return indexes;
}

} // namespace mercator::mysql
