// SPDX-License-Identifier: MIT
#include "numeric.hpp"

#include "wire.hpp"

#include <mercator/support/error.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace mercator::postgresql {
namespace {

__extension__ typedef unsigned __int128 Coefficient;

constexpr unsigned group_base = 10'000;
constexpr std::array<unsigned, 5> powers_of_ten{1, 10, 100, 1'000, 10'000};
constexpr std::uint16_t positive = 0x0000;
constexpr std::uint16_t negative = 0x4000;
constexpr std::size_t header_bytes = 8;

constexpr Coefficient digits_all_nine(int digits) {
    Coefficient value = 1;
    for (int i = 0; i < digits; ++i) value *= 10;
    return value - 1;
}

constexpr Coefficient largest_coefficient = digits_all_nine(38);
/// Up to here another group always fits: spares a division of 128 bits.
constexpr Coefficient surely_extensible = digits_all_nine(34);

Coefficient magnitude(const Decimal& value) noexcept {
    const auto bits = static_cast<Coefficient>(static_cast<std::uint64_t>(value.coefficient_high()))
                          << 64 |
                      value.coefficient_low();
    return value.is_negative() ? Coefficient{0} - bits : bits;
}

Decimal signed_decimal(Coefficient bits, bool is_negative, int scale) {
    if (is_negative) bits = Coefficient{0} - bits;
    return Decimal::from_parts(static_cast<std::int64_t>(static_cast<std::uint64_t>(bits >> 64)),
                               static_cast<std::uint64_t>(bits), scale);
}

[[noreturn]] void throw_too_long(std::string_view where) {
    throw_data_error(
        "a NUMERIC of more than 38 digits does not fit a Decimal; round it in the statement",
        std::string(where));
}

/// One group more at the low end; a group that reaches below the scale gives only its leading
/// digits.
Coefficient with_group(Coefficient coefficient, unsigned group, int digits_below_scale,
                       std::string_view where) {
    const auto kept = static_cast<std::size_t>(4 - digits_below_scale);
    const unsigned dropped = powers_of_ten[static_cast<std::size_t>(digits_below_scale)];
    if (group % dropped != 0) throw_too_long(where);
    if (coefficient > surely_extensible && coefficient > largest_coefficient / powers_of_ten[kept])
        throw_too_long(where);
    coefficient = coefficient * powers_of_ten[kept] + group / dropped;
    if (coefficient > largest_coefficient) throw_too_long(where);
    return coefficient;
}

/// Digits of 1 … 9999 without leading zeros.
int digits_of(unsigned group) noexcept {
    return group >= 1'000 ? 4 : group >= 100 ? 3 : group >= 10 ? 2 : 1;
}

/// The column's scale, or as much of it as leaves room for the digits before the point: what is
/// dropped must be zeros.
int scale_with_room(int scale, int weight, unsigned first_group) noexcept {
    const int before_point = weight < 0 ? 0 : 4 * weight + digits_of(first_group);
    return std::clamp(scale, 0, std::max(0, 38 - before_point));
}

} // namespace

std::size_t encode_numeric(const Decimal& value, char* out) noexcept {
    Coefficient rest = magnitude(value);
    const int scale = value.scale();
    const int fraction_groups = (scale + 3) / 4;
    std::array<std::uint16_t, 12> groups{}; // lowest first
    std::size_t count = 0;
    if (const int padding = fraction_groups * 4 - scale; padding != 0) {
        const unsigned low = powers_of_ten[static_cast<std::size_t>(4 - padding)];
        groups[count++] = static_cast<std::uint16_t>(
            static_cast<unsigned>(rest % low) * powers_of_ten[static_cast<std::size_t>(padding)]);
        rest /= low;
    }
    while (rest > UINT64_MAX) {
        groups[count++] = static_cast<std::uint16_t>(rest % group_base);
        rest /= group_base;
    }
    for (auto small = static_cast<std::uint64_t>(rest); small != 0; small /= group_base)
        groups[count++] = static_cast<std::uint16_t>(small % group_base);

    const int weight = static_cast<int>(count) - fraction_groups - 1;
    std::size_t lowest = 0;
    while (lowest < count && groups[lowest] == 0) ++lowest;
    const std::size_t written = count - lowest;
    write_integer(out, static_cast<std::uint16_t>(written));
    write_integer(out + 2, static_cast<std::int16_t>(written == 0 ? 0 : weight));
    write_integer(out + 4, value.is_negative() ? negative : positive);
    write_integer(out + 6, static_cast<std::uint16_t>(scale));
    char* position = out + header_bytes;
    for (std::size_t i = count; i-- > lowest; position += 2) write_integer(position, groups[i]);
    return static_cast<std::size_t>(position - out);
}

Decimal decode_numeric(const char* data, std::size_t length, std::string_view where) {
    const auto count = read_integer<std::uint16_t>(data);
    const auto weight = read_integer<std::int16_t>(data + 2);
    const auto sign = read_integer<std::uint16_t>(data + 4);
    if (sign != positive && sign != negative)
        throw_data_error("NUMERIC holds NaN or an infinity, which a Decimal cannot",
                         std::string(where));
    if (length < header_bytes + 2 * std::size_t{count})
        throw_data_error("the server sent a NUMERIC that is cut off", std::string(where));
    const unsigned first_group = count == 0 ? 0 : read_integer<std::uint16_t>(data + header_bytes);
    const int scale = scale_with_room(read_integer<std::uint16_t>(data + 6), weight, first_group);

    Coefficient coefficient = 0;
    int exponent = 4 * weight; // of the lowest digit of the group at hand
    for (std::size_t i = 0; i < count; ++i, exponent -= 4) {
        const unsigned group = read_integer<std::uint16_t>(data + header_bytes + 2 * i);
        const int below = -scale - exponent;
        coefficient = with_group(coefficient, group, below <= 0 ? 0 : below < 4 ? below : 4, where);
    }
    // Groups of zeros at the end are not sent.
    for (exponent += 4; coefficient != 0 && exponent > -scale; --exponent) {
        if (coefficient > surely_extensible && coefficient > largest_coefficient / 10)
            throw_too_long(where);
        coefficient *= 10;
    }
    return signed_decimal(coefficient, sign == negative, scale);
}

} // namespace mercator::postgresql
