// SPDX-License-Identifier: MIT
#include "parameters.hpp"

#include "utf8.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <cmath>

namespace mercator::mysql {
namespace {

[[noreturn]] void refuse(const Target& target, std::string message) {
    throw_data_error(std::move(message), target.where.empty()
                                             ? fmt::format("parameter {}", target.index + 1)
                                             : std::string(target.where));
}

} // namespace

void check_finite(const Target& target, double value) {
    if (std::isfinite(value)) return;
    refuse(target, "this database stores neither NaN nor infinity; store NULL instead");
}

void check_text(const Target& target, std::string_view text) {
    const auto characters = count_characters(text);
    if (!characters) refuse(target, "the text is not valid UTF-8");
    const std::uint32_t length = target.type.kind == TypeKind::String ? target.type.length : 0;
    if (!target.stored || length == 0 || *characters <= length) return;
    refuse(target,
           fmt::format("the text has {} characters, the column holds {}", *characters, length));
}

void check_size(const Target& target, std::size_t bytes, std::size_t max_packet) {
    if (bytes <= max_packet) return;
    refuse(target, fmt::format("the value has {} bytes, the server's max_allowed_packet is {}",
                               bytes, max_packet));
}

void check_decimal(const Target& target, const Decimal& value) {
    const SqlType& type = target.type;
    if (!target.stored || type.kind != TypeKind::Numeric || type.precision == 0) return;
    // The server would round and only leave a note.
    const auto fitted = value.rescaled(type.scale);
    if (fitted && fitted->precision() <= type.precision) return;
    refuse(target,
           fmt::format("the number does not fit {} exactly; round it first", to_string(type)));
}

void check_storable(const Target& target, bool storable) {
    if (!storable) refuse(target, "the date lies outside the years 0001 to 9999");
}

void check_uuid(const Target& target, const Uuid& value) {
    constexpr std::uint8_t high_bit = 0x80;
    const auto version = value.bytes()[6];
    const auto variant = value.bytes()[8];
    if (version < high_bit || variant == 0 || variant > high_bit) return;
    refuse(target, "this server's type UUID would change a UUID of this version and variant; map "
                   "the column as LargeBinary(16)");
}

void check_midnight(const Target& target, DateTime value) {
    if (std::chrono::floor<std::chrono::days>(value) != value)
        refuse(target, "the moment has a time of day, which a column of days would lose");
}

void check_whole(const Target& target, double value) {
    if (std::trunc(value) != value)
        refuse(target, fmt::format("the number has a fraction, which {} would lose",
                                   to_string(target.type)));
}

void check_whole(const Target& target, const Decimal& value) {
    if (!value.rescaled(0))
        refuse(target, fmt::format("the number has a fraction, which {} would lose",
                                   to_string(target.type)));
}

void check_spelling(const Target& target, std::string_view text) {
    bool is_spelled = true;
    switch (target.type.kind) {
    case TypeKind::DateTime:
        is_spelled = parse_date_time(text).has_value();
        break;
    case TypeKind::Date: {
        const auto moment = parse_date_time(text);
        is_spelled = moment.has_value();
        if (moment) check_midnight(target, *moment);
        break;
    }
    case TypeKind::Time:
        is_spelled = parse_time(text) || parse_interval(text);
        break;
    default:
        if (target.type.is_integer() || target.type.kind == TypeKind::Boolean)
            check_whole(target, decimal_of(target, text));
    }
    if (!is_spelled) refuse(target, fmt::format("the text is no {}", to_string(target.type)));
}

void refuse_kind(const Target& target) {
    refuse(target, fmt::format("the value's kind does not fit a parameter of type {}",
                               to_string(target.type)));
}

Uuid uuid_of(const Target& target, std::string_view text) {
    const auto value = Uuid::parse(text);
    if (!value) refuse(target, "the text is no UUID");
    return *value;
}

Interval interval_of(const Target& target, std::string_view text) {
    const auto value = parse_interval(text);
    if (!value) refuse(target, "the text is no interval of the form HH:MM:SS.ffffff");
    return *value;
}

Decimal decimal_of(const Target& target, std::string_view text) {
    const auto value = Decimal::parse(text);
    if (!value) refuse(target, "the value is no decimal number of at most 38 digits");
    return *value;
}

} // namespace mercator::mysql
