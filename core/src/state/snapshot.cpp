// SPDX-License-Identifier: MIT
#include <mercator/state/snapshot.hpp>

#include "packed_value.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace mercator {

namespace {

template <class T>
constexpr bool is_flat =
    std::is_arithmetic_v<T> || std::is_same_v<T, DateTime> || std::is_same_v<T, Date> ||
    std::is_same_v<T, Decimal> || std::is_same_v<T, Time> || std::is_same_v<T, Interval> ||
    std::is_same_v<T, Uuid>;

/// The sizes of flat types by kind, 0 for others: members of these are packed and compared without
/// a look at their type.
constexpr auto flat_sizes = [] {
    std::array<std::uint8_t, static_cast<std::size_t>(FieldKind::Codec) + 1> sizes{};
    const auto set = [&]<class T>(FieldKind kind, std::type_identity<T>) {
        static_assert(is_flat<T>);
        sizes[static_cast<std::size_t>(kind)] = sizeof(T);
    };
    set(FieldKind::Boolean, std::type_identity<bool>{});
    set(FieldKind::Int8, std::type_identity<std::int8_t>{});
    set(FieldKind::Int16, std::type_identity<std::int16_t>{});
    set(FieldKind::Int32, std::type_identity<std::int32_t>{});
    set(FieldKind::Int64, std::type_identity<std::int64_t>{});
    set(FieldKind::UInt8, std::type_identity<std::uint8_t>{});
    set(FieldKind::UInt16, std::type_identity<std::uint16_t>{});
    set(FieldKind::UInt32, std::type_identity<std::uint32_t>{});
    set(FieldKind::UInt64, std::type_identity<std::uint64_t>{});
    set(FieldKind::Float, std::type_identity<float>{});
    set(FieldKind::Double, std::type_identity<double>{});
    set(FieldKind::DateTime, std::type_identity<DateTime>{});
    set(FieldKind::Date, std::type_identity<Date>{});
    return sizes;
}();

/// The size of a member that is always there and whose bytes are its value; 0 for all others.
std::size_t flat_size(const Field& field) noexcept {
    return field.optional ? 0 : flat_sizes[static_cast<std::size_t>(field.kind)];
}

/// What a value needs when packed; text and binary data carry their length.
template <class T>
std::size_t packed_size(const T& value) noexcept {
    if constexpr (is_flat<T>) {
        return sizeof(T);
    } else {
        return sizeof(std::size_t) + value.size();
    }
}

template <class T>
std::byte* pack(std::byte* out, const T& value) noexcept {
    if constexpr (is_flat<T>) {
        std::memcpy(out, &value, sizeof(T));
        return out + sizeof(T);
    } else {
        const std::size_t size = value.size();
        std::memcpy(out, &size, sizeof size);
        if (size != 0) std::memcpy(out + sizeof size, value.data(), size);
        return out + sizeof size + size;
    }
}

/// Compares bits for floating point, so that NaN equals itself; decimals compare by value.
template <class T>
bool equals(const std::byte* packed, const T& value) noexcept {
    if constexpr (std::is_same_v<T, Decimal>) {
        Decimal old;
        std::memcpy(static_cast<void*>(&old), packed, sizeof old);
        return old == value;
    } else if constexpr (is_flat<T>) {
        return std::memcmp(packed, &value, sizeof(T)) == 0;
    } else {
        std::size_t size = 0;
        std::memcpy(&size, packed, sizeof size);
        return size == value.size() &&
               (size == 0 || std::memcmp(packed + sizeof size, value.data(), size) == 0);
    }
}

template <class T>
const std::byte* skip(const std::byte* packed) noexcept {
    if constexpr (is_flat<T>) {
        return packed + sizeof(T);
    } else {
        std::size_t size = 0;
        std::memcpy(&size, packed, sizeof size);
        return packed + sizeof size + size;
    }
}

template <class T>
void unpack(const std::byte* packed, T& value) {
    if constexpr (is_flat<T>) {
        std::memcpy(static_cast<void*>(&value), packed, sizeof(T));
    } else {
        std::size_t size = 0;
        std::memcpy(&size, packed, sizeof size);
        using Item = typename T::value_type;
        const auto* first = reinterpret_cast<const Item*>(packed + sizeof size);
        value.assign(first, first + size);
    }
}

/// A member with a codec: the bytes of what it would be stored as.
std::string codec_text(const Field& field, const std::byte* member) {
    return pack_value(load(field, member - field.offset));
}

/// A value that the codec refuses, as one that has no form in JSON, is another than the packed one:
/// whoever writes it is told why, and who takes it back need not know.
bool has_packed_form(const Field& field, const std::byte* member, const std::byte* packed) {
    try {
        return equals(packed, codec_text(field, member));
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception&) {
        return false;
    }
}

/// Asked only where the packed values differ.
bool means_same(const Field& field, const std::byte* member, const std::byte* packed) {
    if (field.codec->same == nullptr) return false;
    std::string text;
    unpack(packed, text);
    return field.codec->same(member, unpack_value(text));
}

template <class T>
const T& plain_member(const std::byte* member) noexcept {
    return *reinterpret_cast<const T*>(member);
}
template <class T>
const std::optional<T>& optional_member(const std::byte* member) noexcept {
    return *reinterpret_cast<const std::optional<T>*>(member);
}

std::size_t field_size(const Field& field, const std::byte* member) {
    return visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) -> std::size_t {
        if (!field.optional) return packed_size(plain_member<T>(member));
        const auto& value = optional_member<T>(member);
        return 1 + (value ? packed_size(*value) : 0);
    });
}

std::byte* pack_field(const Field& field, const std::byte* member, std::byte* out) {
    return visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) {
        if (!field.optional) return pack(out, plain_member<T>(member));
        const auto& value = optional_member<T>(member);
        *out++ = std::byte{value.has_value()};
        return value ? pack(out, *value) : out;
    });
}

/// Compares one field and moves `packed` behind it.
bool field_equals(const Field& field, const std::byte* member, const std::byte*& packed) {
    if (const std::size_t size = flat_size(field); size == 8 || size == 4) {
        const bool same =
            size == 8 ? std::memcmp(packed, member, 8) == 0 : std::memcmp(packed, member, 4) == 0;
        packed += size;
        return same;
    }
    if (field.kind == FieldKind::Codec) {
        const bool same =
            has_packed_form(field, member, packed) || means_same(field, member, packed);
        packed = skip<std::string>(packed);
        return same;
    }
    return visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) {
        if (!field.optional) {
            const bool same = equals(packed, plain_member<T>(member));
            packed = skip<T>(packed);
            return same;
        }
        const auto& value = optional_member<T>(member);
        const bool had = *packed++ != std::byte{};
        const bool same = had == value.has_value() && (!had || equals(packed, *value));
        if (had) packed = skip<T>(packed);
        return same;
    });
}

} // namespace

namespace {

using CodecTexts = std::vector<std::string>;

// What is not flat and not text: apart, so that the loops over these stay tight.
[[gnu::noinline]] std::size_t other_size(const Field& field, const std::byte* member,
                                         CodecTexts& texts) {
    if (field.kind != FieldKind::Codec) return field_size(field, member);
    // A codec is asked once: its next answer need not have the same size.
    return packed_size(texts.emplace_back(codec_text(field, member)));
}

[[gnu::noinline]] std::byte* pack_other(const Field& field, const std::byte* member, std::byte* out,
                                        CodecTexts& texts, std::size_t& next_text) {
    return field.kind == FieldKind::Codec ? pack(out, texts[next_text++])
                                          : pack_field(field, member, out);
}

bool is_text(const Field& field) noexcept {
    return field.kind == FieldKind::String && !field.optional;
}

} // namespace

const std::byte* take_snapshot(const Mapper& mapper, const std::byte* object, Arena& arena) {
    const std::span<const Field> fields = mapper.fields();
    std::size_t size = 0;
    CodecTexts texts;
    for (const Field& field : fields) {
        const std::byte* member = object + field.offset;
        if (const std::size_t flat = flat_size(field); flat != 0) {
            size += flat;
        } else if (is_text(field)) {
            size += packed_size(plain_member<std::string>(member));
        } else {
            size += other_size(field, member, texts);
        }
    }
    std::byte* const packed = arena.allocate(size);
    std::byte* out = packed;
    std::size_t next_text = 0;
    for (const Field& field : fields) {
        const std::byte* member = object + field.offset;
        const std::size_t flat = flat_size(field);
        if (flat == 8) {
            std::memcpy(out, member, 8);
            out += 8;
        } else if (flat == 4) {
            std::memcpy(out, member, 4);
            out += 4;
        } else if (is_text(field)) {
            out = pack(out, plain_member<std::string>(member));
        } else {
            out = pack_other(field, member, out, texts, next_text);
        }
    }
    return packed;
}

ColumnSet changed_columns(const Mapper& mapper, const std::byte* object,
                          const std::byte* snapshot) {
    ColumnSet changed;
    std::size_t index = 0;
    for (const Field& field : mapper.fields()) {
        if (!field_equals(field, object + field.offset, snapshot)) changed.insert(index);
        ++index;
    }
    return changed;
}

bool is_changed(const Mapper& mapper, const std::byte* object, const std::byte* snapshot) {
    for (const Field& field : mapper.fields()) {
        if (!field_equals(field, object + field.offset, snapshot)) return true;
    }
    return false;
}

void restore_snapshot(const Mapper& mapper, std::byte* object, const std::byte* snapshot) {
    for (const Field& field : mapper.fields()) {
        std::byte* member = object + field.offset;
        if (field.kind == FieldKind::Codec) {
            if (!has_packed_form(field, member, snapshot)) {
                std::string text;
                unpack(snapshot, text);
                field.codec->store(member, unpack_value(text), field.where);
            }
            snapshot = skip<std::string>(snapshot);
            continue;
        }
        visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) {
            if (!field.optional) {
                unpack(snapshot, *reinterpret_cast<T*>(member));
                snapshot = skip<T>(snapshot);
                return;
            }
            auto& value = *reinterpret_cast<std::optional<T>*>(member);
            if (*snapshot++ == std::byte{}) {
                value.reset();
                return;
            }
            unpack(snapshot, value.emplace());
            snapshot = skip<T>(snapshot);
        });
    }
}

namespace {

/// One packed field as a Value; moves `packed` behind it.
Value read_field(const Field& field, const std::byte*& packed) {
    if (field.kind == FieldKind::Codec) {
        std::string text;
        unpack(packed, text);
        packed = skip<std::string>(packed);
        return unpack_value(text);
    }
    return visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) -> Value {
        if (field.optional && *packed++ == std::byte{}) return {};
        T value{};
        unpack(packed, value);
        packed = skip<T>(packed);
        return Value(std::move(value));
    });
}

} // namespace

std::size_t snapshot_size(const Mapper& mapper, const std::byte* snapshot) {
    const std::byte* end = snapshot;
    for (const Field& field : mapper.fields()) {
        if (field.kind == FieldKind::Codec) {
            end = skip<std::string>(end);
            continue;
        }
        visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) {
            if (!field.optional || *end++ != std::byte{}) end = skip<T>(end);
        });
    }
    return static_cast<std::size_t>(end - snapshot);
}

Value snapshot_value(const Mapper& mapper, const std::byte* snapshot, std::size_t column) {
    for (std::size_t i = 0; i < column; ++i)
        static_cast<void>(read_field(mapper.fields()[i], snapshot));
    return read_field(mapper.fields()[column], snapshot);
}

} // namespace mercator
