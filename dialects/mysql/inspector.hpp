// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/inspector.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mercator::mysql {

class Connection;

/// Reads information_schema; a schema is a database, without one it is the current one. The server
/// keeps no unique constraints apart from unique indexes: such an index is told as both.
class Inspector final : public mercator::Inspector {
public:
    explicit Inspector(Connection& connection) : connection_(&connection) {}

    [[nodiscard]] std::vector<std::string> table_names_in(const std::string& schema) override;
    [[nodiscard]] std::vector<std::string> schema_names() override;
    [[nodiscard]] std::vector<ReflectedColumn> columns(const TableName& table) override;
    [[nodiscard]] ReflectedPrimaryKey primary_key(const TableName& table) override;
    [[nodiscard]] std::vector<ForeignKey> foreign_keys(const TableName& table) override;
    [[nodiscard]] std::vector<UniqueConstraint> unique_constraints(const TableName& table) override;
    [[nodiscard]] std::vector<Index> indexes(const TableName& table) override;
    [[nodiscard]] std::vector<ReflectedCheck> checks(const TableName& table) override;
    [[nodiscard]] ReflectedDetails details(const TableName& table) override;
    [[nodiscard]] std::string canonical_type(std::string_view native) const override;

private:
    using Rows = std::vector<std::vector<Value>>;
    [[nodiscard]] Rows query(const std::string& sql, const std::vector<Value>& parameters);
    /// Rows about one table. `columns` begins with the table's name, which the server compares
    /// without looking at case; `rest` follows the condition.
    [[nodiscard]] Rows about(const TableName& table, std::string_view columns,
                             std::string_view from, std::string_view rest);
    /// Every index of the table, the primary key's and those of foreign keys included.
    [[nodiscard]] std::vector<Index> all_indexes(const TableName& table);
    /// With those that stand for the word JSON.
    [[nodiscard]] std::vector<ReflectedCheck> all_checks(const TableName& table);
    [[nodiscard]] std::string default_of(const std::string& told, const std::string& native_type,
                                         const std::string& extra) const;

    Connection* connection_;
};

} // namespace mercator::mysql
