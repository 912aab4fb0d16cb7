// SPDX-License-Identifier: MIT
#pragma once

#include "driver.hpp"

#include <mercator/dialect/inspector.hpp>

namespace mercator::ansi {

/// There is no database to look at, so nothing is there, except the tables that this process
/// created through the recorder.
class AnsiInspector final : public Inspector {
public:
    explicit AnsiInspector(AnsiConnection& connection) : connection_(connection) {}
    [[nodiscard]] std::vector<std::string> table_names_in(const std::string& schema) override;
    [[nodiscard]] std::vector<ReflectedColumn> columns(const TableName& table) override;
    [[nodiscard]] std::vector<Index> indexes(const TableName& table) override;

private:
    AnsiConnection& connection_;
};

} // namespace mercator::ansi
