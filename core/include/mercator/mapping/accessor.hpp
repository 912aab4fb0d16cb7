// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/property.hpp>
#include <mercator/types/type_of.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace mercator {

/// The type that a getter's result is kept as: itself, or std::string for what only refers to text.
template <class Result>
using AccessedValue = std::conditional_t<std::convertible_to<Result, std::string_view> &&
                                             !std::same_as<Result, std::string>,
                                         std::string, Result>;

/// A getter and a setter as what drivers and snapshots use: a codec of the whole object.
template <class T, auto Get, auto Set>
struct AccessorPair {
    static_assert(std::invocable<decltype(Get), T&>,
                  "mercator: the getter of a property must take the object and nothing else");
    using value_type = AccessedValue<std::remove_cvref_t<std::invoke_result_t<decltype(Get), T&>>>;
    static_assert(has_sql_type<value_type>, "mercator: this property's type has no SQL type; "
                                            "specialise mercator::TypeDecorator<T> for it");
    static_assert(std::invocable<decltype(Set), T&, value_type>,
                  "mercator: the setter of a property must take the object and the getter's value");

    [[nodiscard]] static value_type read(const void* object) {
        // Getters of old classes are not always const.
        return value_type(std::invoke(Get, *static_cast<T*>(const_cast<void*>(object))));
    }
    static void write(void* object, value_type value) {
        std::invoke(Set, *static_cast<T*>(object), std::move(value));
    }

    static Value load(const void* object) {
        const value_type value = read(object);
        return mercator::load(value_field({}),
                              reinterpret_cast<const std::byte*>(std::addressof(value)));
    }
    static void store(void* object, const Value& stored, std::string_view where) {
        value_type value{};
        mercator::store(value_field(where), reinterpret_cast<std::byte*>(std::addressof(value)),
                        stored);
        write(object, std::move(value));
    }
    static void get(const void* object, void* value) {
        *static_cast<value_type*>(value) = read(object);
    }
    static void set(void* object, void* value) {
        write(object, std::move(*static_cast<value_type*>(value)));
    }
    static bool is_initial(const void* object) {
        if constexpr (WithoutOptional<value_type>::optional) {
            return !read(object).has_value();
        } else {
            return read(object) == value_type{};
        }
    }
    static void make_initial(void* object) { write(object, value_type{}); }

    static constexpr FieldCodec codec{&load, &store};
    static constexpr Accessor accessor{&get, &set};

private:
    static Field value_field(std::string_view where) {
        Field field;
        field.kind = TypeOf<value_type>::kind;
        field.optional = TypeOf<value_type>::optional;
        field.codec = TypeOf<value_type>::codec();
        field.where = where;
        return field;
    }
};

} // namespace mercator
