// SPDX-License-Identifier: MIT
#include "session_binds.hpp"

#include <mercator/ast/dml.hpp>
#include <mercator/ast/traverse.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace mercator {

SessionBinds::SessionBinds(std::vector<EngineBind> binds) {
    for (auto& bind : binds) {
        if (bind.engine == nullptr || bind.key.empty())
            throw ArgumentError("a bind of a session needs a key and an engine", "binds");
        binds_.push_back({std::move(bind.key), bind.engine, std::nullopt});
    }
}

SessionBinds::Bind* SessionBinds::of(const Table& table) {
    if (table.bind_key.empty()) return nullptr;
    const auto found = std::find_if(binds_.begin(), binds_.end(),
                                    [&](const Bind& bind) { return bind.key == table.bind_key; });
    if (found != binds_.end()) return &*found;
    std::vector<std::string_view> known;
    for (const Bind& bind : binds_) known.push_back(bind.key);
    throw StateError(
        fmt::format("the table \"{}\" has the bind key \"{}\", and this session has no "
                    "engine for it, only for \"{}\"; name it in Config::binds or "
                    "SessionOptions::binds",
                    table.name, table.bind_key, fmt::join(known, "\", \"")),
        table.name);
}

SessionBinds::Bind* SessionBinds::of(const ast::Select& select) {
    Bind* chosen = nullptr;
    const Table* first = nullptr;
    for (const auto& name : ast::tables_read(select)) {
        const Mapper* mapper = mapper_of_table(ast::TableRef{{}, name, {}});
        if (mapper == nullptr) continue; // a table between lies with the classes on its sides
        Bind* bind = of(mapper->table());
        if (first != nullptr && bind != chosen) {
            throw CompileError(
                fmt::format("\"{}\" and \"{}\" lie in different databases (bind keys \"{}\" and "
                            "\"{}\"), so no statement can read both; load what is related by "
                            "selectin or when it is touched, not by a join or a subquery",
                            first->name, mapper->table().name, first->bind_key,
                            mapper->table().bind_key),
                mapper->table().name);
        }
        chosen = bind;
        first = &mapper->table();
    }
    return chosen;
}

namespace {

const ast::TableRef* table_written(const ast::Statement& statement) {
    switch (statement.kind) {
    case ast::NodeKind::Update:
        return static_cast<const ast::Update&>(statement).table.get();
    case ast::NodeKind::Delete:
        return static_cast<const ast::Delete&>(statement).table.get();
    case ast::NodeKind::Insert:
        return static_cast<const ast::Insert&>(statement).table.get();
    default:
        return nullptr;
    }
}

} // namespace

SessionBinds::Bind* SessionBinds::of(const ast::Statement& statement) {
    const ast::TableRef* table = table_written(statement);
    const Mapper* mapper = table == nullptr ? nullptr : mapper_of_table(*table);
    return mapper == nullptr ? nullptr : of(mapper->table());
}

Connection& SessionBinds::connection(Bind& bind, TransactionMode mode,
                                     const SessionOptions& options,
                                     const std::vector<std::string>& savepoints) {
    if (!bind.connection) {
        Connection fresh = bind.engine->connect(CodePlace{});
        if (!options.schema_translate.empty()) fresh.translate_schemas(&options.schema_translate);
        fresh.begin(mode, options.isolation);
        for (const auto& name : savepoints) fresh.savepoint(name);
        bind.connection.emplace(std::move(fresh));
    }
    return *bind.connection;
}

void SessionBinds::savepoint(std::string_view name) {
    for (Bind& bind : binds_) {
        if (bind.connection) bind.connection->savepoint(name);
    }
}

void SessionBinds::release_savepoint(std::string_view name) {
    for (Bind& bind : binds_) {
        if (bind.connection) bind.connection->release_savepoint(name);
    }
}

void SessionBinds::rollback_to_savepoint(std::string_view name) {
    for (Bind& bind : binds_) {
        if (bind.connection) bind.connection->rollback_to_savepoint(name);
    }
}

std::optional<SessionBinds::Failure> SessionBinds::commit() {
    for (Bind& bind : binds_) {
        if (!bind.connection) continue;
        try {
            bind.connection->commit();
        } catch (const std::exception& error) {
            return Failure{&bind, error.what()};
        }
    }
    return std::nullopt;
}

bool SessionBinds::is_lost(const Bind& failed, const Table& table) const noexcept {
    const auto place = std::find_if(binds_.begin(), binds_.end(),
                                    [&](const Bind& bind) { return bind.key == table.bind_key; });
    return place != binds_.end() && &*place >= &failed;
}

void SessionBinds::rollback() noexcept {
    for (Bind& bind : binds_) {
        try {
            if (bind.connection) bind.connection->rollback();
        } catch (...) { // the link is closed by its owner
            bind.connection->invalidate();
        }
    }
}

void SessionBinds::end() noexcept {
    for (Bind& bind : binds_) bind.connection.reset();
}

} // namespace mercator
