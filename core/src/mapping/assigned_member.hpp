// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>

#include <cstddef>

namespace mercator {

/// Sets a member as an assignment would: a deferred one is loaded first, and an Attribute<T> tells
/// its listeners, who may change the value or refuse it. Throws DataError for a value that does not
/// fit, with the member as it was.
void assign_member(const Mapper& mapper, const ColumnProperty& property, std::byte* object,
                   const Value& value);

} // namespace mercator
