// SPDX-License-Identifier: MIT
#include "inspector.hpp"

#include <set>

namespace mercator::ansi {
namespace {

/// The name between the first pair of quotes behind `keyword`, if the text begins with it.
std::string created_name(const std::string& sql, std::string_view keyword) {
    if (!sql.starts_with(keyword)) return {};
    const auto open = sql.find('"', keyword.size());
    const auto close = open == std::string::npos ? open : sql.find('"', open + 1);
    return close == std::string::npos ? std::string() : sql.substr(open + 1, close - open - 1);
}

} // namespace

std::vector<std::string> AnsiInspector::table_names_in(const std::string& /*schema*/) {
    std::set<std::string> names;
    for (const auto& sql : connection_.recorder().statements()) {
        if (auto created = created_name(sql, "CREATE TABLE "); !created.empty())
            names.insert(std::move(created));
        if (const auto dropped = created_name(sql, "DROP TABLE "); !dropped.empty())
            names.erase(dropped);
    }
    return {names.begin(), names.end()};
}

std::vector<ReflectedColumn> AnsiInspector::columns(const TableName& /*table*/) {
    return {};
}
std::vector<Index> AnsiInspector::indexes(const TableName& /*table*/) {
    return {};
}

} // namespace mercator::ansi
