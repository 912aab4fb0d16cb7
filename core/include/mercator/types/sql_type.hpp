// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>
#include <mercator/types/temporal.hpp>
#include <mercator/types/uuid.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace mercator {

/// Families of SQL types; a dialect's TypeCompiler gives each its native name.
enum class TypeKind : std::uint8_t {
    Unknown, ///< decided by the database
    Boolean,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float,
    Double,
    Numeric,
    String, ///< VARCHAR(length)
    Text,   ///< character data without a limit of ours
    LargeBinary,
    DateTime,
    Date,
    Time,     ///< of day
    Interval, ///< microseconds
    Uuid,
    Enum ///< one of a list of names, stored as VARCHAR
};

/// How exact decimals are kept where the database has no exact decimal of its own.
enum class DecimalStorage : std::uint8_t {
    Exact, ///< scaled integers up to 18 digits, sortable text above: compares, sorts and adds up
           ///< exactly
    Number ///< the database's own number type, for tables that somebody else writes
};

/// The names of an enumeration that is stored by name. Static storage: one per enum type, lives as
/// long as the program.
struct EnumLabels {
    const std::string_view* names = nullptr;
    std::uint32_t count = 0;
};

/// A column's or expression's SQL type. Small and trivially copyable, because every node of a tree
/// carries one.
struct SqlType {
    TypeKind kind = TypeKind::Unknown;
    DecimalStorage decimal_storage : 7 = DecimalStorage::Exact;
    bool sensitive : 1 = false; ///< of a column whose values no log and no message may show
    std::uint8_t precision = 0; ///< Numeric: digits in all
    std::uint8_t scale = 0;     ///< Numeric: digits behind the point
    std::uint32_t length = 0;   ///< String, Text, LargeBinary: largest length, 0 = none given
    const EnumLabels* labels = nullptr;

    constexpr SqlType() noexcept = default;
    constexpr explicit SqlType(TypeKind k) noexcept : kind(k) {}
    /// `Date()`, `DateTime()` and the like are C++ values; written as a type they mean the SQL type
    /// of that name.
    constexpr SqlType(mercator::Date) noexcept :
        kind(TypeKind::Date) {} // NOLINT(google-explicit-constructor)
    constexpr SqlType(mercator::DateTime) noexcept :
        kind(TypeKind::DateTime) {} // NOLINT(google-explicit-constructor)
    constexpr SqlType(mercator::Time) noexcept :
        kind(TypeKind::Time) {} // NOLINT(google-explicit-constructor)
    constexpr SqlType(mercator::Interval) noexcept :
        kind(TypeKind::Interval) {} // NOLINT(google-explicit-constructor)
    constexpr SqlType(mercator::Uuid) noexcept :
        kind(TypeKind::Uuid) {} // NOLINT(google-explicit-constructor)

    [[nodiscard]] constexpr bool is_integer() const noexcept {
        return kind >= TypeKind::Int8 && kind <= TypeKind::UInt64;
    }
    [[nodiscard]] constexpr bool is_text() const noexcept {
        return kind == TypeKind::String || kind == TypeKind::Text || kind == TypeKind::Enum;
    }
    friend constexpr bool operator==(const SqlType&, const SqlType&) noexcept = default;
};

/// For messages: "String(64)", "Numeric(10, 2)".
[[nodiscard]] MERCATOR_API std::string to_string(const SqlType& type);

[[nodiscard]] constexpr SqlType Boolean() noexcept {
    return SqlType(TypeKind::Boolean);
}
[[nodiscard]] constexpr SqlType SmallInteger() noexcept {
    return SqlType(TypeKind::Int16);
}
[[nodiscard]] constexpr SqlType Integer() noexcept {
    return SqlType(TypeKind::Int32);
}
[[nodiscard]] constexpr SqlType BigInteger() noexcept {
    return SqlType(TypeKind::Int64);
}
[[nodiscard]] constexpr SqlType Float() noexcept {
    return SqlType(TypeKind::Float);
}
[[nodiscard]] constexpr SqlType Double() noexcept {
    return SqlType(TypeKind::Double);
}
/// VARCHAR(length); longer text is refused before it is sent.
[[nodiscard]] constexpr SqlType String(std::uint32_t length) noexcept {
    SqlType type(TypeKind::String);
    type.length = length;
    return type;
}
/// Text of any length; `length` lets a backend choose among its text types.
[[nodiscard]] constexpr SqlType Text(std::uint32_t length = 0) noexcept {
    SqlType type(TypeKind::Text);
    type.length = length;
    return type;
}
[[nodiscard]] constexpr SqlType LargeBinary(std::uint32_t length = 0) noexcept {
    SqlType type(TypeKind::LargeBinary);
    type.length = length;
    return type;
}
/// Exact decimal of `precision` digits (at most 38), `scale` of them behind the point.
[[nodiscard]] constexpr SqlType Numeric(std::uint8_t precision, std::uint8_t scale,
                                        DecimalStorage storage = DecimalStorage::Exact) noexcept {
    SqlType type(TypeKind::Numeric);
    type.precision = precision;
    type.scale = scale;
    type.decimal_storage = storage;
    return type;
}

} // namespace mercator
