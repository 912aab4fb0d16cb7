// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <chrono>
#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mercator {

/// A moment, always UTC, in microseconds: what a TIMESTAMP holds on every backend. Years 0001 to
/// 9999.
using DateTime = std::chrono::sys_time<std::chrono::microseconds>;

/// A calendar day without a time of day (proleptic Gregorian). Years 0001 to 9999.
using Date = std::chrono::year_month_day;

/// A length of time in microseconds: negative, or longer than a day, as it comes. Members may also
/// be std::chrono durations of coarser units (seconds, hours, days), which are stored the same way.
using Interval = std::chrono::microseconds;

/// A time of day: from 00:00:00 up to, but not including, 24:00:00, in microseconds. What
/// `std::chrono::hh_mm_ss<microseconds>` says, with an order and equality, so that classes with
/// such a member still compare; the two convert into each other, and either may be a member.
///
///     Time opens = Time(9h, 30min);
class MERCATOR_API Time {
public:
    using Parts = std::chrono::hh_mm_ss<std::chrono::microseconds>;

    /// Midnight.
    constexpr Time() noexcept = default;
    /// Throws DataError for what is no time of day: negative, or 24 hours and more.
    constexpr explicit Time(Interval since_midnight) : since_midnight_(checked(since_midnight)) {}
    constexpr Time(std::chrono::hours hour, std::chrono::minutes minute,
                   std::chrono::seconds second = {}, Interval fraction = {}) :
        Time(hour + minute + second + fraction) {}
    constexpr Time(const Parts& parts) :
        // NOLINT(google-explicit-constructor): the same thing
        Time(parts.to_duration()) {}

    [[nodiscard]] static constexpr bool is_time_of_day(Interval since_midnight) noexcept {
        return since_midnight >= Interval(0) && since_midnight < std::chrono::hours(24);
    }

    [[nodiscard]] constexpr Interval since_midnight() const noexcept { return since_midnight_; }
    /// Hours, minutes, seconds and the fraction, one by one.
    [[nodiscard]] constexpr Parts parts() const noexcept { return Parts(since_midnight_); }
    constexpr operator Parts() const noexcept { // NOLINT(google-explicit-constructor)
        return parts();
    }

    friend constexpr auto operator<=>(const Time&, const Time&) noexcept = default;

private:
    [[nodiscard]] static constexpr Interval checked(Interval since_midnight) {
        if (!is_time_of_day(since_midnight)) refuse();
        return since_midnight;
    }
    [[noreturn]] static void refuse();

    Interval since_midnight_{};
};

/// Now, in microseconds. The usual `default_factory` of a DateTime column.
[[nodiscard]] MERCATOR_API DateTime utc_now();

/// Today's date in UTC.
[[nodiscard]] MERCATOR_API Date today();

/// ISO text: "2024-02-29 12:30:00", with ".123456" appended only when the fraction is not zero.
/// This form sorts as time does.
[[nodiscard]] MERCATOR_API std::string to_string(DateTime moment);
[[nodiscard]] MERCATOR_API std::string to_string(Date day);
/// "09:30:00", with the fraction as above.
[[nodiscard]] MERCATOR_API std::string to_string(Time time);
/// "-838:59:59.000001": hours without a limit, at least two digits.
[[nodiscard]] MERCATOR_API std::string to_string(Interval interval);

/// Longest text that `write_text` makes ("YYYY-MM-DD HH:MM:SS.ffffff").
inline constexpr std::size_t max_date_time_text = 26;

/// Writes the text of `to_string` to `out` (at least max_date_time_text bytes) and returns its
/// length; allocates nothing. Writes nothing and returns 0 for what is not storable.
MERCATOR_API std::size_t write_text(DateTime moment, char* out) noexcept;
MERCATOR_API std::size_t write_text(Date day, char* out) noexcept;
MERCATOR_API std::size_t write_text(Time time, char* out) noexcept;
MERCATOR_API std::size_t write_text(Interval interval, char* out) noexcept;

/// Reads "YYYY-MM-DD", "YYYY-MM-DD HH:MM[:SS[.f{1,9}]]", 'T' instead of the blank, and a trailing
/// "Z" or "+00[:00]". Nothing on anything else, including days that do not exist. Fractions beyond
/// microseconds are cut.
[[nodiscard]] MERCATOR_API std::optional<DateTime> parse_date_time(std::string_view text) noexcept;
[[nodiscard]] MERCATOR_API std::optional<Date> parse_date(std::string_view text) noexcept;
/// Reads "HH:MM[:SS[.f{1,9}]]".
[[nodiscard]] MERCATOR_API std::optional<Time> parse_time(std::string_view text) noexcept;
/// Reads "[-]H..H:MM:SS[.f{1,9}]". Nothing for what does not fit 64 bits of microseconds.
[[nodiscard]] MERCATOR_API std::optional<Interval> parse_interval(std::string_view text) noexcept;

/// True for days and moments within years 0001 to 9999, what all backends can hold.
[[nodiscard]] MERCATOR_API bool is_storable(DateTime moment) noexcept;
[[nodiscard]] MERCATOR_API bool is_storable(Date day) noexcept;

} // namespace mercator

template <>
struct std::hash<mercator::Time> {
    std::size_t operator()(mercator::Time value) const noexcept {
        return std::hash<mercator::Interval::rep>()(value.since_midnight().count());
    }
};
