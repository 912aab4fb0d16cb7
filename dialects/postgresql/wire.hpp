// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/types/sql_type.hpp>

#include <libpq-fe.h>

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>

namespace mercator::postgresql {

/// Numbers of the built-in types: fixed in every server, part of the protocol.
namespace oid {
inline constexpr Oid boolean = 16, bytea = 17, character = 18, name = 19, int8 = 20, int2 = 21,
                     int4 = 23, text = 25, oid_number = 26, xid = 28, json = 114, xml = 142, float4 = 700,
                     float8 = 701, unknown = 705, bpchar = 1042, varchar = 1043, date = 1082,
                     time = 1083, timestamp = 1114, timestamptz = 1184, interval = 1186,
                     numeric = 1700, void_ = 2278, uuid = 2950, jsonb = 3802;
} // namespace oid

/// How a parameter travels.
enum class WireType : std::uint8_t {
    Boolean,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Numeric,
    Text,
    Bytea,
    TimestampTz,
    Date,
    Time,
    Interval,
    Uuid,
    Jsonb,
    Array,  ///< as text, whose type stands in `SqlType::element`
    Untyped ///< as text whose type the server infers: for slots of Unknown type
};

[[nodiscard]] WireType wire_type(const SqlType& type) noexcept;
/// As text, where it travels alone.
[[nodiscard]] constexpr bool travels_as_text(WireType type) noexcept {
    return type == WireType::Untyped || type == WireType::Jsonb || type == WireType::Array;
}
/// Type numbers of a parameter and of an array of such.
[[nodiscard]] Oid parameter_oid(WireType type) noexcept;
[[nodiscard]] Oid array_oid(WireType type) noexcept;
/// Of the types that we read.
[[nodiscard]] bool is_array(Oid type) noexcept;
/// SQL name of the element type, for `$1::name[]`.
[[nodiscard]] const char* wire_name(WireType type) noexcept;

/// Days and microseconds from 1970-01-01, where our clock starts, to 2000-01-01, where PostgreSQL's
/// does.
inline constexpr std::int32_t epoch_days = 10'957;
inline constexpr std::int64_t epoch_microseconds = std::int64_t{epoch_days} * 86'400 * 1'000'000;

template <std::unsigned_integral T>
[[nodiscard]] constexpr T byte_swapped(T value) noexcept {
    if constexpr (sizeof(T) == 1 || std::endian::native == std::endian::big)
        return value;
    else if constexpr (sizeof(T) == 2)
        return __builtin_bswap16(value);
    else if constexpr (sizeof(T) == 4)
        return __builtin_bswap32(value);
    else
        return __builtin_bswap64(value);
}

/// Reads and writes integers in network byte order at any address.
template <std::integral T>
[[nodiscard]] T read_integer(const char* data) noexcept {
    std::make_unsigned_t<T> raw;
    std::memcpy(&raw, data, sizeof raw);
    return static_cast<T>(byte_swapped(raw));
}
template <std::integral T>
void write_integer(char* out, T value) noexcept {
    const auto raw = byte_swapped(static_cast<std::make_unsigned_t<T>>(value));
    std::memcpy(out, &raw, sizeof raw);
}

} // namespace mercator::postgresql
