// SPDX-License-Identifier: MIT
#include "wire.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

namespace mercator::postgresql {
namespace {

struct WireFacts {
    Oid parameter;
    Oid array;
    const char* name;
};

constexpr std::array<WireFacts, 17> facts{{
    {oid::boolean, 1000, "boolean"},
    {oid::int2, 1005, "smallint"},
    {oid::int4, 1007, "integer"},
    {oid::int8, 1016, "bigint"},
    {oid::float4, 1021, "real"},
    {oid::float8, 1022, "double precision"},
    {oid::numeric, 1231, "numeric"},
    {oid::text, 1009, "text"},
    {oid::bytea, 1001, "bytea"},
    {oid::timestamptz, 1185, "timestamptz"},
    {oid::date, 1182, "date"},
    {oid::time, 1183, "time"},
    {oid::interval, 1187, "interval"},
    {oid::uuid, 2951, "uuid"},
    {oid::jsonb, 3807, "jsonb"},
    {0, 1009, "text"},
    {0, 1009, "text"},
}};

const WireFacts& facts_of(WireType type) noexcept {
    return facts[static_cast<std::size_t>(type)];
}

} // namespace

WireType wire_type(const SqlType& type) noexcept {
    switch (type.kind) {
    case TypeKind::Unknown:
        return WireType::Untyped;
    case TypeKind::Boolean:
        return WireType::Boolean;
    case TypeKind::Int8:
    case TypeKind::UInt8:
    case TypeKind::Int16:
        return WireType::Int2;
    case TypeKind::UInt16:
    case TypeKind::Int32:
        return WireType::Int4;
    case TypeKind::UInt32:
    case TypeKind::Int64:
        return WireType::Int8;
    case TypeKind::UInt64:
    case TypeKind::Numeric:
        return WireType::Numeric;
    case TypeKind::Float:
        return WireType::Float4;
    case TypeKind::Double:
        return WireType::Float8;
    case TypeKind::String:
    case TypeKind::Text:
    case TypeKind::Enum:
        return WireType::Text;
    case TypeKind::LargeBinary:
        return WireType::Bytea;
    case TypeKind::DateTime:
        return WireType::TimestampTz;
    case TypeKind::Date:
        return WireType::Date;
    case TypeKind::Time:
        return WireType::Time;
    case TypeKind::Interval:
        return WireType::Interval;
    case TypeKind::Uuid:
        return WireType::Uuid;
    case TypeKind::Json:
        return WireType::Jsonb;
    case TypeKind::Array:
        return WireType::Array;
    }
    return WireType::Untyped;
}

Oid parameter_oid(WireType type) noexcept {
    return facts_of(type).parameter;
}
Oid array_oid(WireType type) noexcept {
    return facts_of(type).array;
}
bool is_array(Oid type) noexcept {
    constexpr Oid other_arrays[] = {1002, 1003, 1014, 1015, 1115, 199}; // char to timestamp, json
    const auto is_it = [type](const auto& fact) { return fact.array == type; };
    return std::any_of(facts.begin(), facts.end(), is_it) ||
           std::find(std::begin(other_arrays), std::end(other_arrays), type) !=
               std::end(other_arrays);
}
const char* wire_name(WireType type) noexcept {
    return facts_of(type).name;
}

} // namespace mercator::postgresql
