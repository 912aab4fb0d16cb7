// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/error.hpp>
#include <mercator/types/dialect_info.hpp>
#include <mercator/types/sql_type.hpp>
#include <mercator/types/value.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace mercator {

/// The C++ type of a member, as far as a driver needs to know it to read or write it in place.
enum class FieldKind : std::uint8_t {
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
    String, ///< std::string
    Bytes,  ///< mercator::Bytes
    Decimal,
    DateTime,
    Date,
    Time,
    Interval,
    Uuid,
    Codec ///< a user's type (an enum, a decorated type): goes through `FieldCodec` and a Value
};

/// How a member of a type that drivers do not know becomes a storable Value and back. Static
/// storage. `load` returns NULL for an empty optional; `store` throws DataError for a value that
/// has no counterpart, and is called with NULL only for optional members. Two members whose Values
/// differ are different, unless `same` says of a member and the Value of another that they mean the
/// same (as the JSON numbers 1 and 1.0 do).
struct FieldCodec {
    Value (*load)(const void* member);
    void (*store)(void* member, const Value& value, std::string_view where);
    bool (*same)(const void* member, const Value& other) = nullptr;
    /// The codec for one database, by `DialectInfo::number`; none where all are served alike.
    const FieldCodec* (*for_dialect)(std::uint32_t number) = nullptr;
};

/// Where a value lives inside an object and what it is there: one step of a decode or bind plan.
/// With `optional`, the member is a std::optional of the kind's type. `where` ("User.email") is for
/// messages and outlives the plan.
struct Field {
    std::uint32_t offset = 0;
    FieldKind kind = FieldKind::Int64;
    bool optional = false;
    SqlType type;
    const FieldCodec* codec = nullptr;
    std::string_view where;
};

/// Calls `visitor` with std::type_identity<T> of the C++ type behind `kind` (not for
/// FieldKind::Codec): the one switch from which drivers, snapshots and binders take their typed
/// code.
template <class Visitor>
decltype(auto) visit_field_type(FieldKind kind, Visitor&& visitor) {
    switch (kind) {
    case FieldKind::Boolean:
        return visitor(std::type_identity<bool>{});
    case FieldKind::Int8:
        return visitor(std::type_identity<std::int8_t>{});
    case FieldKind::Int16:
        return visitor(std::type_identity<std::int16_t>{});
    case FieldKind::Int32:
        return visitor(std::type_identity<std::int32_t>{});
    case FieldKind::Int64:
        return visitor(std::type_identity<std::int64_t>{});
    case FieldKind::UInt8:
        return visitor(std::type_identity<std::uint8_t>{});
    case FieldKind::UInt16:
        return visitor(std::type_identity<std::uint16_t>{});
    case FieldKind::UInt32:
        return visitor(std::type_identity<std::uint32_t>{});
    case FieldKind::UInt64:
        return visitor(std::type_identity<std::uint64_t>{});
    case FieldKind::Float:
        return visitor(std::type_identity<float>{});
    case FieldKind::Double:
        return visitor(std::type_identity<double>{});
    case FieldKind::String:
        return visitor(std::type_identity<std::string>{});
    case FieldKind::Bytes:
        return visitor(std::type_identity<Bytes>{});
    case FieldKind::Decimal:
        return visitor(std::type_identity<Decimal>{});
    case FieldKind::DateTime:
        return visitor(std::type_identity<DateTime>{});
    case FieldKind::Date:
        return visitor(std::type_identity<Date>{});
    case FieldKind::Time:
        return visitor(std::type_identity<Time>{});
    case FieldKind::Interval:
        return visitor(std::type_identity<Interval>{});
    case FieldKind::Uuid:
        return visitor(std::type_identity<Uuid>{});
    case FieldKind::Codec:
        break;
    }
    throw StateError("a member with a codec has no driver type; read it through its FieldCodec");
}

/// The field as one database needs it: its conversions, and its type there.
[[nodiscard]] MERCATOR_API Field field_on(const Field& field, const DialectInfo& dialect);
/// Has the column a conversion of its own? Then the field of a result gets it.
MERCATOR_API void convert_as_column(Field& field);
/// For a TypeDecorator that throws: a DataError that names the type, and later the member.
/// `function` is what the compiler calls a function with the template argument T.
[[noreturn]] MERCATOR_API void throw_refused_bind(const char* function);
/// The error again, with the member's name if it has none yet.
[[noreturn]] MERCATOR_API void throw_naming(const DataError& error, std::string_view where);

/// The member as a Value: for messages, keys and dynamic use, not for hot paths.
[[nodiscard]] MERCATOR_API Value load(const Field& field, const std::byte* object);
/// Stores a Value into the member, with range and NULL checks; throws DataError naming
/// `field.where`.
MERCATOR_API void store(const Field& field, std::byte* object, const Value& value);

} // namespace mercator
