// SPDX-License-Identifier: MIT
#include <mercator/state/identity_key.hpp>

#include "packed_value.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <functional>
#include <limits>

namespace mercator {

namespace {

/// Integers of all widths as one 64-bit pattern.
std::uint64_t integer_pattern(const Field& field, const std::byte* member) {
    return visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) -> std::uint64_t {
        if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
            return static_cast<std::uint64_t>(
                static_cast<std::int64_t>(*reinterpret_cast<const T*>(member)));
        } else {
            return 0;
        }
    });
}

Value canonical(Value value) {
    if (const auto* number = value.get_if<std::uint64_t>();
        number != nullptr && *number <= INT64_MAX) {
        return Value(static_cast<std::int64_t>(*number));
    }
    return value;
}

void append(std::string& bytes, const Value& value) {
    const std::string part = pack_value(canonical(value));
    const auto size = static_cast<std::uint32_t>(part.size());
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
    bytes.append(part);
}

void finish(IdentityKey& key) {
    key.hash = mix_key(std::hash<std::string>()(key.bytes));
}

std::uint64_t integer_pattern(const ColumnProperty& property, const Value& value) {
    // Beyond the signs in common, two different numbers would have one pattern.
    const bool is_unsigned = property.field.kind >= FieldKind::UInt8;
    if (const auto* number = value.get_if<std::int64_t>();
        number != nullptr && (*number >= 0 || !is_unsigned)) {
        return static_cast<std::uint64_t>(*number);
    }
    if (const auto* number = value.get_if<std::uint64_t>();
        number != nullptr && (*number <= INT64_MAX || is_unsigned)) {
        return *number;
    }
    if (value.kind() == ValueKind::Integer || value.kind() == ValueKind::Unsigned) {
        throw_data_error("the number is out of range for the key", property.where);
    }
    throw_data_error("the key of this class is an integer; give get() an integer", property.where);
}

/// Brings a value into the form that the column's member would give it, by way of the member's own
/// type.
Value as_member(const ColumnProperty& property, const Value& value) {
    if (property.field.kind == FieldKind::Codec) return value;
    return visit_field_type(property.field.kind, [&]<class T>(std::type_identity<T>) -> Value {
        T member{};
        Field field = property.field;
        field.offset = 0;
        field.optional = false;
        store(field, reinterpret_cast<std::byte*>(&member), value);
        return Value(std::move(member));
    });
}

} // namespace

void identity_of(const Mapper& mapper, const std::byte* object, IdentityKey& key) {
    key.bytes.clear();
    if (mapper.has_integer_key()) {
        const Field& field = mapper.columns()[mapper.primary_key().front()].field;
        key.hash = mix_key(integer_pattern(field, object + field.offset));
        return;
    }
    for (const auto index : mapper.primary_key())
        append(key.bytes, load(mapper.columns()[index].field, object));
    finish(key);
}

void identity_of(const Mapper& mapper, std::span<const Value> values, IdentityKey& key) {
    key.bytes.clear();
    if (values.size() != mapper.primary_key().size()) {
        throw ArgumentError(
            fmt::format("{} has a key of {} column(s), but get() was given {} value(s)",
                        mapper.class_name(), mapper.primary_key().size(), values.size()),
            std::string(mapper.class_name()));
    }
    if (mapper.has_integer_key()) {
        key.hash = mix_key(
            integer_pattern(mapper.columns()[mapper.primary_key().front()], values.front()));
        return;
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        append(key.bytes, as_member(mapper.columns()[mapper.primary_key()[i]], values[i]));
    }
    finish(key);
}

void pack_key(std::span<const Value> values, std::string& bytes) {
    bytes.clear();
    for (const Value& value : values) append(bytes, value);
}

} // namespace mercator
