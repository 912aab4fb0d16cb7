// SPDX-License-Identifier: MIT
#pragma once

#include "schema_text.hpp"

#include <mercator/dialect/inspector.hpp>

#include <string>
#include <vector>

namespace mercator::sqlite {

class SqliteConnection;

/// Reads the schema through SQLite's table-valued pragmas, and what they do not tell from the text
/// of CREATE TABLE. A schema is an attached database; without one it is "main".
class SqliteInspector final : public Inspector {
public:
    explicit SqliteInspector(SqliteConnection& connection) : connection_(connection) {}
    [[nodiscard]] std::vector<std::string> table_names_in(const std::string& schema) override;
    [[nodiscard]] std::vector<std::string> schema_names() override;
    [[nodiscard]] std::vector<ReflectedColumn> columns(const TableName& table) override;
    [[nodiscard]] ReflectedPrimaryKey primary_key(const TableName& table) override;
    [[nodiscard]] std::vector<ForeignKey> foreign_keys(const TableName& table) override;
    [[nodiscard]] std::vector<UniqueConstraint> unique_constraints(const TableName& table) override;
    [[nodiscard]] std::vector<Index> indexes(const TableName& table) override;
    [[nodiscard]] std::vector<ReflectedCheck> checks(const TableName& table) override;
    [[nodiscard]] ReflectedDetails details(const TableName& table) override;

private:
    [[nodiscard]] TableText text_of(const TableName& table);
    [[nodiscard]] Index index(const TableName& table, const std::string& name, bool unique);

    SqliteConnection& connection_;
};

} // namespace mercator::sqlite
