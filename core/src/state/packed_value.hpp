// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/types/value.hpp>

#include <string>
#include <string_view>

namespace mercator {

/// A Value as bytes, one form per value: kind, then content. Decimals lose trailing zeros, so that
/// equal ones look equal.
[[nodiscard]] std::string pack_value(const Value& value);
[[nodiscard]] Value unpack_value(std::string_view bytes);

} // namespace mercator
