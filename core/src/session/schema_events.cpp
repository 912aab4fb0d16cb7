// SPDX-License-Identifier: MIT
#include <mercator/session/schema_events.hpp>

#include "schema_listeners.hpp"

#include <mercator/dialect/dialect.hpp>
#include <mercator/dialect/identifier_preparer.hpp>
#include <mercator/engine/engine.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace mercator {

namespace {

enum class SchemaEvent : std::uint8_t {
    BeforeCreate,
    AfterCreate,
    BeforeDrop,
    AfterDrop,
    BeforeCreateAll,
    AfterCreateAll,
    BeforeDropAll,
    AfterDropAll
};

struct SchemaCall {
    Connection& connection;
    const Table* table = nullptr;
    const MetaData* metadata = nullptr;
};

std::string with_table(std::string sql, const std::string& table) {
    constexpr std::string_view mark = "{table}";
    for (auto at = sql.find(mark); at != std::string::npos; at = sql.find(mark, at + table.size()))
        sql.replace(at, mark.size(), table);
    return sql;
}

} // namespace

Ddl::Ddl(std::string sql) : sql_(std::move(sql)) {}

Ddl Ddl::only_on(std::vector<std::string> dialects) && {
    dialects_ = std::move(dialects);
    return std::move(*this);
}

bool Ddl::is_for(const Connection& connection) const {
    return dialects_.empty() || std::find(dialects_.begin(), dialects_.end(),
                                          connection.engine().dialect().name()) != dialects_.end();
}

void Ddl::operator()(Connection& connection, const Table& table) const {
    if (!is_for(connection)) return;
    const auto& names = connection.engine().dialect().identifiers();
    std::string name = names.quote(table.name);
    if (!table.schema.empty()) name = names.quote(table.schema) + "." + name;
    connection.execute_script(with_table(sql_, name));
}

void Ddl::operator()(Connection& connection, const MetaData& /*metadata*/) const {
    if (is_for(connection)) connection.execute_script(sql_);
}

SchemaEvents::SchemaEvents(std::shared_ptr<ListenerRegistry> registry, TableName table) noexcept :
    registry_(std::move(registry)),
    table_(std::move(table)) {}
SchemaEvents::~SchemaEvents() = default;

namespace {

Subscription add_table(ListenerRegistry& registry, SchemaEvent event, const TableName& table,
                       SchemaEvents::OfTable listener, CodePlace place) {
    ListenerEntry entry;
    entry.kind = static_cast<std::uint8_t>(event);
    entry.place = place;
    entry.call = [table, listener = std::move(listener)](void* call) {
        const auto& now = *static_cast<const SchemaCall*>(call);
        if (table.name.empty() || table == TableName(now.table->name, now.table->schema))
            listener(now.connection, *now.table);
    };
    return registry.add(std::move(entry));
}

Subscription add_schema(ListenerRegistry& registry, SchemaEvent event,
                        SchemaEvents::OfSchema listener, CodePlace place) {
    ListenerEntry entry;
    entry.kind = static_cast<std::uint8_t>(event);
    entry.place = place;
    entry.call = [listener = std::move(listener)](void* call) {
        const auto& now = *static_cast<const SchemaCall*>(call);
        listener(now.connection, *now.metadata);
    };
    return registry.add(std::move(entry));
}

} // namespace

Subscription SchemaEvents::before_create(OfTable listener, CodePlace place) const {
    return add_table(*registry_, SchemaEvent::BeforeCreate, table_, std::move(listener), place);
}
Subscription SchemaEvents::after_create(OfTable listener, CodePlace place) const {
    return add_table(*registry_, SchemaEvent::AfterCreate, table_, std::move(listener), place);
}
Subscription SchemaEvents::before_drop(OfTable listener, CodePlace place) const {
    return add_table(*registry_, SchemaEvent::BeforeDrop, table_, std::move(listener), place);
}
Subscription SchemaEvents::after_drop(OfTable listener, CodePlace place) const {
    return add_table(*registry_, SchemaEvent::AfterDrop, table_, std::move(listener), place);
}
Subscription SchemaEvents::before_create_all(OfSchema listener, CodePlace place) const {
    return add_schema(*registry_, SchemaEvent::BeforeCreateAll, std::move(listener), place);
}
Subscription SchemaEvents::after_create_all(OfSchema listener, CodePlace place) const {
    return add_schema(*registry_, SchemaEvent::AfterCreateAll, std::move(listener), place);
}
Subscription SchemaEvents::before_drop_all(OfSchema listener, CodePlace place) const {
    return add_schema(*registry_, SchemaEvent::BeforeDropAll, std::move(listener), place);
}
Subscription SchemaEvents::after_drop_all(OfSchema listener, CodePlace place) const {
    return add_schema(*registry_, SchemaEvent::AfterDropAll, std::move(listener), place);
}

namespace {

void tell(const ListenerRegistry& listeners, SchemaEvent event, SchemaCall call) {
    listeners.tell(static_cast<std::uint8_t>(event), &call);
}

} // namespace

void run_schema(Connection& connection, const ListenerRegistry& listeners, const MetaData& metadata,
                const std::vector<SchemaStep>& steps, bool creates) {
    using enum SchemaEvent;
    Transaction transaction(connection);
    tell(listeners, creates ? BeforeCreateAll : BeforeDropAll, {connection, nullptr, &metadata});
    const Table* current = nullptr;
    const auto go_on_to = [&](const Table* table) {
        if (table == current) return;
        if (current != nullptr)
            tell(listeners, creates ? AfterCreate : AfterDrop, {connection, current, nullptr});
        current = table;
        if (current != nullptr)
            tell(listeners, creates ? BeforeCreate : BeforeDrop, {connection, current, nullptr});
    };
    for (const auto& step : steps) {
        go_on_to(step.table);
        connection.execute_script(step.sql);
    }
    go_on_to(nullptr);
    tell(listeners, creates ? AfterCreateAll : AfterDropAll, {connection, nullptr, &metadata});
    transaction.commit();
}

} // namespace mercator
