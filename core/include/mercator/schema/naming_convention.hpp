// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <string>
#include <string_view>
#include <vector>

/// Names for constraints and indexes that were given none, so that every database has the same and
/// a migration can say which one it means. A name of more than 60 bytes is cut and ends in a hash
/// of the whole, so it stays distinct and the same on every run.
namespace mercator::schema {

[[nodiscard]] MERCATOR_API std::string primary_key_name(std::string_view table);
[[nodiscard]] MERCATOR_API std::string unique_name(std::string_view table,
                                                   const std::vector<std::string>& columns);
[[nodiscard]] MERCATOR_API std::string index_name(std::string_view table,
                                                  const std::vector<std::string>& columns);
[[nodiscard]] MERCATOR_API std::string foreign_key_name(std::string_view table,
                                                        const std::vector<std::string>& columns,
                                                        std::string_view target_table);
/// `number` counts the table's unnamed checks from 1.
[[nodiscard]] MERCATOR_API std::string check_name(std::string_view table, std::size_t number);

} // namespace mercator::schema
