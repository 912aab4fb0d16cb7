// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/describe.hpp>
#include <mercator/support/export.hpp>

#include <concepts>
#include <utility>

namespace mercator {

/// The untyped halves of `clone`.
MERCATOR_API void copy_for_clone(const Mapper& mapper, const void* from, void* to);
MERCATOR_API void check_shareable(const Mapper& mapper, std::uint32_t offset);

/// A new object with the values of another, to be changed and added as a row of its own:
///
///     Order again = clone(*order, members<&Order::customer, &Order::tags>);
///     session.add(std::move(again));
///
/// Copied are all columns but those that tell the rows apart: the primary key, what is unique by
/// itself, the version. So foreign keys come along; related objects only of the relationships that
/// are named: both objects then refer to them. ArgumentError for a collection whose members have
/// one owner: they would leave the original. Members that are not mapped start as in any new
/// object; deferred columns are loaded.
template <Described T, auto... Relationships>
[[nodiscard]] T clone(const T& object, MemberList<Relationships...> = {}) {
    T copy = make_object<T>();
    copy_for_clone(mapper_of<T>(), &object, &copy);
    [[maybe_unused]] const auto share = [&](auto member) {
        check_shareable(mapper_of<T>(), member_offset<T>(member));
        const auto& side = object.*member;
        if constexpr (requires { side.handle(); }) {
            copy.*member = side.handle();
        } else {
            for (auto target : side) (copy.*member).add(std::move(target));
        }
    };
    (share(Relationships), ...);
    return copy;
}

} // namespace mercator
