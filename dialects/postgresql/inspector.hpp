// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/driver.hpp>
#include <mercator/dialect/inspector.hpp>

#include <initializer_list>
#include <string>
#include <vector>

namespace mercator::postgresql {

/// Reads pg_catalog for the first schema of the search path.
class PostgresqlInspector final : public Inspector {
public:
    explicit PostgresqlInspector(DriverConnection& connection) : connection_(connection) {}
    [[nodiscard]] std::vector<std::string> table_names() override;
    [[nodiscard]] std::vector<ReflectedColumn> columns(const std::string& table) override;
    [[nodiscard]] std::vector<Index> indexes(const std::string& table) override;

private:
    DriverConnection& connection_;
};

/// All rows of a statement whose parameters are texts.
[[nodiscard]] std::vector<std::vector<Value>>
read_rows(DriverConnection& connection, std::string sql,
          std::initializer_list<std::string> parameters);

} // namespace mercator::postgresql
