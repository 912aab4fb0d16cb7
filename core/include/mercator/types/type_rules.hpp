// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>
#include <mercator/types/sql_type.hpp>

#include <cstdint>
#include <string_view>

namespace mercator {

class Value;
struct FieldCodec;

/// Another type that takes a type's place on one dialect.
struct TypeVariant {
    std::string_view dialect;
    SqlType type;
};

/// What one column does with its values, beside what their C++ type does: see
/// `ColumnMapping::convert`.
struct ColumnConversion {
    /// A value of the member's type as it is stored: for values that are compared with the column.
    Value (*encode)(const Value& value);
    const FieldCodec* member;   ///< of the member's type without std::optional
    const FieldCodec* optional; ///< of a std::optional of it
    std::uint8_t kind;          ///< FieldKind of what is replaced by it
};

/// What a type is beyond its family; `SqlType::rules` points to it. Lives as long as the program:
/// constants, and what `kept` returns.
struct TypeRules {
    EnumLabels labels{};          ///< Enum: the names
    std::string_view native{};    ///< what the database calls the type
    bool is_enum_type = false;    ///< `native` is made of the labels, together with the tables
    bool is_cacheable = true;     ///< may statements with such values be kept?
    bool by_dialect = false;      ///< its conversions ask which database it is
    std::string_view cpp_type{};  ///< for messages; empty where nothing is told of it
    std::string_view read_sql{};  ///< SQL around a column that is read, which stands at "{}"
    std::string_view write_sql{}; ///< SQL around a value that is sent
    const ColumnConversion* conversion = nullptr;
    const TypeVariant* variants = nullptr;
    std::uint32_t variant_count = 0;
};

/// One lasting copy for all equal rules, texts included. Any thread.
[[nodiscard]] MERCATOR_API const TypeRules* kept(const TypeRules& rules);
/// What `over` says, and for the rest what `base` says; either may be nullptr.
[[nodiscard]] MERCATOR_API const TypeRules* merged(const TypeRules* base, const TypeRules* over);

/// The names of an enum type; nullptr for other types.
[[nodiscard]] constexpr const EnumLabels* labels_of(const SqlType& type) noexcept {
    return type.rules != nullptr && type.rules->labels.names != nullptr ? &type.rules->labels
                                                                        : nullptr;
}
/// Is it a type of the database's own that is made for the program's enum?
[[nodiscard]] constexpr bool is_enum_type(const SqlType& type) noexcept {
    return type.rules != nullptr && type.rules->is_enum_type;
}

} // namespace mercator
