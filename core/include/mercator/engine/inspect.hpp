// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/dialect.hpp>
#include <mercator/dialect/inspector.hpp>
#include <mercator/engine/connection.hpp>
#include <mercator/schema/metadata.hpp>
#include <mercator/support/export.hpp>

#include <memory>
#include <string>
#include <vector>

namespace mercator {

class Engine;

/// Looks at the schema that is really in a database: `inspect(engine).has_table("users")`. Holds a
/// connection of the pool as long as it lives; move-only; one thread at a time. Every call asks the
/// database, nothing is remembered. What is not there is an empty answer.
class MERCATOR_API SchemaInspector {
public:
    explicit SchemaInspector(Engine& engine);
    SchemaInspector(SchemaInspector&&) noexcept;
    SchemaInspector& operator=(SchemaInspector&&) noexcept;
    ~SchemaInspector();

    [[nodiscard]] const Dialect& dialect() const noexcept { return *dialect_; }

    [[nodiscard]] std::vector<std::string> schema_names();
    /// Views excluded, sorted. Without a schema: where the connection looks first.
    [[nodiscard]] std::vector<std::string> table_names(const std::string& schema = {});
    [[nodiscard]] bool has_table(const TableName& table);
    [[nodiscard]] std::vector<ReflectedColumn> columns(const TableName& table);
    [[nodiscard]] ReflectedPrimaryKey primary_key(const TableName& table);
    [[nodiscard]] std::vector<ForeignKey> foreign_keys(const TableName& table);
    [[nodiscard]] std::vector<UniqueConstraint> unique_constraints(const TableName& table);
    /// Those of primary and foreign keys excluded. A unique index may be told as a unique
    /// constraint too, where the database makes no difference.
    [[nodiscard]] std::vector<Index> indexes(const TableName& table);
    [[nodiscard]] std::vector<ReflectedCheck> checks(const TableName& table);
    [[nodiscard]] std::string comment(const TableName& table);
    /// Values of the dialect's table options, in the form of `Table::options`.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> options(const TableName& table);

    /// The table as a description that can be created again, on this database or, where no column
    /// needs its `native_type`, on another. Checks and defaults are the database's own text. Throws
    /// ArgumentError if there is no such table.
    [[nodiscard]] Table reflect(const TableName& table);
    /// All tables of a schema.
    [[nodiscard]] MetaData reflect_all(const std::string& schema = {});

    /// Readable DDL of all tables, referred ones first: one statement per entry.
    [[nodiscard]] std::vector<std::string> to_sql(const std::string& schema = {});
    /// The same for one table.
    [[nodiscard]] std::vector<std::string> table_sql(const TableName& table);

private:
    friend class SchemaVerifier;
    [[nodiscard]] Inspector& inspector() const noexcept { return *inspector_; }

    const Dialect* dialect_;
    Connection connection_;
    std::unique_ptr<Inspector> inspector_; ///< looks through the connection
};

[[nodiscard]] inline SchemaInspector inspect(Engine& engine) {
    return SchemaInspector(engine);
}

} // namespace mercator
