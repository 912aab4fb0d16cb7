// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/loader_option.hpp>
#include <mercator/support/export.hpp>

#include <concepts>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace mercator {

/// Says the same of several columns; `only` leaves the others out.
[[nodiscard]] MERCATOR_API std::shared_ptr<const LoadNode>
column_wishes(const Mapper& mapper, const std::vector<std::uint32_t>& offsets,
              ColumnWish::Kind kind, bool only);
/// ArgumentError that lists the groups there are.
[[nodiscard]] MERCATOR_API std::shared_ptr<const LoadNode> group_wishes(const Mapper& mapper,
                                                                        std::string_view group);

template <ColumnWish::Kind kind, bool only, auto First, auto... Rest>
[[nodiscard]] auto column_option() {
    using Class = typename MemberPointer<decltype(First)>::class_type;
    static_assert(
        (std::same_as<Class, typename MemberPointer<decltype(Rest)>::class_type> && ...),
        "mercator: one option names members of one class; give related classes theirs by then()");
    static_assert(
        !std::derived_from<typename MemberPointer<decltype(First)>::member_type, RelatedOne> &&
            !std::derived_from<typename MemberPointer<decltype(First)>::member_type, RelatedMany>,
        "mercator: this option is about columns; for relationships there are selectin, noload ...");
    return LoaderOption<Class>(
        column_wishes(mapper_of<Class>(),
                      {member_offset<Class>(First), member_offset<Class>(Rest)...}, kind, only));
}

/// Only these columns, the key, and what foreign keys consist of:
/// `session.query<const Post>().options(load_only<&Post::title>())`. What is left out must be a
/// Deferred<T>, which loads when it is touched, or the objects be const; a const object's plain
/// members that are left out stay as they are in a new object. Joined statements have all columns.
template <auto... Members>
[[nodiscard]] auto load_only() {
    return column_option<ColumnWish::Kind::Load, true, Members...>();
}
/// Without these columns, with the same conditions.
template <auto... Members>
[[nodiscard]] auto defer() {
    return column_option<ColumnWish::Kind::Defer, false, Members...>();
}
/// The same, and touching them is a StateError: SQLAlchemy's `defer(..., raiseload=True)`.
template <auto... Members>
[[nodiscard]] auto defer_raise() {
    return column_option<ColumnWish::Kind::Raise, false, Members...>();
}
/// With these columns, which the mapping defers.
template <auto... Members>
[[nodiscard]] auto undefer() {
    return column_option<ColumnWish::Kind::Load, false, Members...>();
}
/// With all columns of a group: `undefer_group<Post>("texts")`.
template <class Class>
[[nodiscard]] LoaderOption<Class> undefer_group(std::string_view group) {
    return LoaderOption<Class>(group_wishes(mapper_of<Class>(), group));
}

} // namespace mercator
