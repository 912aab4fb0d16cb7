// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/describe.hpp>
#include <mercator/support/export.hpp>

#include <string>
#include <string_view>

namespace mercator {

/// The untyped half of `represent`.
[[nodiscard]] MERCATOR_API std::string represent_object(const Mapper& mapper, const void* object);

/// An object on one line, for people: `User(id=1, name='Ada', password_hash=***)`. Columns marked
/// sensitive are masked, long text is cut, relationships are left out, so nothing is loaded.
template <Described T>
[[nodiscard]] std::string represent(const T& object) {
    return represent_object(mapper_of<T>(), &object);
}

/// The untyped half of `to_string`: `state` is what is said of an object without a key.
[[nodiscard]] MERCATOR_API std::string name_object(const Mapper& mapper, const void* object,
                                                   std::string_view state);

/// Class and primary key, for logs: `<User 1>`, `<Seat 12, 'A'>`; `<User (transient)>` as long as
/// there is no key. Loads nothing, and shows no sensitive key. With <mercator/mapping/format.hpp>
/// fmt prints objects so; of a handle, <mercator/state/name.hpp> also tells pending objects.
template <Described T>
[[nodiscard]] std::string to_string(const T& object) {
    return name_object(mapper_of<T>(), &object, "transient");
}

} // namespace mercator
