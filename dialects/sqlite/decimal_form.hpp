// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/types/decimal.hpp>
#include <mercator/types/sql_type.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mercator::sqlite {

/// How a Numeric column is kept in a database that has no exact decimals.
enum class DecimalForm : std::uint8_t {
    Scaled,       ///< up to 18 digits: an INTEGER of units of 10^-scale
    SortableText, ///< more digits: TEXT that compares as the numbers do
    Number        ///< somebody else's table: whatever SQLite makes of it
};

/// Most digits that always fit a 64-bit integer.
inline constexpr int scaled_digits = 18;

[[nodiscard]] DecimalForm decimal_form(const SqlType& type) noexcept;

/// 10 to the power of `exponent`, 0 to 18.
[[nodiscard]] std::int64_t power_of_ten(int exponent) noexcept;

/// "02:19.99" for 19.99, "-97:80~" for -19: sign, number of digits before the point, the digits
/// without trailing zeros behind the point; for negative numbers everything as nines' complement.
/// Equal values have equal texts whatever their scale, and the order of the texts is that of the
/// values.
[[nodiscard]] std::string to_sortable_text(const Decimal& value);
[[nodiscard]] std::optional<Decimal> from_sortable_text(std::string_view text);

} // namespace mercator::sqlite
