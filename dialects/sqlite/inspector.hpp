// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/inspector.hpp>

#include <string>
#include <vector>

namespace mercator::sqlite {

class SqliteConnection;

/// Reads the schema through SQLite's table-valued pragmas.
class SqliteInspector final : public Inspector {
public:
    explicit SqliteInspector(SqliteConnection& connection) : connection_(connection) {}
    [[nodiscard]] std::vector<std::string> table_names() override;
    [[nodiscard]] std::vector<ReflectedColumn> columns(const std::string& table) override;
    [[nodiscard]] std::vector<Index> indexes(const std::string& table) override;

private:
    [[nodiscard]] std::vector<std::string> index_columns(const std::string& index);

    SqliteConnection& connection_;
};

} // namespace mercator::sqlite
