// SPDX-License-Identifier: MIT
// What a Database says and does about the schema, in each of its databases.
#include "schema_listeners.hpp"

#include <mercator/dialect/ddl_compiler.hpp>
#include <mercator/dialect/inspector.hpp>
#include <mercator/session/database.hpp>
#include <mercator/support/error.hpp>
#include <mercator/types/type_rules.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace mercator {
namespace {

bool contains(const std::vector<TableName>& names, const Table& table) {
    return std::find(names.begin(), names.end(), TableName(table.name, table.schema)) !=
           names.end();
}

std::vector<TableName> existing_tables(Connection& connection, const MetaData& tables) {
    const auto inspector = connection.engine().dialect().inspector(connection.driver());
    auto schemas = tables.schema_names();
    schemas.insert(schemas.begin(), std::string());
    std::vector<TableName> existing;
    for (const auto& schema : schemas) {
        for (auto& name : inspector->table_names_in(schema))
            existing.emplace_back(std::move(name), schema);
    }
    return existing;
}

std::vector<std::string> existing_types(Connection& connection, const MetaData& tables) {
    const Dialect& dialect = connection.engine().dialect();
    if (enum_types(dialect, tables).empty()) return {};
    return dialect.inspector(connection.driver())->enum_type_names();
}

std::vector<SchemaStep> missing_steps(Connection& connection, const MetaData& tables) {
    return creation_steps(connection.engine().dialect(), tables,
                          existing_tables(connection, tables), existing_types(connection, tables));
}

std::vector<SchemaStep> removal_steps(Connection& connection, const MetaData& tables) {
    const auto existing = existing_tables(connection, tables);
    const Dialect& dialect = connection.engine().dialect();
    const DdlCompiler& ddl = dialect.ddl();
    const auto sorted = tables.sorted();
    const bool can_alter = connection.engine().capabilities().alter_constraints;
    std::vector<SchemaStep> steps;
    if (!can_alter && !sorted.cyclic.empty()) {
        if (auto deferral = ddl.defer_foreign_keys(); !deferral.empty())
            steps.push_back({nullptr, std::move(deferral)});
    }
    for (const auto& [table, key] : sorted.cyclic) {
        if (can_alter && contains(existing, *table))
            steps.push_back({nullptr, ddl.compile(DropForeignKey{table, key})});
    }
    for (auto table = sorted.tables.rbegin(); table != sorted.tables.rend(); ++table) {
        if (contains(existing, **table))
            steps.push_back({*table, ddl.compile(DropTable{*table, false})});
    }
    // After the tables whose columns are of them.
    const auto types = existing_types(connection, tables);
    for (const SqlType& type : enum_types(dialect, tables)) {
        if (std::find(types.begin(), types.end(), type.rules->native) != types.end())
            steps.push_back({nullptr, ddl.compile(DropType{type})});
    }
    return steps;
}

template <class List>
void append(List& list, List more) {
    list.insert(list.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
}

void append_texts(std::vector<std::string>& texts, std::vector<SchemaStep> steps) {
    for (auto& step : steps) texts.push_back(std::move(step.sql));
}

} // namespace

/// In several databases no foreign key leads from one to another.
void Database::check_reach_of(const Table& table) const {
    for (const auto& key : table.foreign_keys) {
        const Table* other = metadata_.find(key.target_table);
        if (other == nullptr || other->bind_key == table.bind_key) continue;
        throw MappingError(
            fmt::format("{} refers to {} by a foreign key, but they lie in different databases "
                        "(bind keys \"{}\" and \"{}\"); take references() away, and tell the "
                        "relationship by foreign_keys() and primaryjoin()",
                        table.name, other->name, table.bind_key, other->bind_key),
            table.name);
    }
}

std::vector<Database::Part> Database::parts(std::optional<std::string_view> only) const {
    if (only) static_cast<void>(engine_of(*only, "bind"));
    const auto& binds = session_options_.binds;
    std::vector<Part> parts;
    parts.push_back({engine_.get(), {}, metadata_});
    if (binds.empty()) {
        check_references(metadata_);
        return parts;
    }
    parts.front().tables = MetaData(metadata_.naming_convention());
    for (const EngineBind& bind : binds)
        parts.push_back({bind.engine, bind.key, MetaData(metadata_.naming_convention())});
    for (const auto& table : metadata_.tables()) {
        static_cast<void>(engine_of(table->bind_key, table->name));
        check_reach_of(*table);
        const auto place = std::find_if(parts.begin(), parts.end(), [&](const Part& part) {
            return part.key == table->bind_key;
        });
        place->tables.add(table);
    }
    for (const Part& part : parts) check_references(part.tables);
    if (only) std::erase_if(parts, [&](const Part& part) { return part.key != *only; });
    return parts;
}

void Database::check_references(const MetaData& tables) const {
    try {
        tables.check_references();
    } catch (const MappingError& error) {
        const std::string table = error.where().substr(0, error.where().rfind('.'));
        for (const Mapper* mapper : mappers_) {
            if (mapper->table().name == table) throw mapper->in_terms_of_class(error);
        }
        throw;
    }
}

std::vector<SchemaDifference> Database::differences(const VerifyOptions& options) {
    std::vector<SchemaDifference> all;
    for (const Part& part : parts())
        append(all, mercator::verify(part.tables, *part.engine, options));
    return all;
}

std::vector<std::string> Database::creation_statements() const {
    std::vector<std::string> all;
    for (const Part& part : parts())
        append(all, mercator::creation_statements(part.engine->dialect(), part.tables));
    return all;
}

std::vector<std::string> Database::missing_statements() {
    std::vector<std::string> all;
    for (const Part& part : parts()) {
        Connection connection = part.engine->connect(CodePlace{});
        append_texts(all, missing_steps(connection, part.tables));
    }
    return all;
}

std::vector<std::string> Database::removal_statements() {
    std::vector<std::string> all;
    for (const Part& part : parts()) {
        Connection connection = part.engine->connect(CodePlace{});
        append_texts(all, removal_steps(connection, part.tables));
    }
    return all;
}

void Database::create_missing(std::optional<std::string_view> only) {
    for (const Part& part : parts(only)) {
        Connection connection = part.engine->connect(CodePlace{});
        run_schema(connection, *schema_events_, part.tables, missing_steps(connection, part.tables),
                   true);
    }
}

void Database::drop_existing(std::optional<std::string_view> only) {
    for (const Part& part : parts(only)) {
        Connection connection = part.engine->connect(CodePlace{});
        run_schema(connection, *schema_events_, part.tables, removal_steps(connection, part.tables),
                   false);
    }
}

} // namespace mercator
