// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/schema/foreign_key.hpp>
#include <mercator/schema/index.hpp>
#include <mercator/support/export.hpp>

#include <string>
#include <vector>

namespace mercator {
inline namespace abi1 {

class DriverConnection;

/// A column as the database describes it.
struct ReflectedColumn {
    std::string name;
    std::string native_type;
    bool nullable = true;
    bool primary_key = false;
};

/// Reads the schema that is really there. Made per connection by the dialect; lives no longer than
/// the connection.
class MERCATOR_API Inspector {
public:
    virtual ~Inspector();
    /// Tables of the current database or schema, views excluded, sorted by name.
    [[nodiscard]] virtual std::vector<std::string> table_names() = 0;
    [[nodiscard]] virtual std::vector<ReflectedColumn> columns(const std::string& table) = 0;
    /// Indexes, those behind primary keys excluded.
    [[nodiscard]] virtual std::vector<Index> indexes(const std::string& table) = 0;
    [[nodiscard]] bool has_table(const std::string& table);
};

} // namespace abi1
} // namespace mercator
