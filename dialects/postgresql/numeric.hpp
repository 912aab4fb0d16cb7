// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/types/decimal.hpp>

#include <cstddef>
#include <string_view>

namespace mercator::postgresql {

/// Longest binary NUMERIC that a Decimal of 38 digits makes: a header and eleven groups of four
/// digits, rounded up.
inline constexpr std::size_t max_numeric_bytes = 48;

/// Writes the binary form (groups of four decimal digits) and returns its length.
std::size_t encode_numeric(const Decimal& value, char* out) noexcept;

/// Exactly, or a DataError naming `where`: for NaN, infinities, and more than 38 digits.
[[nodiscard]] Decimal decode_numeric(const char* data, std::size_t length, std::string_view where);

} // namespace mercator::postgresql
