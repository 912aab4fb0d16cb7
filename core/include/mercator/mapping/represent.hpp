// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/describe.hpp>
#include <mercator/support/export.hpp>

#include <string>

namespace mercator {

/// The untyped half of `represent`.
[[nodiscard]] MERCATOR_API std::string represent_object(const Mapper& mapper, const void* object);

/// An object on one line, for people: `User(id=1, name='Ada', password_hash=***)`. Columns marked
/// sensitive are masked, long text is cut, relationships are left out, so nothing is loaded.
template <Described T>
[[nodiscard]] std::string represent(const T& object) {
    return represent_object(mapper_of<T>(), &object);
}

} // namespace mercator
