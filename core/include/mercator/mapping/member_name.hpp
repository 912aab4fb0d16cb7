// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace mercator {

/// "id" out of what the compiler calls a function whose template argument `Member` is `&User::id`:
/// "... [with auto Member = &User::id; ...]". A name is written once, in the struct.
[[nodiscard]] constexpr std::string_view member_name_in(std::string_view function) noexcept {
    function.remove_prefix(function.find("Member = ") + 9);
    function = function.substr(0, function.find_first_of(";]"));
    return function.substr(function.rfind(':') + 1);
}

/// "id" for `&User::id`.
template <auto Member>
[[nodiscard]] consteval std::string_view member_name() {
    return member_name_in(__PRETTY_FUNCTION__);
}

/// "shop::User" for User; T may be declared only.
template <class T>
[[nodiscard]] consteval std::string_view full_type_name() {
    std::string_view text = __PRETTY_FUNCTION__; // "... [with T = shop::User; ...]"
    text.remove_prefix(text.find("T = ") + 4);
    return text.substr(0, text.find_first_of(";]"));
}

/// "User" for User, without its namespaces.
template <class T>
[[nodiscard]] consteval std::string_view type_name() {
    const std::string_view text = full_type_name<T>();
    const auto colon =
        text.rfind("::", text.find('<')); // colons of template arguments are not the class's own
    return colon == std::string_view::npos ? text : text.substr(colon + 2);
}

/// UserProfile -> user_profile, HTTPServer -> http_server, OAuth2Token -> o_auth2_token: the table
/// name when none is given (Flask-SQLAlchemy's rule). An underscore goes before a capital that
/// follows a small letter or a digit, and before the last capital of several that a small letter
/// follows.
[[nodiscard]] MERCATOR_API std::string snake_case(std::string_view name);

/// What a rule of one's own for table names is given. T only makes argument-dependent lookup find
/// the rule in the namespace of the class:
///
///     template <class T>
///     std::string table_name(mercator::ClassName<T> model) {
///         return "shop_" + mercator::snake_case(model.name);
///     }
///
/// It holds for all classes of its namespace that are described without `table(...)`, and must be
/// declared before they are used.
template <class T>
struct ClassName {
    std::string_view name; ///< "UserProfile"
};

/// The name that T's table has unless its description gives another.
template <class T>
[[nodiscard]] std::string default_table_name() {
    constexpr ClassName<T> model{type_name<T>()};
    if constexpr (requires { table_name(model); }) {
        return table_name(model);
    } else {
        return snake_case(model.name);
    }
}

/// Where the member lies in Class. The Itanium ABI represents a pointer to data member as exactly
/// this offset, and our plugins and hosts are all of that ABI (the build fingerprint says so).
template <class Class, class Member, class Base>
[[nodiscard]] constexpr std::uint32_t member_offset(Member Base::*member) noexcept {
    const Member Class::*adjusted = static_cast<Member Class::*>(member);
    return static_cast<std::uint32_t>(std::bit_cast<std::ptrdiff_t>(adjusted));
}

/// Class and type behind a pointer to member.
template <class Pointer>
struct MemberPointer;
template <class Class, class Member>
struct MemberPointer<Member Class::*> {
    using class_type = Class;
    using member_type = Member;
};

} // namespace mercator
