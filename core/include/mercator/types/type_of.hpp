// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/error.hpp>
#include <mercator/types/enum_names.hpp>
#include <mercator/types/field.hpp>
#include <mercator/types/id.hpp>
#include <mercator/types/type_decorator.hpp>

#include <array>
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
    // An Id is its number at the same address, but a std::optional of it is another class.
    else if constexpr (is_id<T>) return driver_kind<typename T::number_type>();
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

/// Does the TypeDecorator see NULL? Its storage is a std::optional then.
template <class T>
[[nodiscard]] consteval bool sees_null() noexcept {
    if constexpr (Decorated<T>) return WithoutOptional<typename TypeDecorator<T>::storage>::optional;
    else return false;
}

/// Does a conversion of T, or of what T is stored as, ask which database it is?
template <class T>
[[nodiscard]] consteval bool converts_by_dialect() noexcept {
    if constexpr (Decorated<T>) {
        using Storage = typename TypeDecorator<T>::storage;
        return BindsByDialect<T> || ReadsByDialect<T> ||
               converts_by_dialect<typename WithoutOptional<Storage>::type>();
    } else {
        return false;
    }
}

template <class T>
    requires Decorated<T>
struct Conversion<T> {
    using Storage = typename TypeDecorator<T>::storage;
    using Stored = typename WithoutOptional<Storage>::type;
    static_assert(Mappable<Stored>,
                  "mercator: TypeDecorator<T>::storage must be a type with an SQL type");

    static Value to_value(const T& member, const DialectInfo& dialect = dialect_of_number(0)) {
        Storage stored = bound(member, dialect);
        if constexpr (WithoutOptional<Storage>::optional) {
            return stored ? stored_value(std::move(*stored), dialect) : Value();
        } else {
            return stored_value(std::move(stored), dialect);
        }
    }

    static T from_value(const Value& value, std::string_view where,
                        const DialectInfo& dialect = dialect_of_number(0)) {
        try {
            if constexpr (WithoutOptional<Storage>::optional) {
                if (value.is_null()) return result(Storage(), dialect);
            }
            // No object between the two: moving it makes g++ 12 warn of what is not so.
            if constexpr (ReadsByDialect<T>) {
                return TypeDecorator<T>::result(Storage(read_stored(value, where, dialect)),
                                                dialect);
            } else {
                return TypeDecorator<T>::result(Storage(read_stored(value, where, dialect)));
            }
        } catch (const DataError& error) {
            if (!error.where().empty()) throw;
            throw_data_error(error.info().message, std::string(where));
        } catch (const Error&) {
            throw;
        } catch (const std::exception&) {
            // Its text is left out: it may repeat what was stored.
            throw_data_error("TypeDecorator::result refused the stored value", std::string(where));
        }
    }

private:
    static Storage bound(const T& member, const DialectInfo& dialect) {
        try {
            if constexpr (BindsByDialect<T>) return TypeDecorator<T>::bind(member, dialect);
            else return TypeDecorator<T>::bind(member);
        } catch (const Error&) {
            throw;
        } catch (const std::exception&) {
            throw_refused_bind(__PRETTY_FUNCTION__);
        }
    }
    static T result(Storage&& stored, const DialectInfo& dialect) {
        if constexpr (ReadsByDialect<T>) {
            return TypeDecorator<T>::result(std::move(stored), dialect);
        } else {
            return TypeDecorator<T>::result(std::move(stored));
        }
    }
    static Value stored_value(Stored stored, const DialectInfo& dialect) {
        if constexpr (Decorated<Stored>) return Conversion<Stored>::to_value(stored, dialect);
        else if constexpr (is_id<Stored>) return Value(stored.value);
        else if constexpr (TypeOf<Stored>::kind == FieldKind::Codec) return Conversion<Stored>::to_value(stored);
        else return Value(std::move(stored));
    }
    static Stored read_stored(const Value& value, std::string_view where,
                              const DialectInfo& dialect) {
        if constexpr (Decorated<Stored>) {
            return Conversion<Stored>::from_value(value, where, dialect);
        } else {
            Stored stored{};
            Field field;
            field.kind = TypeOf<Stored>::kind;
            field.codec = TypeOf<Stored>::codec();
            field.where = where;
            store(field, reinterpret_cast<std::byte*>(std::addressof(stored)), value);
            return stored;
        }
    }
};

/// A key that stands in a std::optional: alone it is a number that drivers know.
template <class T>
    requires(is_id<T> && !Decorated<T>)
struct Conversion<T> {
    static Value to_value(T member) { return Value(member.value); }
    static T from_value(const Value& value, std::string_view where) {
        T member{};
        Field field;
        field.kind = driver_kind<T>();
        field.where = where;
        store(field, reinterpret_cast<std::byte*>(std::addressof(member)), value);
        return member;
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

/// Does the TypeDecorator say which values are equal?
template <class T>
concept HasEqual = requires(const T& value) {
    { TypeDecorator<T>::equal(value, value) } -> std::convertible_to<bool>;
};

/// The FieldCodec of a member type T, which may be a std::optional; for the database of that
/// number where the conversion asks for it.
template <class T, std::uint32_t number = 0>
struct MemberCodec {
    using Plain = typename WithoutOptional<T>::type;

    static Value load(const void* member) {
        const T& value = *static_cast<const T*>(member);
        if constexpr (WithoutOptional<T>::optional) {
            return value ? to_value(*value) : Value();
        } else {
            return to_value(value);
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
        if constexpr (number != 0) {
            target = Conversion<Plain>::from_value(value, where, dialect_of_number(number));
        } else {
            target = Conversion<Plain>::from_value(value, where);
        }
    }

    static bool same(const void* member, const Value& other)
        requires HasEqual<Plain>
    {
        const T& value = *static_cast<const T*>(member);
        if constexpr (WithoutOptional<T>::optional) {
            if (!value || other.is_null()) return !value && other.is_null();
            return TypeDecorator<Plain>::equal(*value, Conversion<Plain>::from_value(other, {}));
        } else {
            return !other.is_null() &&
                   TypeDecorator<Plain>::equal(value, Conversion<Plain>::from_value(other, {}));
        }
    }
    static constexpr auto same_or_none() noexcept -> bool (*)(const void*, const Value&) {
        if constexpr (HasEqual<Plain>) return &same;
        else return nullptr;
    }

    template <std::uint32_t... numbers>
    static const FieldCodec* codec_at(std::uint32_t wanted,
                                      std::integer_sequence<std::uint32_t, numbers...>) {
        static constexpr std::array<const FieldCodec*, sizeof...(numbers)> all{
            &MemberCodec<T, numbers + 1>::codec...};
        return wanted == 0 ? &codec : all[wanted - 1];
    }
    static const FieldCodec* for_dialect(std::uint32_t wanted) {
        return codec_at(wanted, std::make_integer_sequence<std::uint32_t, most_dialects>());
    }
    static constexpr auto for_dialect_or_none() noexcept -> const FieldCodec* (*)(std::uint32_t) {
        if constexpr (number == 0 && converts_by_dialect<Plain>()) return &for_dialect;
        else return nullptr;
    }

    static constexpr FieldCodec codec{&load, &store, same_or_none(), for_dialect_or_none()};

private:
    static Value to_value(const Plain& plain) {
        if constexpr (number != 0) {
            return Conversion<Plain>::to_value(plain, dialect_of_number(number));
        } else {
            return Conversion<Plain>::to_value(plain);
        }
    }
};

/// The SQL type of a member without options in the mapping. T is no std::optional.
template <class T>
[[nodiscard]] constexpr SqlType default_sql_type() noexcept;

template <class T>
    requires Decorated<T>
[[nodiscard]] constexpr SqlType plain_decorated_type() noexcept;

/// What the compiler calls a function of T: the type's name is cut out of it at run time.
template <class T>
[[nodiscard]] constexpr std::string_view function_of_type() noexcept {
    return __PRETTY_FUNCTION__;
}

/// What a TypeDecorator says beyond the conversions, on top of what its storage type says.
template <class T>
inline constexpr TypeRules decorated_rules = [] {
    using Decorator = TypeDecorator<T>;
    TypeRules rules{};
    if (const SqlType type = plain_decorated_type<T>(); type.rules != nullptr) rules = *type.rules;
    if constexpr (requires { Decorator::native_name; }) rules.native = Decorator::native_name;
    if constexpr (requires { Decorator::read_sql; }) rules.read_sql = Decorator::read_sql;
    if constexpr (requires { Decorator::write_sql; }) rules.write_sql = Decorator::write_sql;
    if constexpr (requires { Decorator::cacheable; }) rules.is_cacheable = Decorator::cacheable;
    if (!rules.is_cacheable && rules.cpp_type.empty()) rules.cpp_type = function_of_type<T>();
    rules.by_dialect = converts_by_dialect<T>();
    return rules;
}();

template <class T>
[[nodiscard]] consteval bool has_decorated_rules() noexcept {
    using Decorator = TypeDecorator<T>;
    return converts_by_dialect<T>() || requires { Decorator::native_name; } ||
           requires { Decorator::read_sql; } || requires { Decorator::write_sql; } ||
           requires { Decorator::cacheable; };
}

template <class T>
    requires Decorated<T>
[[nodiscard]] constexpr SqlType plain_decorated_type() noexcept {
    if constexpr (requires { TypeDecorator<T>::sql_type(); }) return TypeDecorator<T>::sql_type();
    else return default_sql_type<typename WithoutOptional<typename TypeDecorator<T>::storage>::type>();
}

template <class T>
    requires Decorated<T>
[[nodiscard]] constexpr SqlType decorated_sql_type() noexcept {
    SqlType type = plain_decorated_type<T>();
    if constexpr (has_decorated_rules<T>()) type.rules = &decorated_rules<T>;
    return type;
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

/// What SqlTypeOf says, with what the type's conversion says.
template <class T>
[[nodiscard]] constexpr SqlType central_sql_type() noexcept {
    SqlType type = SqlTypeOf<T>::value;
    if constexpr (Decorated<T>) {
        if constexpr (has_decorated_rules<T>()) type.rules = &decorated_rules<T>;
    } else if constexpr (ScopedEnum<T>) {
        type.rules = &enum_rules<T>;
    }
    return type;
}

template <class T>
constexpr SqlType default_sql_type() noexcept {
    if constexpr (requires { SqlTypeOf<T>::value; }) return central_sql_type<T>();
    else if constexpr (Decorated<T>) return decorated_sql_type<T>();
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
    else if constexpr (is_id<T>) return default_sql_type<typename T::number_type>();
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

    static constexpr bool optional = WithoutOptional<T>::optional || sees_null<Plain>();
    static constexpr FieldKind kind = Decorated<Plain> || (is_id<Plain> && !std::same_as<T, Plain>)
                                          ? FieldKind::Codec
                                          : driver_kind<Plain>();

    [[nodiscard]] static constexpr SqlType sql_type() noexcept { return default_sql_type<Plain>(); }

    /// Null for the types that drivers know.
    [[nodiscard]] static constexpr const FieldCodec* codec() noexcept {
        if constexpr (kind == FieldKind::Codec && Mappable<T>) return &MemberCodec<T>::codec;
        else return nullptr;
    }
};

} // namespace mercator
