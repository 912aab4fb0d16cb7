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
    Enum, ///< one of a list of names, stored as VARCHAR
    Json, ///< a document; its Value is its text
    Array ///< of `SqlType::element`; its Value is the text of a JSON array
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

struct TypeRules; // types/type_rules.hpp

/// A column's or expression's SQL type. Small and trivially copyable, because every node of a tree
/// carries one.
struct SqlType {
    TypeKind kind = TypeKind::Unknown;
    DecimalStorage decimal_storage : 1 = DecimalStorage::Exact;
    TypeKind element : 6 = TypeKind::Unknown; ///< Array: what it holds; the rest describes that
    bool sensitive : 1 = false;       ///< of a column whose values no log and no message may show
    std::uint8_t precision = 0;       ///< Numeric: digits in all
    std::uint8_t scale = 0;           ///< Numeric: digits behind the point
    std::uint32_t length = 0;         ///< String, Text, LargeBinary: largest length, 0 = none given
    const TypeRules* rules = nullptr; ///< what few types have: names of an enum, variants, ...

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
    /// Is its Value a text? So are documents and arrays, which no text function takes.
    [[nodiscard]] constexpr bool has_text_value() const noexcept {
        return is_text() || kind == TypeKind::Json || kind == TypeKind::Array;
    }
    /// The same type but on one dialect: `Integer().with_variant("sqlite", BigInteger())`.
    [[nodiscard]] MERCATOR_API SqlType with_variant(std::string_view dialect, SqlType other) const;
    /// What the type is on that dialect.
    [[nodiscard]] MERCATOR_API SqlType on(std::string_view dialect) const noexcept;
    /// Of an Array: the type of what it holds.
    [[nodiscard]] constexpr SqlType element_type() const noexcept {
        SqlType type = *this;
        type.kind = element;
        type.element = TypeKind::Unknown;
        return type;
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
/// A JSON document: JSONB, JSON, or text that is checked to be JSON, whatever the database has. For
/// members of type nlohmann::json: include <mercator/types/json.hpp>.
[[nodiscard]] constexpr SqlType JsonDocument() noexcept {
    return SqlType(TypeKind::Json);
}

/// What `Array(Integer())` makes.
struct ArrayType {
    SqlType type;
    constexpr operator SqlType() const noexcept {
        return type;
    } // NOLINT(google-explicit-constructor)
    /// Kept as a JSON array, on every database.
    [[nodiscard]] constexpr SqlType as_json() const noexcept { return JsonDocument(); }
};
/// An array of the database: PostgreSQL's `integer[]`. Elsewhere there is none, and making the
/// table is an UnsupportedError; `Array(Integer()).as_json()` keeps the same values everywhere. For
/// members of type std::vector<T>: include <mercator/types/array.hpp>.
[[nodiscard]] constexpr ArrayType Array(SqlType element) noexcept {
    element.element = element.kind;
    element.kind = TypeKind::Array;
    return {element};
}

/// A type that the database knows by name and Mercator does not: `native_type("inet")`, an
/// extension's `native_type("vector(3)")`. `storage` is the type whose values travel. The name is
/// SQL text that the application's author writes. PostgreSQL reads such a column as text and casts
/// what is sent; a dialect that has no types of its own, as SQLite, declares `storage`; for other
/// databases say `with_variant`. What the type needs beyond that is a TypeDecorator's `read_sql`
/// and `write_sql`.
[[nodiscard]] MERCATOR_API SqlType native_type(std::string_view name, SqlType storage = Text());
/// For a member of an enum class: a type of the database's own with the enum's names. `name` is
/// what PostgreSQL calls it, where create_all() makes it before the tables and drop_all() drops it
/// after them; MySQL has ENUM('a', 'b'), other databases check the names. Columns of one enum may
/// share a name.
[[nodiscard]] MERCATOR_API SqlType NativeEnum(std::string_view name);

} // namespace mercator
