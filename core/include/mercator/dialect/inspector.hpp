// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/schema/constraint.hpp>
#include <mercator/schema/foreign_key.hpp>
#include <mercator/schema/index.hpp>
#include <mercator/support/export.hpp>
#include <mercator/types/sql_type.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mercator {
inline namespace abi1 {

/// A table by name; without a schema it is looked for where the connection looks first.
struct TableName {
    std::string name;
    std::string schema;

    TableName(std::string table) : name(std::move(table)) {} // NOLINT(google-explicit-constructor)
    TableName(const char* table) : name(table) {}            // NOLINT(google-explicit-constructor)
    TableName(std::string table, std::string of_schema) :
        name(std::move(table)),
        schema(std::move(of_schema)) {}

    friend bool operator==(const TableName&, const TableName&) = default;
};

/// A native type taken apart: "timestamp(6) with time zone" is the name "timestamp with time zone"
/// and the number 6. Small letters.
struct MERCATOR_API NativeType {
    std::string name;
    std::vector<std::uint32_t> numbers;

    [[nodiscard]] static NativeType parse(std::string_view text);
    /// The number at that place, or 0.
    [[nodiscard]] std::uint32_t number(std::size_t at) const noexcept {
        return at < numbers.size() ? numbers[at] : 0;
    }
};

/// A column as the database describes it.
struct ReflectedColumn {
    std::string name;
    std::string native_type; ///< as the database spells it
    bool nullable = true;
    bool primary_key = false;
    SqlType type{}; ///< as far as the native type tells; Unknown where it does not
    /// What stands behind DEFAULT, as SQL text; none where the database makes the key.
    std::optional<std::string> default_text{};
    std::string comment{};
    std::string collation{}; ///< where it is not the table's
    std::string computed{};  ///< what a generated column is computed from, with its kind of storage
    bool generated_key = false; ///< the database makes the value of this key
};

struct ReflectedPrimaryKey {
    std::string name; ///< empty where the database keeps none
    std::vector<std::string> columns;
};

struct ReflectedCheck {
    std::string name;
    std::string text; ///< as the database spells it, which is seldom what was written
};

/// What a database knows about a table as a whole.
struct ReflectedDetails {
    std::string comment;
    /// The options that `Table::options` can give and that this dialect can see, with values in the
    /// same form; a switch is "true" or "false".
    std::vector<std::pair<std::string, std::string>> options;
};

/// Reads the schema that is really there. Made per connection by the dialect; lives no longer than
/// the connection. What is not there is an empty answer, no error. Users have `inspect(engine)`.
class MERCATOR_API Inspector {
public:
    virtual ~Inspector();

    /// Tables where the connection looks first, views excluded, sorted by name.
    [[nodiscard]] std::vector<std::string> table_names() { return table_names_in({}); }
    [[nodiscard]] virtual std::vector<std::string> table_names_in(const std::string& schema) = 0;
    /// Schemas that may hold tables of users, sorted.
    [[nodiscard]] virtual std::vector<std::string> schema_names();
    [[nodiscard]] bool has_table(const TableName& table);
    /// Names of enums that are types of their own, where the connection looks first. None in the
    /// base.
    [[nodiscard]] virtual std::vector<std::string> enum_type_names();

    [[nodiscard]] virtual std::vector<ReflectedColumn> columns(const TableName& table) = 0;
    [[nodiscard]] virtual ReflectedPrimaryKey primary_key(const TableName& table);
    /// Sorted by name, as all lists of named things are.
    [[nodiscard]] virtual std::vector<ForeignKey> foreign_keys(const TableName& table);
    [[nodiscard]] virtual std::vector<UniqueConstraint> unique_constraints(const TableName& table);
    /// Indexes, those excluded that belong to a primary key, a foreign key, or a unique constraint
    /// which the database tells from a unique index.
    [[nodiscard]] virtual std::vector<Index> indexes(const TableName& table) = 0;
    [[nodiscard]] virtual std::vector<ReflectedCheck> checks(const TableName& table);
    [[nodiscard]] virtual ReflectedDetails details(const TableName& table);

    /// One spelling for all spellings of a type: what a TypeCompiler writes and what the catalogue
    /// says of it are the same type when this makes the same of both. The base makes letters small
    /// and leaves out blanks beside brackets and commas.
    [[nodiscard]] virtual std::string canonical_type(std::string_view native) const;
};

} // namespace abi1
} // namespace mercator
