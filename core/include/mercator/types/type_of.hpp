// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/error.hpp>
#include <mercator/types/enum_names.hpp>
#include <mercator/types/field.hpp>
#include <mercator/types/type_decorator.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <ratio>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace mercator {

/// T without std::optional around it.
template <class T>
struct WithoutOptional {
    using type = T;
    static constexpr bool optional = false;
};
template <class T>
struct WithoutOptional<std::optional<T>> {
    using type = T;
    static constexpr bool optional = true;
};

/// Integers that can be stored: all but bool and the types of text characters. Plain `char` is a
/// small number.
template <class T>
concept StorableInteger =
    std::integral<T> && std::same_as<T, std::remove_cv_t<T>> && sizeof(T) <= 8 &&
    !std::same_as<T, bool> && !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
    !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

/// Durations of whole units that are a number of microseconds: milliseconds to weeks. Not
/// nanoseconds, which would be cut, nor the months and years of <chrono>, which are averages.
template <class T>
inline constexpr bool is_storable_duration = false;
template <std::integral Rep, class Period>
inline constexpr bool is_storable_duration<std::chrono::duration<Rep, Period>> =
    std::ratio_divide<Period, std::micro>::den == 1 &&
    !std::same_as<Period, std::chrono::months::period> &&
    !std::same_as<Period, std::chrono::years::period>;
template <class T>
concept StorableDuration = is_storable_duration<T>;

/// The standard library's time of day has no `==`; it is stored as a Time.
template <>
struct TypeDecorator<Time::Parts> {
    using storage = Time;
    static Time bind(const Time::Parts& parts) { return Time(parts); }
    static Time::Parts result(Time stored) { return stored.parts(); }
};

/// Types that drivers read and write in place, and the kind that they know each by; Codec for all
/// others. Only the exact types that `visit_field_type` names: `long long` is another type than the
/// 64-bit `long`, although it looks the same.
template <class T>
[[nodiscard]] consteval FieldKind driver_kind() noexcept {
    if constexpr (std::same_as<T, bool>) return FieldKind::Boolean;
    else if constexpr (std::same_as<T, std::int8_t>) return FieldKind::Int8;
    else if constexpr (std::same_as<T, std::int16_t>) return FieldKind::Int16;
    else if constexpr (std::same_as<T, std::int32_t>) return FieldKind::Int32;
    else if constexpr (std::same_as<T, std::int64_t>) return FieldKind::Int64;
    else if constexpr (std::same_as<T, std::uint8_t>) return FieldKind::UInt8;
    else if constexpr (std::same_as<T, std::uint16_t>) return FieldKind::UInt16;
    else if constexpr (std::same_as<T, std::uint32_t>) return FieldKind::UInt32;
    else if constexpr (std::same_as<T, std::uint64_t>) return FieldKind::UInt64;
    else if constexpr (std::same_as<T, float>) return FieldKind::Float;
    else if constexpr (std::same_as<T, double>) return FieldKind::Double;
    else if constexpr (std::same_as<T, std::string>) return FieldKind::String;
    else if constexpr (std::same_as<T, Bytes>) return FieldKind::Bytes;
    else if constexpr (std::same_as<T, mercator::Decimal>) return FieldKind::Decimal;
    else if constexpr (std::same_as<T, mercator::DateTime>) return FieldKind::DateTime;
    else if constexpr (std::same_as<T, mercator::Date>) return FieldKind::Date;
    else if constexpr (std::same_as<T, mercator::Time>) return FieldKind::Time;
    else if constexpr (std::same_as<T, mercator::Interval>) return FieldKind::Interval;
    else if constexpr (std::same_as<T, mercator::Uuid>) return FieldKind::Uuid;
    else return FieldKind::Codec;
}

/// A type that a column can hold without being asked whether it may be empty.
template <class T>
concept MappablePlain = Decorated<T> || driver_kind<T>() != FieldKind::Codec ||
                        StorableInteger<T> || ScopedEnum<T> || StorableDuration<T>;

/// True for the types of members that become columns: numbers, text, binary data, decimals, days,
/// moments, times of day, durations, UUIDs, enum classes, types with a TypeDecorator, and std::optional of each.
template <class T>
concept Mappable = MappablePlain<typename WithoutOptional<T>::type>;

/// The same as a plain constant: a static_assert on a concept would bury its message under the
/// failed constraints.
template <class T>
inline constexpr bool has_sql_type = Mappable<T>;

template <class T>
struct TypeOf;

/// Turns a T into a Value and back, for types that drivers do not know: what `TypeOf<T>::codec()`
/// is made of.
template <class T>
struct Conversion;

template <class T>
    requires Decorated<T>
struct Conversion<T> {
    using Stored = typename TypeDecorator<T>::storage;
    static_assert(Mappable<Stored> && !WithoutOptional<Stored>::optional,
                  "mercator: TypeDecorator<T>::storage must be a type with an SQL type, and no "
                  "std::optional");

    static Value to_value(const T& member) {
        Stored stored = TypeDecorator<T>::bind(member);
        if constexpr (TypeOf<Stored>::kind == FieldKind::Codec) {
            return TypeOf<Stored>::codec()->load(std::addressof(stored));
        } else {
            return Value(std::move(stored));
        }
    }

    static T from_value(const Value& value, std::string_view where) {
        try {
            return TypeDecorator<T>::result(read_stored(value, where));
        } catch (const Error&) {
            throw;
        } catch (const std::exception&) {
            // Its text is left out: it may repeat what was stored.
            throw_data_error("TypeDecorator::result refused the stored value", std::string(where));
        }
    }

private:
    static Stored read_stored(const Value& value, std::string_view where) {
        Stored stored{};
        Field field;
        field.kind = TypeOf<Stored>::kind;
        field.codec = TypeOf<Stored>::codec();
        field.where = where;
        store(field, reinterpret_cast<std::byte*>(std::addressof(stored)), value);
        return stored;
    }
};

template <ScopedEnum T>
    requires(!Decorated<T>)
struct Conversion<T> {
    static_assert(!EnumNames<T>::entries.empty(),
                  "mercator: this enum class has no enumerators from -128 to 255; list its names "
                  "in a specialisation of mercator::EnumNames<E>");

    static Value to_value(T member) {
        const std::string_view name = enum_name(member);
        if (name.empty()) {
            throw_data_error("a value that is none of the enumerators of " +
                                 to_string(enum_sql_type<T>()) + " cannot be stored",
                             "");
        }
        return Value(name);
    }

    static T from_value(const Value& value, std::string_view where) {
        if (const auto* name = value.get_if<std::string>()) {
            if (const auto member = enum_value<T>(*name)) return *member;
        }
        throw_data_error("the stored value is not a name of " + to_string(enum_sql_type<T>()),
                         std::string(where));
    }
};

template <StorableInteger T>
    requires(!Decorated<T>)
struct Conversion<T> {
    // The standard type of the same size and sign, which `store` can check the range of.
    template <class Signed, class Unsigned>
    using Choose = std::conditional_t<std::is_signed_v<T>, Signed, Unsigned>;
    using Stored = std::conditional_t<
        sizeof(T) == 1, Choose<std::int8_t, std::uint8_t>,
        std::conditional_t<sizeof(T) == 2, Choose<std::int16_t, std::uint16_t>,
                           std::conditional_t<sizeof(T) == 4, Choose<std::int32_t, std::uint32_t>,
                                              Choose<std::int64_t, std::uint64_t>>>>;

    static Value to_value(T member) { return Value(static_cast<Stored>(member)); }

    static T from_value(const Value& value, std::string_view where) {
        Stored stored{};
        Field field;
        field.kind = driver_kind<Stored>();
        field.where = where;
        store(field, reinterpret_cast<std::byte*>(std::addressof(stored)), value);
        return static_cast<T>(stored);
    }
};

template <StorableDuration T>
    requires(!Decorated<T>)
struct Conversion<T> {
    static constexpr std::int64_t micros_per_unit =
        std::ratio_divide<typename T::period, std::micro>::num;

    static Value to_value(T member) {
        std::int64_t micros = 0;
        if (__builtin_mul_overflow(member.count(), micros_per_unit, &micros)) {
            throw_data_error("the duration does not fit 64 bits of microseconds", "");
        }
        return Value(Interval(micros));
    }

    static T from_value(const Value& value, std::string_view where) {
        Interval stored{};
        Field field;
        field.kind = FieldKind::Interval;
        field.where = where;
        store(field, reinterpret_cast<std::byte*>(std::addressof(stored)), value);
        const std::int64_t units = stored.count() / micros_per_unit;
        if (units * micros_per_unit != stored.count() ||
            !std::in_range<typename T::rep>(units)) {
            throw_data_error("the stored interval is no whole number of the member's units, or too "
                             "large for it", std::string(where));
        }
        return T(static_cast<typename T::rep>(units));
    }
};

/// The FieldCodec of a member type T, which may be a std::optional.
template <class T>
struct MemberCodec {
    using Plain = typename WithoutOptional<T>::type;

    static Value load(const void* member) {
        const T& value = *static_cast<const T*>(member);
        if constexpr (WithoutOptional<T>::optional) {
            return value ? Conversion<Plain>::to_value(*value) : Value();
        } else {
            return Conversion<Plain>::to_value(value);
        }
    }

    static void store(void* member, const Value& value, std::string_view where) {
        T& target = *static_cast<T*>(member);
        if constexpr (WithoutOptional<T>::optional) {
            if (value.is_null()) {
                target.reset();
                return;
            }
        }
        target = Conversion<Plain>::from_value(value, where);
    }

    static constexpr FieldCodec codec{&load, &store};
};

/// The SQL type of a member without options in the mapping. T is no std::optional.
template <class T>
[[nodiscard]] constexpr SqlType default_sql_type() noexcept;

template <class T>
    requires Decorated<T>
[[nodiscard]] constexpr SqlType decorated_sql_type() noexcept {
    if constexpr (requires { TypeDecorator<T>::sql_type(); }) return TypeDecorator<T>::sql_type();
    else return default_sql_type<typename TypeDecorator<T>::storage>();
}

template <class T>
[[nodiscard]] constexpr SqlType integer_sql_type() noexcept {
    constexpr bool is_signed = std::is_signed_v<T>;
    switch (sizeof(T)) {
        case 1: return SqlType(is_signed ? TypeKind::Int8 : TypeKind::UInt8);
        case 2: return SqlType(is_signed ? TypeKind::Int16 : TypeKind::UInt16);
        case 4: return SqlType(is_signed ? TypeKind::Int32 : TypeKind::UInt32);
        default: return SqlType(is_signed ? TypeKind::Int64 : TypeKind::UInt64);
    }
}

template <class T>
constexpr SqlType default_sql_type() noexcept {
    if constexpr (Decorated<T>) return decorated_sql_type<T>();
    else if constexpr (std::same_as<T, bool>) return Boolean();
    else if constexpr (StorableInteger<T>) return integer_sql_type<T>();
    else if constexpr (std::same_as<T, float>) return Float();
    else if constexpr (std::same_as<T, double>) return Double();
    else if constexpr (std::same_as<T, std::string>) return Text();
    else if constexpr (std::same_as<T, Bytes>) return LargeBinary();
    else if constexpr (std::same_as<T, mercator::Decimal>) return Numeric(18, 4);
    else if constexpr (std::same_as<T, mercator::DateTime>) return SqlType(TypeKind::DateTime);
    else if constexpr (std::same_as<T, mercator::Date>) return SqlType(TypeKind::Date);
    else if constexpr (std::same_as<T, mercator::Time>) return SqlType(TypeKind::Time);
    else if constexpr (std::same_as<T, mercator::Interval> || StorableDuration<T>) return SqlType(TypeKind::Interval);
    else if constexpr (std::same_as<T, mercator::Uuid>) return SqlType(TypeKind::Uuid);
    else if constexpr (ScopedEnum<T>) return enum_sql_type<T>();
    else return SqlType();
}

/// What the mapping derives from the C++ type of a member: how drivers access it, whether it may be
/// NULL (exactly when it is a std::optional) and its SQL type where the mapping says no other.
template <class T>
struct TypeOf {
    static_assert(has_sql_type<T>, "mercator: this member's type has no SQL type; specialise "
                                   "mercator::TypeDecorator<T> for it");

    /// T without std::optional.
    using Plain = typename WithoutOptional<T>::type;

    static constexpr bool optional = WithoutOptional<T>::optional;
    static constexpr FieldKind kind = Decorated<Plain> ? FieldKind::Codec : driver_kind<Plain>();

    [[nodiscard]] static constexpr SqlType sql_type() noexcept { return default_sql_type<Plain>(); }

    /// Null for the types that drivers know.
    [[nodiscard]] static constexpr const FieldCodec* codec() noexcept {
        if constexpr (kind == FieldKind::Codec && Mappable<T>) return &MemberCodec<T>::codec;
        else return nullptr;
    }
};

} // namespace mercator
