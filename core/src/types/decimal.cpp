// SPDX-License-Identifier: MIT
#include <mercator/types/decimal.hpp>

#include <mercator/support/error.hpp>

#include <boost/multiprecision/cpp_int.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <ostream>

namespace mercator {
namespace {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;
// Wide enough for every intermediate result: 38 digits scaled by 10^76, or 2^130 * 10^38.
using Wide = boost::multiprecision::int512_t;

constexpr int max_digits = 38;
constexpr int max_scale = 38;

constexpr std::array<UInt128, max_digits + 1> powers = [] {
    std::array<UInt128, max_digits + 1> table{};
    table[0] = 1;
    for (std::size_t i = 1; i < table.size(); ++i) table[i] = table[i - 1] * 10;
    return table;
}();

constexpr UInt128 power(int exponent) {
    return powers[static_cast<std::size_t>(exponent)];
}
// One more than the largest coefficient.
constexpr UInt128 limit = powers[max_digits];

constexpr UInt128 magnitude(Int128 value) {
    return value < 0 ? UInt128{0} - static_cast<UInt128>(value) : static_cast<UInt128>(value);
}

constexpr Int128 join(std::int64_t high, std::uint64_t low) {
    return static_cast<Int128>((static_cast<UInt128>(static_cast<std::uint64_t>(high)) << 64U) |
                               low);
}

Int128 coefficient(const Decimal& value) {
    return join(value.coefficient_high(), value.coefficient_low());
}

constexpr std::int64_t high_part(Int128 value) {
    return static_cast<std::int64_t>(value >> 64U);
}
constexpr std::uint64_t low_part(Int128 value) {
    return static_cast<std::uint64_t>(value);
}

int count_digits(UInt128 value) {
    int digits = 1;
    while (digits < max_digits && value >= power(digits)) ++digits;
    return digits;
}

[[noreturn]] void too_many_digits() {
    throw_data_error("a decimal result needs more than 38 digits; round the operands first", "");
}

void check_scale(int scale) {
    if (scale < 0 || scale > max_scale) {
        throw ArgumentError("the scale of a Decimal must be from 0 to 38");
    }
}

Decimal make(Int128 value, int scale) {
    return Decimal::from_parts(high_part(value), low_part(value), scale);
}

// Widens the operand by as many zeros as `digits`, or says that it would not fit.
bool scale_up(Int128 value, int digits, Int128& result) {
    if (magnitude(value) >= power(max_digits - digits)) return false;
    result = value * static_cast<Int128>(power(digits));
    return true;
}

Wide wide_power(int exponent) {
    const int first = std::min(exponent, max_digits);
    Wide result(power(first));
    if (exponent > first) result *= Wide(power(exponent - first));
    return result;
}

// Zeros behind the point are given up before an exact result is refused.
Decimal narrow(Wide value, int scale) {
    const Wide bound(limit);
    while (scale > 0 && (scale > max_scale || abs(value) >= bound) && value % 10 == 0) {
        value /= 10;
        --scale;
    }
    if (scale > max_scale || abs(value) >= bound) too_many_digits();
    return make(static_cast<Int128>(value), scale);
}

Wide divide_half_even(const Wide& numerator, const Wide& denominator) {
    Wide quotient;
    Wide remainder;
    divide_qr(numerator, denominator, quotient, remainder);
    const Wide twice = abs(remainder) * 2;
    const Wide bound = abs(denominator);
    if (twice > bound || (twice == bound && quotient % 2 != 0)) {
        quotient += (numerator < 0) == (denominator < 0) ? 1 : -1;
    }
    return quotient;
}

Int128 divide_half_even(Int128 value, UInt128 divisor) {
    const UInt128 whole = magnitude(value);
    UInt128 quotient = whole / divisor;
    const UInt128 remainder = whole % divisor;
    const UInt128 rest = divisor - remainder;
    if (remainder > rest || (remainder == rest && quotient % 2 != 0)) ++quotient;
    return value < 0 ? -static_cast<Int128>(quotient) : static_cast<Int128>(quotient);
}

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Reads the digits of a number, leaving out trailing zeros, whose number is kept apart: so any
// count of zeros is accepted, and 38 digits are 38 digits wherever the point is.
struct DigitReader {
    UInt128 value = 0;
    int digits = 0;            // of value; 0 while it is zero
    std::int64_t zeros = 0;    // read but not yet part of value
    std::int64_t fraction = 0; // digits behind the point
    bool any = false;
    bool fits = true;

    void add(char c) {
        any = true;
        if (c == '0') {
            if (value != 0) ++zeros;
            return;
        }
        const std::int64_t room = max_digits - digits;
        if (zeros + 1 > room) {
            fits = false;
            return;
        }
        const int step = static_cast<int>(zeros) + 1;
        value = value * power(step) + static_cast<UInt128>(c - '0');
        digits += step;
        zeros = 0;
    }
};

const char* read_digits(const char* at, const char* end, DigitReader& reader) {
    for (; at != end && is_digit(*at); ++at) reader.add(*at);
    if (at == end || *at != '.') return at;
    ++at;
    for (; at != end && is_digit(*at); ++at) {
        reader.add(*at);
        ++reader.fraction;
    }
    return at;
}

// The exponent after 'e', or nothing. Larger ones than any that could fit are cut to one that
// cannot.
std::optional<std::int64_t> read_exponent(const char* at, const char* end) {
    constexpr std::int64_t far = 1'000'000'000;
    if (at == end) return 0;
    if (*at != 'e' && *at != 'E') return std::nullopt;
    ++at;
    bool negative = false;
    if (at != end && (*at == '+' || *at == '-')) negative = *at++ == '-';
    if (at == end) return std::nullopt;
    std::int64_t exponent = 0;
    for (; at != end; ++at) {
        if (!is_digit(*at)) return std::nullopt;
        exponent = std::min(far, exponent * 10 + (*at - '0'));
    }
    return negative ? -exponent : exponent;
}

std::optional<Decimal> assemble(const DigitReader& read, std::int64_t exponent, bool negative) {
    const std::int64_t wanted = std::clamp<std::int64_t>(read.fraction - exponent, 0, max_scale);
    if (read.value == 0) return make(0, static_cast<int>(wanted));
    const std::int64_t ten = read.zeros - read.fraction + exponent; // number = value * 10^ten
    const std::int64_t needed = std::max<std::int64_t>(0, -ten);
    const std::int64_t scale = std::min(wanted, max_digits - read.digits - ten);
    if (needed > max_scale || scale < needed) return std::nullopt;
    const UInt128 units = read.value * power(static_cast<int>(ten + scale));
    const auto whole = static_cast<Int128>(units);
    return make(negative ? -whole : whole, static_cast<int>(scale));
}

// The digits of `value`, at least `least` of them, written so that they end at `end`; returns their
// start.
char* write_digits(UInt128 value, int least, char* end) {
    char* at = end;
    while (value > std::numeric_limits<std::uint64_t>::max()) {
        *--at = static_cast<char>('0' + static_cast<int>(value % 10));
        value /= 10;
    }
    for (auto rest = static_cast<std::uint64_t>(value); rest != 0; rest /= 10) {
        *--at = static_cast<char>('0' + static_cast<int>(rest % 10));
    }
    while (end - at < least) *--at = '0';
    return at;
}

} // namespace

Decimal::Decimal(std::string_view text) {
    const auto read = parse(text);
    if (!read) throw_data_error("a text is not a decimal number of at most 38 digits", "");
    *this = *read;
}

Decimal Decimal::from_scaled(std::int64_t units, int scale) {
    check_scale(scale);
    Decimal result(units);
    result.scale_ = scale;
    return result;
}

Decimal Decimal::from_parts(std::int64_t high, std::uint64_t low, int scale) {
    check_scale(scale);
    if (magnitude(join(high, low)) >= limit) too_many_digits();
    Decimal result;
    result.low_ = low;
    result.high_ = high;
    result.scale_ = scale;
    return result;
}

Decimal Decimal::rounded(double value, int scale) {
    check_scale(scale);
    if (!std::isfinite(value)) throw_data_error("an infinity or a NaN is no decimal number", "");
    if (std::fabs(value) >= 1e38) too_many_digits();
    // value == fraction * 2^exponent exactly, with a fraction of 53 bits.
    int exponent = 0;
    const auto fraction = static_cast<std::int64_t>(std::ldexp(std::frexp(value, &exponent), 53));
    exponent -= 53;
    const Wide numerator = Wide(fraction) * wide_power(scale);
    if (exponent >= 0) return narrow(numerator << exponent, scale);
    if (exponent < -256) return from_scaled(0, scale);
    return narrow(divide_half_even(numerator, Wide(1) << -exponent), scale);
}

std::optional<Decimal> Decimal::parse(std::string_view text) noexcept {
    const char* at = text.data();
    const char* const end = at + text.size();
    bool negative = false;
    if (at != end && (*at == '+' || *at == '-')) negative = *at++ == '-';
    DigitReader reader;
    at = read_digits(at, end, reader);
    if (!reader.any) return std::nullopt;
    const auto exponent = read_exponent(at, end);
    if (!exponent || !reader.fits) return std::nullopt;
    return assemble(reader, *exponent, negative);
}

int Decimal::precision() const noexcept {
    return count_digits(magnitude(coefficient(*this)));
}

std::optional<Decimal> Decimal::rescaled(int scale) const noexcept {
    if (scale < 0 || scale > max_scale) return std::nullopt;
    if (scale == scale_) return *this;
    const Int128 value = coefficient(*this);
    if (scale > scale_) {
        Int128 result = 0;
        if (!scale_up(value, scale - scale_, result)) return std::nullopt;
        return make(result, scale);
    }
    const auto divisor = static_cast<Int128>(power(scale_ - scale));
    if (value % divisor != 0) return std::nullopt;
    return make(value / divisor, scale);
}

Decimal Decimal::round(int scale) const {
    check_scale(scale);
    if (scale < scale_) {
        return make(divide_half_even(coefficient(*this), power(scale_ - scale)), scale);
    }
    const auto result = rescaled(scale);
    if (!result) too_many_digits();
    return *result;
}

std::optional<std::int64_t> Decimal::scaled_units(int scale) const noexcept {
    const auto result = rescaled(scale);
    if (!result) return std::nullopt;
    const auto units = static_cast<std::int64_t>(result->low_);
    if (result->high_ != (units < 0 ? -1 : 0)) return std::nullopt;
    return units;
}

std::size_t Decimal::write_text(char* out) const noexcept {
    std::array<char, max_text> buffer{};
    char* const end = buffer.data() + buffer.size();
    const char* const digits = write_digits(magnitude(coefficient(*this)), scale_ + 1, end);
    const auto behind = static_cast<std::size_t>(scale_);
    const auto before = static_cast<std::size_t>(end - digits) - behind;
    char* at = out;
    if (is_negative()) *at++ = '-';
    std::memcpy(at, digits, before);
    at += before;
    if (behind > 0) {
        *at++ = '.';
        std::memcpy(at, digits + before, behind);
        at += behind;
    }
    return static_cast<std::size_t>(at - out);
}

std::string Decimal::to_string() const {
    std::array<char, max_text> buffer{};
    return {buffer.data(), write_text(buffer.data())};
}

double Decimal::to_double() const noexcept {
    // Through the text, because that conversion rounds once; a division of two doubles rounds
    // twice.
    std::array<char, max_text> buffer{};
    const std::size_t length = write_text(buffer.data());
    double result = 0;
    std::from_chars(buffer.data(), buffer.data() + length, result);
    return result;
}

Decimal& Decimal::operator+=(const Decimal& other) {
    const int scale = std::max(scale_, other.scale_);
    Int128 left = 0;
    Int128 right = 0;
    if (scale_up(coefficient(*this), scale - scale_, left) &&
        scale_up(coefficient(other), scale - other.scale_, right) &&
        magnitude(left + right) < limit) { // two numbers below 10^38 do not overflow 128 bits
        return *this = make(left + right, scale);
    }
    return *this = narrow(Wide(coefficient(*this)) * wide_power(scale - scale_) +
                              Wide(coefficient(other)) * wide_power(scale - other.scale_),
                          scale);
}

Decimal& Decimal::operator-=(const Decimal& other) {
    return *this += -other;
}

Decimal& Decimal::operator*=(const Decimal& other) {
    return *this =
               narrow(Wide(coefficient(*this)) * Wide(coefficient(other)), scale_ + other.scale_);
}

Decimal Decimal::operator-() const {
    return make(-coefficient(*this), scale_);
}

Decimal Decimal::divided_by(const Decimal& divisor, int scale) const {
    check_scale(scale);
    if (divisor.is_zero()) throw_data_error("a decimal was divided by zero", "");
    const Wide numerator = Wide(coefficient(*this)) * wide_power(scale + divisor.scale_);
    const Wide denominator = Wide(coefficient(divisor)) * wide_power(scale_);
    const Wide quotient = divide_half_even(numerator, denominator);
    if (abs(quotient) >= Wide(limit)) too_many_digits();
    return make(static_cast<Int128>(quotient), scale);
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) noexcept {
    const int scale = std::max(a.scale_, b.scale_);
    Int128 left = 0;
    Int128 right = 0;
    if (scale_up(coefficient(a), scale - a.scale_, left) &&
        scale_up(coefficient(b), scale - b.scale_, right)) {
        return left <=> right;
    }
    const Wide wide_left = Wide(coefficient(a)) * wide_power(scale - a.scale_);
    const Wide wide_right = Wide(coefficient(b)) * wide_power(scale - b.scale_);
    return wide_left.compare(wide_right) <=> 0;
}

bool operator==(const Decimal& a, const Decimal& b) noexcept {
    return (a <=> b) == 0;
}

std::size_t Decimal::hash() const noexcept {
    Int128 value = coefficient(*this);
    int scale = scale_;
    while (scale > 0 && value % 10 == 0) {
        value /= 10;
        --scale;
    }
    constexpr std::uint64_t spread = 0x9E3779B97F4A7C15U;
    std::uint64_t result = low_part(value) * spread;
    result ^= (result >> 32U) + static_cast<std::uint64_t>(high_part(value)) * spread;
    result = (result ^ static_cast<std::uint64_t>(scale)) * spread;
    return result ^ (result >> 29U);
}

std::ostream& operator<<(std::ostream& out, const Decimal& value) {
    return out << value.to_string();
}

} // namespace mercator
