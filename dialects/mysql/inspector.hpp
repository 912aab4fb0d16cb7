// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/driver.hpp>
#include <mercator/dialect/inspector.hpp>

namespace mercator::mysql {

/// Reads the current database's part of information_schema.
class Inspector final : public mercator::Inspector {
public:
    explicit Inspector(DriverConnection& connection) : connection_(&connection) {}

    [[nodiscard]] std::vector<std::string> table_names() override;
    [[nodiscard]] std::vector<ReflectedColumn> columns(const std::string& table) override;
    [[nodiscard]] std::vector<Index> indexes(const std::string& table) override;

private:
    using Rows = std::vector<std::vector<Value>>;
    [[nodiscard]] Rows query(std::string_view sql, const std::vector<Value>& parameters);

    DriverConnection* connection_;
};

} // namespace mercator::mysql
