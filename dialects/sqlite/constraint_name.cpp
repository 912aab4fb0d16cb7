// SPDX-License-Identifier: MIT
#include "constraint_name.hpp"

#include "schema_text.hpp"

#include <memory>
#include <vector>

namespace mercator::sqlite {
namespace {

/// "t.a, t.b", as SQLite's messages list columns.
std::string listed(const std::string& table, const std::vector<std::string>& columns) {
    std::string list;
    for (const auto& column : columns)
        list.append(list.empty() ? "" : ", ").append(table).append(".").append(column);
    return list;
}

/// CONSTRAINT name UNIQUE (...) or CONSTRAINT name PRIMARY KEY (...).
std::string name_in_table(std::string_view sql, const std::string& table,
                          std::string_view columns) {
    const auto text = TableText::parse(sql);
    for (const auto& unique : text.uniques) {
        if (!unique.name.empty() && listed(table, unique.columns) == columns) return unique.name;
    }
    return listed(table, text.primary_key.columns) == columns ? text.primary_key.name
                                                              : std::string();
}

struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};

std::string text(sqlite3_stmt* statement, int column) {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
    return bytes == nullptr
               ? std::string()
               : std::string(bytes,
                             static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
}

// What CREATE UNIQUE INDEX made has its name in the catalogue; what a table's constraint made is
// nameless there.
constexpr const char* candidates =
    "SELECT m.type, m.name, m.sql FROM sqlite_master AS m WHERE m.sql IS NOT NULL "
    "AND substr(?1, 1, length(m.tbl_name) + 1) = m.tbl_name || '.' AND (m.type = 'table' OR "
    "(m.type = 'index' "
    "AND EXISTS (SELECT 1 FROM pragma_index_list(m.tbl_name) AS l WHERE l.name = m.name AND "
    "l.\"unique\") "
    "AND ?1 = (SELECT group_concat(m.tbl_name || '.' || c.name, ', ') FROM "
    "pragma_index_info(m.name) AS c))) "
    "ORDER BY m.type DESC";

std::string look_up(sqlite3* database, std::string_view columns) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(database, candidates, -1, &prepared, nullptr) != SQLITE_OK) return {};
    const std::unique_ptr<sqlite3_stmt, Finalize> statement(prepared);
    sqlite3_bind_text(prepared, 1, columns.data(), static_cast<int>(columns.size()), SQLITE_STATIC);
    while (sqlite3_step(prepared) == SQLITE_ROW) {
        const std::string name = text(prepared, 1);
        if (text(prepared, 0) == "index") return name;
        if (std::string found = name_in_table(text(prepared, 2), name, columns); !found.empty())
            return found;
    }
    return {};
}

} // namespace

std::string constraint_name(sqlite3* database, std::string_view columns) noexcept {
    try {
        return look_up(database, columns);
    } catch (...) { // out of memory: the error is told without the name
        return {};
    }
}

} // namespace mercator::sqlite
