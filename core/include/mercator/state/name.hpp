// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/represent.hpp>
#include <mercator/support/export.hpp>

#include <memory>
#include <string>
#include <type_traits>

namespace mercator {

/// The untyped halves of what follows.
[[nodiscard]] MERCATOR_API std::string name_handle(const Mapper& mapper,
                                                   const std::shared_ptr<void>& handle);
[[nodiscard]] MERCATOR_API bool is_same_row(const std::shared_ptr<void>& a,
                                            const std::shared_ptr<void>& b);

/// As of an object (`<User 1>`), and of one without a key, where it stands: `<User (pending)>`,
/// `<User (transient)>`. An empty handle is `<no User>`.
template <class T>
requires Described<std::remove_const_t<T>>
[[nodiscard]] std::string to_string(const std::shared_ptr<T>& handle) {
    using Plain = std::remove_const_t<T>;
    return name_handle(mapper_of<Plain>(), std::const_pointer_cast<Plain>(handle));
}

/// Do two handles stand for the same row: of the same class and key, in the same database (that is,
/// of sessions of one Database)? Objects of two sessions are two objects, and may be one row; so
/// may a detached one and what was loaded since. Objects without a row are the same as themselves
/// alone, and so are objects that no session made.
template <class A, class B>
requires(Described<std::remove_const_t<A>>&& Described<std::remove_const_t<B>>)
    [[nodiscard]] bool same_row(const std::shared_ptr<A>& a, const std::shared_ptr<B>& b) {
    return is_same_row(std::const_pointer_cast<std::remove_const_t<A>>(a),
                       std::const_pointer_cast<std::remove_const_t<B>>(b));
}

} // namespace mercator
