// SPDX-License-Identifier: MIT
#include <mercator/dialect/creation.hpp>

#include <algorithm>

namespace mercator {
inline namespace abi1 {
namespace {

bool contains(const std::vector<TableName>& names, const Table& table) {
    return std::find(names.begin(), names.end(), TableName(table.name, table.schema)) !=
           names.end();
}

} // namespace

std::vector<std::string> creation_statements(const Dialect& dialect, const MetaData& metadata,
                                             const std::vector<TableName>& existing) {
    const DdlCompiler& ddl = dialect.ddl();
    const bool can_alter = dialect.capabilities().alter_constraints;
    const auto sorted = metadata.sorted();
    std::vector<std::string> statements;
    for (const Table* table : sorted.tables) {
        if (contains(existing, *table)) continue;
        CreateTable create{table, false, {}};
        for (const auto& [owner, key] : sorted.cyclic) {
            if (owner == table && can_alter) create.leave_out.push_back(key);
        }
        statements.push_back(ddl.compile(create));
        for (auto& statement : ddl.after_create_table(*table))
            statements.push_back(std::move(statement));
        for (const auto& index : table->indexes)
            statements.push_back(ddl.compile(CreateIndex{table, &index}));
    }
    for (const auto& [table, key] : sorted.cyclic) {
        if (can_alter && !contains(existing, *table))
            statements.push_back(ddl.compile(AddForeignKey{table, key}));
    }
    return statements;
}

std::string native_type_with_clauses(const Dialect& dialect, const ReflectedColumn& column) {
    std::string text = column.native_type;
    if (!column.collation.empty())
        text += " COLLATE " + dialect.identifiers().quote(column.collation);
    if (!column.computed.empty()) text += " GENERATED ALWAYS AS " + column.computed;
    return text;
}

} // namespace abi1
} // namespace mercator
