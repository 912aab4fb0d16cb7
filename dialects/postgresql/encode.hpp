// SPDX-License-Identifier: MIT
#pragma once

#include "bind.hpp"
#include "numeric.hpp"
#include "text.hpp"
#include "wire.hpp"

#include <mercator/support/error.hpp>
#include <mercator/types/field.hpp>

#include <fmt/format.h>

#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// Typed encoders, one overload family per C++ type; included by bind.cpp (single parameters) and
/// array.cpp (columns of them).
namespace mercator::postgresql {

/// A parameter's type in both views.
struct SlotType {
    WireType wire;
    const SqlType* type;
};

[[noreturn]] void throw_misfit(const SqlType& type, std::string_view where);
[[noreturn]] void throw_too_large(const SqlType& type, std::string_view where);
/// At the scale and within the digits of the type, or a DataError.
[[nodiscard]] Decimal checked_decimal(const Decimal& value, const SqlType& type,
                                      std::string_view where);
void check_storable(DateTime moment, std::string_view where);
void check_storable(Date day, std::string_view where);

template <class Wire>
Encoded encode_integer_as(auto value, const SlotType& slot, char* scratch, std::string_view where) {
    if (!std::in_range<Wire>(value)) throw_too_large(*slot.type, where);
    write_integer(scratch, static_cast<Wire>(value));
    return {scratch, sizeof(Wire)};
}

inline Encoded encode_double(double value, char* scratch) {
    write_integer(scratch, std::bit_cast<std::uint64_t>(value));
    return {scratch, sizeof value};
}
inline Encoded encode_float(float value, char* scratch) {
    write_integer(scratch, std::bit_cast<std::uint32_t>(value));
    return {scratch, sizeof value};
}

/// For parameters of Unknown type: text with a closing zero.
template <class T>
Encoded encode_as_text(const T& value, char* scratch) {
    const auto end = fmt::format_to_n(scratch, scratch_bytes - 1, "{}", value).out;
    *end = '\0';
    return {scratch, static_cast<std::size_t>(end - scratch)};
}

inline Encoded encode(const SlotType& slot, const bool& value, char* scratch,
                      std::string_view where) {
    if (slot.wire == WireType::Untyped) return encode_as_text(value, scratch);
    if (slot.wire != WireType::Boolean) throw_misfit(*slot.type, where);
    *scratch = value ? 1 : 0;
    return {scratch, 1};
}

inline Encoded encode(const SlotType& slot, const Decimal& value, char* scratch,
                      std::string_view where) {
    switch (slot.wire) {
    case WireType::Numeric:
        return {scratch, encode_numeric(checked_decimal(value, *slot.type, where), scratch)};
    case WireType::Float8:
        return encode_double(value.to_double(), scratch);
    case WireType::Untyped: {
        const std::size_t length = value.write_text(scratch);
        scratch[length] = '\0';
        return {scratch, length};
    }
    default:
        throw_misfit(*slot.type, where);
    }
}

template <class T>
requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) Encoded
    encode(const SlotType& slot, const T& value, char* scratch, std::string_view where) {
    switch (slot.wire) {
    case WireType::Int8:
        return encode_integer_as<std::int64_t>(value, slot, scratch, where);
    case WireType::Int4:
        return encode_integer_as<std::int32_t>(value, slot, scratch, where);
    case WireType::Int2:
        return encode_integer_as<std::int16_t>(value, slot, scratch, where);
    case WireType::Numeric:
        return encode(slot, Decimal(value), scratch, where);
    case WireType::Float8:
        return encode_double(static_cast<double>(value), scratch);
    case WireType::Float4:
        return encode_float(static_cast<float>(value), scratch);
    case WireType::Untyped:
        // Not as the narrow types, which fmt takes for characters.
        return encode_as_text(
            static_cast<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(
                value),
            scratch);
    default:
        throw_misfit(*slot.type, where);
    }
}

template <class T>
requires std::is_floating_point_v<T> Encoded encode(const SlotType& slot, const T& value,
                                                    char* scratch, std::string_view where) {
    switch (slot.wire) {
    case WireType::Float8:
        return encode_double(double{value}, scratch);
    case WireType::Float4:
        // Fewer digits are what the column is declared for; infinity is another number.
        if (std::isfinite(value) &&
            std::fabs(value) > static_cast<T>(std::numeric_limits<float>::max()))
            throw_too_large(*slot.type, where);
        return encode_float(static_cast<float>(value), scratch);
    case WireType::Untyped:
        return encode_as_text(value, scratch);
    default:
        throw_misfit(*slot.type, where);
    }
}

inline Encoded encode(const SlotType& slot, const std::string& value, char*,
                      std::string_view where) {
    if (slot.wire != WireType::Text && !travels_as_text(slot.wire)) throw_misfit(*slot.type, where);
    check_text(value, slot.type->kind == TypeKind::String ? slot.type->length : 0, where);
    return {value.c_str(), value.size()};
}

inline Encoded encode(const SlotType& slot, const Bytes& value, char*, std::string_view where) {
    if (slot.wire != WireType::Bytea) throw_misfit(*slot.type, where);
    // The address of an empty vector may be null, which would mean NULL.
    return {value.empty() ? "" : reinterpret_cast<const char*>(value.data()), value.size()};
}

inline Encoded encode(const SlotType& slot, const DateTime& value, char* scratch,
                      std::string_view where) {
    check_storable(value, where);
    if (slot.wire == WireType::Untyped) {
        const std::size_t length = write_text(value, scratch);
        scratch[length] = '\0';
        return {scratch, length};
    }
    if (slot.wire != WireType::TimestampTz) throw_misfit(*slot.type, where);
    write_integer(scratch, value.time_since_epoch().count() - epoch_microseconds);
    return {scratch, sizeof(std::int64_t)};
}

inline Encoded encode(const SlotType& slot, const Date& value, char* scratch,
                      std::string_view where) {
    check_storable(value, where);
    const auto day = std::chrono::sys_days{value};
    if (slot.wire == WireType::TimestampTz) return encode(slot, DateTime{day}, scratch, where);
    if (slot.wire == WireType::Untyped) {
        const std::size_t length = write_text(value, scratch);
        scratch[length] = '\0';
        return {scratch, length};
    }
    if (slot.wire != WireType::Date) throw_misfit(*slot.type, where);
    write_integer(scratch, static_cast<std::int32_t>(day.time_since_epoch().count() - epoch_days));
    return {scratch, sizeof(std::int32_t)};
}

template <class T>
Encoded encode_untyped_time(T value, char* scratch) {
    const std::size_t length = write_text(value, scratch);
    scratch[length] = '\0';
    return {scratch, length};
}

/// Microseconds, days, months: the latter two stay zero, as their length is nobody's business.
inline Encoded encode(const SlotType& slot, const Interval& value, char* scratch,
                      std::string_view where) {
    if (slot.wire == WireType::Untyped) return encode_untyped_time(value, scratch);
    if (slot.wire != WireType::Interval) throw_misfit(*slot.type, where);
    write_integer(scratch, value.count());
    write_integer(scratch + sizeof(std::int64_t), std::int64_t{0});
    return {scratch, 2 * sizeof(std::int64_t)};
}

inline Encoded encode(const SlotType& slot, const Time& value, char* scratch,
                      std::string_view where) {
    if (slot.wire == WireType::Interval)
        return encode(slot, value.since_midnight(), scratch, where);
    if (slot.wire == WireType::Untyped) return encode_untyped_time(value, scratch);
    if (slot.wire != WireType::Time) throw_misfit(*slot.type, where);
    write_integer(scratch, value.since_midnight().count());
    return {scratch, sizeof(std::int64_t)};
}

inline Encoded encode(const SlotType& slot, const Uuid& value, char* scratch,
                      std::string_view where) {
    switch (slot.wire) {
    case WireType::Uuid:
    case WireType::Bytea:
        std::memcpy(scratch, value.bytes().data(), value.bytes().size());
        return {scratch, value.bytes().size()};
    case WireType::Text:
    case WireType::Untyped:
        value.write_text(scratch);
        scratch[Uuid::text_size] = '\0';
        return {scratch, Uuid::text_size};
    default:
        throw_misfit(*slot.type, where);
    }
}

/// The member of a field, or nullptr for an empty optional.
template <class T>
const T* member_of(const Field& field, const std::byte* object) noexcept {
    const std::byte* address = object + field.offset;
    if (!field.optional) return reinterpret_cast<const T*>(address);
    const auto& holder = *reinterpret_cast<const std::optional<T>*>(address);
    return holder ? &*holder : nullptr;
}

} // namespace mercator::postgresql
