// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/driver.hpp>
#include <mercator/dialect/inspector.hpp>

#include <initializer_list>
#include <string>
#include <vector>

namespace mercator::postgresql {

/// Reads pg_catalog, for the first schema of the search path where none is named.
class PostgresqlInspector final : public Inspector {
public:
    explicit PostgresqlInspector(DriverConnection& connection) : connection_(connection) {}
    [[nodiscard]] std::vector<std::string> table_names_in(const std::string& schema) override;
    [[nodiscard]] std::vector<std::string> schema_names() override;
    [[nodiscard]] std::vector<std::string> enum_type_names() override;
    [[nodiscard]] std::vector<ReflectedColumn> columns(const TableName& table) override;
    [[nodiscard]] ReflectedPrimaryKey primary_key(const TableName& table) override;
    [[nodiscard]] std::vector<ForeignKey> foreign_keys(const TableName& table) override;
    [[nodiscard]] std::vector<UniqueConstraint> unique_constraints(const TableName& table) override;
    [[nodiscard]] std::vector<Index> indexes(const TableName& table) override;
    [[nodiscard]] std::vector<ReflectedCheck> checks(const TableName& table) override;
    [[nodiscard]] ReflectedDetails details(const TableName& table) override;
    [[nodiscard]] std::string canonical_type(std::string_view native) const override;

private:
    /// Constraints of a kind ('p', 'u') with their columns in order.
    [[nodiscard]] std::vector<UniqueConstraint> keys(const TableName& table, const char* kind);

    DriverConnection& connection_;
};

/// All rows of a statement whose parameters are texts.
[[nodiscard]] std::vector<std::vector<Value>>
read_rows(DriverConnection& connection, std::string sql,
          std::initializer_list<std::string> parameters);

} // namespace mercator::postgresql
