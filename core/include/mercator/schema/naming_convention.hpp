// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mercator {

class Table;

/// How constraints and indexes are named that were given no name, so that every database has the
/// same names and a migration can say which one it means. One pattern per kind, with tokens in
/// braces:
///
/// - `{table_name}`
/// - `{column_0_name}`, `{column_1_name}`, …: one of the columns
/// - `{column_0_N_name}`: all columns, with underscores between them
/// - `{referred_table_name}`, `{referred_column_0_name}`: of a foreign key
/// - `{number}`: counts the table's checks from 1
/// - `{constraint_name}`: the given name. A pattern with it is applied to given names too, which
///   are kept as they are otherwise; without a given name it is the number.
///
/// A longer name than `longest_name` bytes is cut and ends in a hash of the whole, so that it stays
/// distinct, and is the same on every run. The default fits every dialect of ours.
struct MERCATOR_API NamingConvention {
    std::string primary_key = "pk_{table_name}";
    std::string unique = "uq_{table_name}_{column_0_N_name}";
    std::string index = "ix_{table_name}_{column_0_N_name}";
    std::string foreign_key = "fk_{table_name}_{column_0_N_name}_{referred_table_name}";
    std::string check = "ck_{table_name}_{number}";
    std::size_t longest_name = 60;

    friend bool operator==(const NamingConvention&, const NamingConvention&) = default;

    /// Throws ArgumentError that names the pattern and the token it cannot have.
    void validate() const;
    /// Names everything of a completed table that has no name or the one that `before` gave it.
    void apply(Table& table, const NamingConvention& before) const;
};

} // namespace mercator

/// The names of the default convention.
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
