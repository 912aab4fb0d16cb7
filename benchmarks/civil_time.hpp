// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/types/temporal.hpp>

#include <chrono>

namespace benchmarks {

[[nodiscard]] inline mercator::DateTime civil_time(int year, unsigned month, unsigned day, int hour, int minute,
                                                   int second) {
    using namespace std::chrono;
    return sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day)) + hours(hour) +
           minutes(minute) + seconds(second);
}

/// "YYYY-MM-DD HH:MM:SS", trusted to be that.
[[nodiscard]] inline mercator::DateTime read_civil_time(const char* text) {
    const auto two = [text](int at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
    return civil_time(two(0) * 100 + two(2), static_cast<unsigned>(two(5)), static_cast<unsigned>(two(8)), two(11),
                      two(14), two(17));
}

/// Writes 19 characters.
inline void write_civil_time(mercator::DateTime moment, char* out) {
    const auto days = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day day(days);
    const std::chrono::hh_mm_ss time(moment - days);
    const auto two = [out](int at, long value) {
        out[at] = static_cast<char>('0' + value / 10);
        out[at + 1] = static_cast<char>('0' + value % 10);
    };
    const int year = static_cast<int>(day.year());
    two(0, year / 100);
    two(2, year % 100);
    out[4] = out[7] = '-';
    two(5, static_cast<long>(static_cast<unsigned>(day.month())));
    two(8, static_cast<long>(static_cast<unsigned>(day.day())));
    out[10] = ' ';
    two(11, time.hours().count());
    out[13] = out[16] = ':';
    two(14, time.minutes().count());
    two(17, time.seconds().count());
}

}  // namespace benchmarks
