// SPDX-License-Identifier: MIT
#include <mercator/session/database.hpp>

#include <mercator/dialect/ddl_compiler.hpp>
#include <mercator/dialect/inspector.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {

Database::Database(const Config& config) :
    engine_(std::make_unique<Engine>(config.uri, config.engine_options())) {}
Database::Database(std::string_view uri) : engine_(std::make_unique<Engine>(uri)) {}
Database::~Database() = default;

void Database::add_mappers(const std::vector<Mapper*>& mappers) {
    Mapper::configure_together(mappers);
    for (const Mapper* mapper : mappers) {
        if (std::find(mappers_.begin(), mappers_.end(), mapper) != mappers_.end()) continue;
        for (const Mapper* other : mappers_) {
            if (other->table().name == mapper->table().name) {
                throw MappingError(
                    fmt::format(
                        "{} and {} are both mapped to the table {}; give one of them another table",
                        other->class_name(), mapper->class_name(), mapper->table().name),
                    std::string(mapper->class_name()));
            }
        }
        metadata_.add(mapper->shared_table());
        mappers_.push_back(mapper);
    }
}

void Database::add(const Table& table) {
    auto copy = std::make_shared<Table>(table);
    copy->complete();
    metadata_.add(std::move(copy));
}

void Database::check_references() const {
    try {
        metadata_.check_references();
    } catch (const MappingError& error) {
        const std::string table = error.where().substr(0, error.where().rfind('.'));
        for (const Mapper* mapper : mappers_) {
            if (mapper->table().name == table) throw mapper->in_terms_of_class(error);
        }
        throw;
    }
}

namespace {

bool contains(const std::vector<std::string>& names, const Table& table) {
    return std::find(names.begin(), names.end(), table.name) != names.end();
}

/// What creates the tables that are not among `existing`, referred ones first.
std::vector<std::string> statements_to_create(const Dialect& dialect, const MetaData& metadata,
                                              const std::vector<std::string>& existing) {
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

} // namespace

std::vector<std::string> Database::creation_statements() const {
    check_references();
    return statements_to_create(engine_->dialect(), metadata_, {});
}

void Database::create_missing() {
    Connection connection = engine_->connect();
    const auto existing = engine_->dialect().inspector(connection.driver())->table_names();
    check_references();
    const auto statements = statements_to_create(engine_->dialect(), metadata_, existing);
    Transaction transaction(connection);
    for (const auto& statement : statements) connection.execute_script(statement);
    transaction.commit();
}

void Database::drop_existing() {
    Connection connection = engine_->connect();
    const auto existing = engine_->dialect().inspector(connection.driver())->table_names();
    const DdlCompiler& ddl = engine_->dialect().ddl();
    const auto sorted = metadata_.sorted();
    const bool can_alter = engine_->capabilities().alter_constraints;
    const std::string deferral =
        can_alter || sorted.cyclic.empty() ? std::string() : ddl.defer_foreign_keys();
    Transaction transaction(connection);
    if (!deferral.empty()) connection.execute_script(deferral);
    for (const auto& [table, key] : sorted.cyclic) {
        if (can_alter && contains(existing, *table))
            connection.execute_script(ddl.compile(DropForeignKey{table, key}));
    }
    for (auto table = sorted.tables.rbegin(); table != sorted.tables.rend(); ++table) {
        if (contains(existing, **table))
            connection.execute_script(ddl.compile(DropTable{*table, false}));
    }
    transaction.commit();
}

} // namespace mercator
