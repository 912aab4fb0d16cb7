// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/describe.hpp>
#include <mercator/mapping/expression.hpp>
#include <mercator/support/export.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Values from outside into objects: only members that are named may be set, everything is checked
/// before anything is changed, and all that is wrong is told at once.
namespace mercator {

/// What is done with input for members that are not in the list of those that may be set.
enum class Unlisted : std::uint8_t {
    reject, ///< a ValidationError names them
    ignore  ///< they are left alone, and returned
};

struct NamedValue {
    std::string name; ///< of a member, its column, or a synonym; of an embedded one "home.city"
    Value value;
};

/// The untyped halves of `assign` and `from_json`. `allowed` are the places of members; a struct
/// that is embedded there stands for all of its parts. Return what was ignored.
MERCATOR_API std::vector<std::string> assign_values(const Mapper& mapper, void* object,
                                                    std::span<const std::uint32_t> allowed,
                                                    std::span<const NamedValue> values,
                                                    Unlisted unlisted);
MERCATOR_API std::vector<std::string> assign_json(const Mapper& mapper, void* object,
                                                  std::span<const std::uint32_t> allowed,
                                                  std::string_view json, Unlisted unlisted);

/// Sets members by name, from a map or a list of pairs, as forms and query strings give them:
///
///     assign(user, form, members<&User::name, &User::email>);
///
/// Text is converted to the member's type ("42", "true", "2026-03-01"). ValidationError lists every
/// name that may not be set, every value that does not fit or that a validator refuses; the object
/// is unchanged then. Listeners of an Attribute are told after that, one member at a time. Returns
/// the names that were ignored.
template <class T, IterableValues Pairs, auto... Members>
std::vector<std::string> assign(T& object, const Pairs& values, MemberList<Members...>,
                                Unlisted unlisted = Unlisted::reject) {
    std::vector<NamedValue> list;
    for (const auto& [name, value] : values)
        list.push_back({std::string(std::string_view(name)), to_value(value)});
    const std::uint32_t allowed[] = {member_offset<T>(Members)...};
    return assign_values(mapper_of<T>(), &object, allowed, list, unlisted);
}

/// The same from a JSON object: `from_json(user, body, members<&User::name, &User::born>)`. Each
/// value must have the JSON type of its member: numbers for numbers, but text for decimals, dates
/// and what else is not a number or true and false; null for an empty optional; an object for an
/// embedded struct. Members that are not in the text keep what they have.
template <class T, auto... Members>
std::vector<std::string> from_json(T& object, std::string_view json, MemberList<Members...>,
                                   Unlisted unlisted = Unlisted::reject) {
    const std::uint32_t allowed[] = {member_offset<T>(Members)...};
    return assign_json(mapper_of<T>(), &object, allowed, json, unlisted);
}
/// A new object: `session.add(from_json<User>(body, members<&User::name>))`.
template <Described T, auto... Members>
[[nodiscard]] T from_json(std::string_view json, MemberList<Members...> listed,
                          Unlisted unlisted = Unlisted::reject) {
    T object = make_object<T>();
    from_json(object, json, listed, unlisted);
    return object;
}

} // namespace mercator
