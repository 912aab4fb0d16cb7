// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/dialect.hpp>
#include <mercator/schema/metadata.hpp>
#include <mercator/support/export.hpp>

#include <string>
#include <vector>

namespace mercator {
inline namespace abi1 {

/// One statement of a creation or removal, and the table that it creates with its indexes, or
/// removes; nullptr for types, and for foreign keys that close a cycle.
struct SchemaStep {
    const Table* table;
    std::string sql;
};

/// As `creation_statements`; the statements of one table stand together.
[[nodiscard]] MERCATOR_API std::vector<SchemaStep>
creation_steps(const Dialect& dialect, const MetaData& metadata,
               const std::vector<TableName>& existing = {},
               const std::vector<std::string>& existing_types = {});

/// The statements that create the tables of `metadata` which are not among `existing`, in an order
/// in which they run: types of enums that are not among `existing_types`, referred tables first,
/// foreign keys that close a cycle last.
[[nodiscard]] MERCATOR_API std::vector<std::string>
creation_statements(const Dialect& dialect, const MetaData& metadata,
                    const std::vector<TableName>& existing = {},
                    const std::vector<std::string>& existing_types = {});
/// The enum types of the tables (see NativeEnum), each once, in the order of their first use.
/// Throws CompileError where two that differ share a name.
[[nodiscard]] MERCATOR_API std::vector<SqlType> enum_types(const Dialect& dialect,
                                                           const MetaData& metadata);

/// The native type of a reflected column with the clauses that belong to it: where it is not the
/// table's its collation, and what it is computed from.
[[nodiscard]] MERCATOR_API std::string native_type_with_clauses(const Dialect& dialect,
                                                                const ReflectedColumn& column);

} // namespace abi1
} // namespace mercator
