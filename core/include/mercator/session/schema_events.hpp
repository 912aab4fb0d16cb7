// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/inspector.hpp>
#include <mercator/engine/connection.hpp>
#include <mercator/schema/metadata.hpp>
#include <mercator/schema/table.hpp>
#include <mercator/support/export.hpp>
#include <mercator/support/listener.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mercator {

/// SQL of the application's author that is run when tables are created or dropped, as a trigger:
///
///     db.on_table<User>().after_create(
///         Ddl("CREATE TRIGGER … ON {table} …").only_on({"sqlite"}));
///
/// `{table}` is replaced by the table's quoted name.
class MERCATOR_API Ddl {
public:
    explicit Ddl(std::string sql);
    /// For these dialects alone, by their names; others leave it out.
    [[nodiscard]] Ddl only_on(std::vector<std::string> dialects) &&;

    void operator()(Connection& connection, const Table& table) const;
    void operator()(Connection& connection, const MetaData& metadata) const;

private:
    [[nodiscard]] bool is_for(const Connection& connection) const;

    std::string sql_;
    std::vector<std::string> dialects_;
};

/// Events of `create_all` and `drop_all`, for one table or for all: what `db.on_table<T>()` and
/// `db.on_schema()` give. Listeners run inside the transaction that creates or drops, on its
/// connection; what they throw rolls it back, as far as the database can. They stay unless the
/// Subscription says otherwise.
class MERCATOR_API SchemaEvents {
public:
    using OfTable = std::function<void(Connection&, const Table&)>;
    using OfSchema = std::function<void(Connection&, const MetaData&)>;

    /// Of all tables, with an empty name.
    SchemaEvents(std::shared_ptr<ListenerRegistry> registry, TableName table) noexcept;
    ~SchemaEvents();

    // Of tables that are created or dropped; those that are there already, or not any more, are
    // not told of.
    Subscription before_create(OfTable listener, CodePlace place = CodePlace::here()) const;
    Subscription after_create(OfTable listener, CodePlace place = CodePlace::here()) const;
    Subscription before_drop(OfTable listener, CodePlace place = CodePlace::here()) const;
    Subscription after_drop(OfTable listener, CodePlace place = CodePlace::here()) const;

    // Once for each `create_all` or `drop_all`.
    Subscription before_create_all(OfSchema listener, CodePlace place = CodePlace::here()) const;
    Subscription after_create_all(OfSchema listener, CodePlace place = CodePlace::here()) const;
    Subscription before_drop_all(OfSchema listener, CodePlace place = CodePlace::here()) const;
    Subscription after_drop_all(OfSchema listener, CodePlace place = CodePlace::here()) const;

private:
    std::shared_ptr<ListenerRegistry> registry_;
    TableName table_;
};

} // namespace mercator
