// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace mercator {

/// The key of one class, which is no key of another: `Id<User>` and `Id<Post>` do not mix, in C++
/// nor in statements. It is its number and costs nothing more. `User` need only be declared:
///
///     struct User {
///         mercator::Id<User> id;                          // primary key, made by the database
///         mercator::Id<Team> team_id;                     // foreign key
///     };
///     session.get<User>(mercator::Id<User>(7));
///
/// `Number` is a signed or unsigned integer of a standard width.
template <class Class, std::integral Number = std::int64_t>
struct Id {
    using number_type = Number;

    constexpr Id() noexcept = default;
    constexpr explicit Id(Number number) noexcept : value(number) {}

    Number value = 0;

    friend constexpr auto operator<=>(const Id&, const Id&) noexcept = default;
};

template <class T>
inline constexpr bool is_id = false;
template <class Class, class Number>
inline constexpr bool is_id<Id<Class, Number>> = true;

} // namespace mercator

template <class Class, class Number>
struct std::hash<mercator::Id<Class, Number>> {
    [[nodiscard]] std::size_t operator()(mercator::Id<Class, Number> id) const noexcept {
        return std::hash<Number>()(id.value);
    }
};
