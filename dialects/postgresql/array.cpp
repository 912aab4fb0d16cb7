// SPDX-License-Identifier: MIT
#include "bind.hpp"

#include "array_text.hpp"
#include "encode.hpp"

namespace mercator::postgresql {
namespace {

constexpr std::size_t header_bytes = 20;
constexpr std::size_t has_null_at = 4;
constexpr std::int32_t null_length = -1;

template <class T>
void append_integer(std::string& out, T value) {
    char bytes[sizeof(T)];
    write_integer(bytes, value);
    out.append(bytes, sizeof bytes);
}

/// Dimensions, "has NULL" (set later), element type, size, lower bound.
void append_header(std::string& out, WireType wire, std::size_t size) {
    const bool is_text = wire == WireType::Untyped || wire == WireType::Array;
    const Oid element = is_text ? oid::text : parameter_oid(wire);
    append_integer(out, std::int32_t{1});
    append_integer(out, std::int32_t{0});
    append_integer(out, static_cast<std::uint32_t>(element));
    append_integer(out, static_cast<std::int32_t>(size));
    append_integer(out, std::int32_t{1});
}

void append_element(std::string& out, WireType wire, Encoded element) {
    if (element.data == nullptr) {
        append_integer(out, null_length);
        write_integer(out.data() + has_null_at, std::int32_t{1});
        return;
    }
    // Before the text of a document stands the version of its form.
    const std::size_t version_bytes = wire == WireType::Jsonb ? 1 : 0;
    append_integer(out, static_cast<std::int32_t>(element.length + version_bytes));
    out.append(version_bytes, '\1');
    out.append(element.data, element.length);
}

template <class T>
void append_members(std::string& out, const SlotType& slot, const Field& field,
                    std::span<const std::byte* const> rows) {
    char scratch[scratch_bytes];
    for (const std::byte* object : rows) {
        const T* member = member_of<T>(field, object);
        append_element(out, slot.wire,
                       member == nullptr ? Encoded{} : encode(slot, *member, scratch, field.where));
    }
}

void append_codec_members(std::string& out, const SlotType& slot, const Field& field,
                          std::span<const std::byte* const> rows) {
    char scratch[scratch_bytes];
    for (const std::byte* object : rows) {
        Value value = load(field, object);
        if (slot.wire == WireType::Array && !value.is_null())
            value = Value(array_text(*slot.type, value, field.where));
        append_element(out, slot.wire, encode_value(*slot.type, value, scratch, field.where));
    }
}

} // namespace

void write_array(std::string& out, const SqlType& type, const Field& field,
                 std::span<const std::byte* const> rows) {
    constexpr std::size_t guessed_element_bytes = 16;
    out.clear();
    out.reserve(header_bytes + rows.size() * guessed_element_bytes);
    const SlotType slot{wire_type(type), &type};
    append_header(out, slot.wire, rows.size());
    if (field.kind == FieldKind::Codec) return append_codec_members(out, slot, field, rows);
    visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) {
        append_members<T>(out, slot, field, rows);
    });
}

} // namespace mercator::postgresql
