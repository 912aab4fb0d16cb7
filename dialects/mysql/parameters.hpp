// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/types/field.hpp>

#include <fmt/format.h>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mercator::mysql {

/// One parameter on its way to the server.
struct Target {
    std::size_t index; ///< from 0
    const SqlType& type;
    bool stored;            ///< goes into a column; else it is only compared
    std::string_view where; ///< the member, or empty
    bool passing = false;   ///< the value does not outlive the call
};

// What the server would round, cut or misread is refused here, with a DataError that names the
// place.
void check_finite(const Target& target, double value);
void check_text(const Target& target, std::string_view text);
void check_size(const Target& target, std::size_t bytes, std::size_t max_packet);
void check_decimal(const Target& target, const Decimal& value);
void check_storable(const Target& target, bool storable);
/// MariaDB keeps some UUIDs with their parts exchanged and tells by two bytes which: of those of
/// version 8 and above, some would come back as other UUIDs.
void check_uuid(const Target& target, const Uuid& value);
/// A moment on its way into a column of days: the server would drop its time.
void check_midnight(const Target& target, DateTime value);
/// The server would round.
void check_whole(const Target& target, double value);
void check_whole(const Target& target, const Decimal& value);
/// A text for a column of another kind: the server would take the part of it that it can read.
void check_spelling(const Target& target, std::string_view text);
[[noreturn]] void refuse_kind(const Target& target);
// Values that are given as their texts.
[[nodiscard]] Uuid uuid_of(const Target& target, std::string_view text);
[[nodiscard]] Interval interval_of(const Target& target, std::string_view text);
[[nodiscard]] Decimal decimal_of(const Target& target, std::string_view text);

template <std::same_as<TypeKind>... Kinds>
constexpr std::uint32_t set_of(Kinds... kinds) noexcept {
    return ((std::uint32_t{1} << static_cast<unsigned>(kinds)) | ...);
}

/// The types whose parameters a T may be. The server would make something of any value for any
/// other type as well.
template <class T>
constexpr std::uint32_t accepting_types() noexcept {
    using enum TypeKind;
    constexpr std::uint32_t whole =
        set_of(Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64);
    constexpr std::uint32_t number = whole | set_of(Unknown, TypeKind::Float, Double, Numeric);
    if constexpr (std::integral<T> || std::floating_point<T>) return number | set_of(Boolean);
    if constexpr (std::same_as<T, mercator::Decimal>) return number;
    if constexpr (std::same_as<T, mercator::Bytes>) return set_of(Unknown, LargeBinary);
    if constexpr (std::same_as<T, mercator::DateTime> || std::same_as<T, mercator::Date>)
        return set_of(Unknown, TypeKind::DateTime, TypeKind::Date);
    if constexpr (std::same_as<T, mercator::Time> || std::same_as<T, mercator::Interval>)
        return set_of(Unknown, TypeKind::Time, TypeKind::Interval);
    if constexpr (std::same_as<T, mercator::Uuid>)
        return set_of(Unknown, TypeKind::Uuid, LargeBinary, String, Text, Enum);
    return ~std::uint32_t{0};
}

/// What shares a packet with other values; larger ones and those that no longer fit travel in
/// packets of their own.
inline constexpr std::size_t largest_inline_share = 4;

/// Gives a prepared statement its parameters, checked. `Driver` derives from it and has
/// put_null(target), put_integer(target, int64), put_unsigned(target, uint64), put_double(target,
/// double) and put_bytes(target, text), which all the other types become.
template <class Driver>
class Parameters {
public:
    /// `has_uuid`: the server keeps UUIDs in its own type, which does not hold all of them.
    explicit Parameters(bool has_uuid) noexcept : has_uuid_(has_uuid) {}

    /// A value on its way into a column (`stored`) or only to be compared.
    void set(std::size_t index, const Value& value, const SqlType& type, bool stored) {
        put_value({index, type, stored, {}}, value);
    }

    void set(std::size_t index, const Field& field, const std::byte* object) {
        Target target{index, field.type, true, field.where};
        const std::byte* member = object + field.offset;
        if (field.kind == FieldKind::Codec) {
            target.passing = true;
            return put_value(target, load(field, object));
        }
        visit_field_type(field.kind, [&]<class T>(std::type_identity<T>) {
            if (!field.optional) return put(target, *reinterpret_cast<const T*>(member));
            const auto& held = *reinterpret_cast<const std::optional<T>*>(member);
            if (held)
                put(target, *held);
            else
                driver().put_null(target);
        });
    }

private:
    Driver& driver() noexcept { return static_cast<Driver&>(*this); }

    void put_value(const Target& target, const Value& value) {
        std::visit([&](const auto& held) { put(target, held); }, value.storage());
    }

    void put_text(Target target, std::string_view text) {
        if (target.type.kind == TypeKind::Uuid) return put_uuid(target, uuid_of(target, text));
        if (target.type.kind == TypeKind::Interval)
            return driver().put_integer(target, interval_of(target, text).count());
        if (target.type.kind == TypeKind::Numeric)
            return put_decimal(target, decimal_of(target, text));
        if (target.type.kind != TypeKind::LargeBinary) check_text(target, text);
        if (!target.type.is_text()) check_spelling(target, text);
        driver().put_bytes(target, text);
    }

    /// `text` is on the caller's stack.
    void put_passing(Target target, std::string_view text) {
        target.passing = true;
        driver().put_bytes(target, text);
    }

    void put_decimal(const Target& target, const Decimal& value) {
        check_decimal(target, value);
        if (target.type.is_integer()) check_whole(target, value);
        char text[Decimal::max_text];
        put_passing(target, {text, value.write_text(text)});
    }

    /// As the text has it: 32 digits for the placeholder's UNHEX.
    void put_uuid(const Target& target, const Uuid& value) {
        char text[Uuid::text_size];
        if (target.type.is_text()) {
            value.write_text(text);
            return put_passing(target, {text, Uuid::text_size});
        }
        if (target.type.kind == TypeKind::LargeBinary) {
            const auto& bytes = value.bytes();
            return put_passing(target, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        }
        if (has_uuid_) check_uuid(target, value);
        value.write_digits(text);
        put_passing(target, {text, Uuid::digits_size});
    }

    void put_time(const Target& target, Time value) {
        if (target.type.kind == TypeKind::Interval)
            return driver().put_integer(target, value.since_midnight().count());
        char text[max_date_time_text];
        put_passing(target, {text, write_text(value, text)});
    }

    /// A number of microseconds, but in a column of times the server would read digits as HHMMSS.
    void put_interval(const Target& target, Interval value) {
        if (target.type.kind != TypeKind::Time) return driver().put_integer(target, value.count());
        char text[max_date_time_text];
        put_passing(target, {text, write_text(value, text)});
    }

    template <class T>
    void put_floating(const Target& target, T value) {
        check_finite(target, static_cast<double>(value));
        if (target.type.kind == TypeKind::Numeric)
            return put_decimal(target, decimal_of(target, fmt::format("{}", value)));
        if (target.type.is_integer() || target.type.kind == TypeKind::Boolean)
            check_whole(target, static_cast<double>(value));
        driver().put_double(target, static_cast<double>(value));
    }

    template <class Moment>
    void put_moment(const Target& target, const Moment& value) {
        check_storable(target, is_storable(value));
        if constexpr (std::same_as<Moment, DateTime>) {
            if (target.type.kind == TypeKind::Date) check_midnight(target, value);
        }
        char text[max_date_time_text];
        put_passing(target, {text, write_text(value, text)});
    }

    template <class T>
    void put(const Target& target, const T& value) {
        if ((accepting_types<T>() >> static_cast<unsigned>(target.type.kind) & 1U) == 0)
            refuse_kind(target);
        if constexpr (std::same_as<T, Null>) {
            driver().put_null(target);
        } else if constexpr (std::same_as<T, bool> || std::signed_integral<T>) {
            driver().put_integer(target, static_cast<std::int64_t>(value));
        } else if constexpr (std::unsigned_integral<T>) {
            driver().put_unsigned(target, static_cast<std::uint64_t>(value));
        } else if constexpr (std::floating_point<T>) {
            put_floating(target, value);
        } else if constexpr (std::same_as<T, std::string>) {
            put_text(target, value);
        } else if constexpr (std::same_as<T, Bytes>) {
            driver().put_bytes(target, {reinterpret_cast<const char*>(value.data()), value.size()});
        } else if constexpr (std::same_as<T, Decimal>) {
            put_decimal(target, value);
        } else if constexpr (std::same_as<T, Uuid>) {
            put_uuid(target, value);
        } else if constexpr (std::same_as<T, Time>) {
            put_time(target, value);
        } else if constexpr (std::same_as<T, Interval>) {
            put_interval(target, value);
        } else {
            put_moment(target, value);
        }
    }

    bool has_uuid_;
};

} // namespace mercator::mysql
