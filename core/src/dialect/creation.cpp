// SPDX-License-Identifier: MIT
#include <mercator/dialect/creation.hpp>

#include <mercator/support/error.hpp>
#include <mercator/types/type_rules.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {
inline namespace abi1 {
namespace {

bool contains(const std::vector<TableName>& names, const Table& table) {
    return std::find(names.begin(), names.end(), TableName(table.name, table.schema)) !=
           names.end();
}

} // namespace

namespace {

bool same_labels(const SqlType& a, const SqlType& b) {
    const EnumLabels* left = labels_of(a);
    const EnumLabels* right = labels_of(b);
    if (left == nullptr || right == nullptr) return left == right;
    return std::equal(left->names, left->names + left->count, right->names,
                      right->names + right->count);
}

} // namespace

std::vector<SqlType> enum_types(const Dialect& dialect, const MetaData& metadata) {
    std::vector<SqlType> types;
    for (const auto& table : metadata.tables()) {
        for (const Column& column : table->columns) {
            const SqlType type = column.type.on(dialect.name());
            if (!is_enum_type(type)) continue;
            const auto known = std::find_if(types.begin(), types.end(), [&](const SqlType& other) {
                return other.rules->native == type.rules->native;
            });
            if (known == types.end()) {
                types.push_back(type);
            } else if (!same_labels(*known, type)) {
                throw CompileError(
                    fmt::format("{}.{} and another column have enums of different names in a type "
                                "\"{}\"; give one of the two types another name",
                                table->name, column.name, type.rules->native),
                    table->name + "." + column.name);
            }
        }
    }
    return types;
}

std::vector<SchemaStep> creation_steps(const Dialect& dialect, const MetaData& metadata,
                                       const std::vector<TableName>& existing,
                                       const std::vector<std::string>& existing_types) {
    const DdlCompiler& ddl = dialect.ddl();
    const bool can_alter = dialect.capabilities().alter_constraints;
    const auto sorted = metadata.sorted();
    std::vector<SchemaStep> steps;
    for (const SqlType& type : enum_types(dialect, metadata)) {
        const auto& there = existing_types;
        if (std::find(there.begin(), there.end(), type.rules->native) != there.end()) continue;
        std::string statement = ddl.compile(CreateType{type});
        if (!statement.empty()) steps.push_back({nullptr, std::move(statement)});
    }
    for (const Table* table : sorted.tables) {
        if (contains(existing, *table)) continue;
        CreateTable create{table, false, {}};
        for (const auto& [owner, key] : sorted.cyclic) {
            if (owner == table && can_alter) create.leave_out.push_back(key);
        }
        steps.push_back({table, ddl.compile(create)});
        for (auto& statement : ddl.after_create_table(*table))
            steps.push_back({table, std::move(statement)});
        for (const auto& index : table->indexes)
            steps.push_back({table, ddl.compile(CreateIndex{table, &index})});
    }
    for (const auto& [table, key] : sorted.cyclic) {
        if (can_alter && !contains(existing, *table))
            steps.push_back({nullptr, ddl.compile(AddForeignKey{table, key})});
    }
    return steps;
}

std::vector<std::string> creation_statements(const Dialect& dialect, const MetaData& metadata,
                                             const std::vector<TableName>& existing,
                                             const std::vector<std::string>& existing_types) {
    std::vector<std::string> statements;
    for (auto& step : creation_steps(dialect, metadata, existing, existing_types))
        statements.push_back(std::move(step.sql));
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
