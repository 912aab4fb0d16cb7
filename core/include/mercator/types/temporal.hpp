// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mercator {

/// A moment, always UTC, in microseconds: what a TIMESTAMP holds on every backend. Years 0001 to
/// 9999.
using DateTime = std::chrono::sys_time<std::chrono::microseconds>;

/// A calendar day without a time of day (proleptic Gregorian). Years 0001 to 9999.
using Date = std::chrono::year_month_day;

/// Now, in microseconds. The usual `default_factory` of a DateTime column.
[[nodiscard]] MERCATOR_API DateTime utc_now();

/// Today's date in UTC.
[[nodiscard]] MERCATOR_API Date today();

/// ISO text: "2024-02-29 12:30:00", with ".123456" appended only when the fraction is not zero.
/// This form sorts as time does.
[[nodiscard]] MERCATOR_API std::string to_string(DateTime moment);
[[nodiscard]] MERCATOR_API std::string to_string(Date day);

/// Longest text that `write_text` makes ("YYYY-MM-DD HH:MM:SS.ffffff").
inline constexpr std::size_t max_date_time_text = 26;

/// Writes the text of `to_string` to `out` (at least max_date_time_text bytes) and returns its
/// length; allocates nothing. Writes nothing and returns 0 for what is not storable.
MERCATOR_API std::size_t write_text(DateTime moment, char* out) noexcept;
MERCATOR_API std::size_t write_text(Date day, char* out) noexcept;

/// Reads "YYYY-MM-DD", "YYYY-MM-DD HH:MM[:SS[.f{1,9}]]", 'T' instead of the blank, and a trailing
/// "Z" or "+00[:00]". Nothing on anything else, including days that do not exist. Fractions beyond
/// microseconds are cut.
[[nodiscard]] MERCATOR_API std::optional<DateTime> parse_date_time(std::string_view text) noexcept;
[[nodiscard]] MERCATOR_API std::optional<Date> parse_date(std::string_view text) noexcept;

/// True for days and moments within years 0001 to 9999, what all backends can hold.
[[nodiscard]] MERCATOR_API bool is_storable(DateTime moment) noexcept;
[[nodiscard]] MERCATOR_API bool is_storable(Date day) noexcept;

} // namespace mercator
