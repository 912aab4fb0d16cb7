// SPDX-License-Identifier: MIT
#include "row_reader.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator::mysql {

void refuse_column(std::string_view what, std::string_view where, std::uint16_t column) {
    throw_data_error(std::string(what),
                     where.empty() ? fmt::format("column {}", column + 1) : std::string(where));
}

void refuse_null(std::string_view where, std::uint16_t column) {
    refuse_column("the column is NULL and the member is not optional", where, column);
}

void refuse_unreadable(std::string_view where, std::uint16_t column) {
    refuse_column("the column's value cannot be read as the member's type", where, column);
}

std::optional<Date> parse_day(std::string_view text) {
    int numbers[3] = {0, 0, 0};
    for (int part = 0; part < 3; ++part) {
        const auto [end, error] =
            std::from_chars(text.data(), text.data() + text.size(), numbers[part]);
        if (error != std::errc{}) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (part < 2 && !text.starts_with('-')) return std::nullopt;
        if (part < 2) text.remove_prefix(1);
    }
    constexpr std::string_view midnight = " 00:00:00";
    if (text.starts_with(midnight)) text.remove_prefix(midnight.size());
    if (text.find_first_not_of(".0") != std::string_view::npos)
        return std::nullopt; // a time of day would be lost
    if (numbers[1] < 0 || numbers[2] < 0) return std::nullopt;
    const Date day{std::chrono::year(numbers[0]),
                   std::chrono::month(static_cast<unsigned>(numbers[1])),
                   std::chrono::day(static_cast<unsigned>(numbers[2]))};
    return day.ok() && is_storable(day) ? std::optional(day) : std::nullopt;
}

std::optional<DateTime> parse_moment(std::string_view text) {
    if (const auto moment = parse_date_time(text)) return moment;
    const auto day = parse_day(text);
    return day ? std::optional<DateTime>(std::chrono::sys_days(*day)) : std::nullopt;
}

std::optional<Uuid> parse_uuid_bytes(std::string_view stored) {
    Uuid::ByteArray bytes{};
    if (stored.size() != bytes.size()) return Uuid::parse(stored);
    std::copy(stored.begin(), stored.end(), bytes.begin());
    return Uuid(bytes);
}

std::optional<double> parse_double(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value)
                                                                    : std::nullopt;
}

std::string whole_digits(const Decimal& number, std::string_view where, std::uint16_t column) {
    const auto whole = number.rescaled(0);
    if (!whole) {
        refuse_column("the number has a fraction and the member is an integer", where, column);
    }
    return whole->to_string();
}

std::string spell(double number) {
    return fmt::format("{}", number);
}

} // namespace mercator::mysql
