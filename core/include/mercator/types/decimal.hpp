// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace mercator {

/// An exact decimal number: a signed coefficient of up to 38 digits and a scale of 0 to 38 digits
/// behind the point.
///
/// Never goes through a binary floating-point number: there is no constructor from and no
/// conversion to one that is not called by name. `0.10 + 0.20 == 0.30` holds, and 1.5 == 1.50 while
/// both keep the digits they were given. Arithmetic that would need more than 38 digits throws
/// DataError. A value type, trivially copyable.
class MERCATOR_API Decimal {
public:
    constexpr Decimal() noexcept = default;
    /// From an integer, exactly.
    template <std::integral Int>
    requires(!std::same_as<Int, bool>) constexpr Decimal(
        Int value) noexcept // NOLINT(google-explicit-constructor): an integer is a decimal
        :
        low_(static_cast<std::uint64_t>(value)),
        high_(std::is_signed_v<Int> && value < Int{} ? -1 : 0) {}
    /// From text like "-12.50" or "1e-10"; throws DataError for anything else.
    explicit Decimal(std::string_view text);
    explicit Decimal(const char* text) : Decimal(std::string_view(text)) {}
    template <std::floating_point Float>
    Decimal(Float) = delete; // say Decimal("0.1"), or Decimal::rounded(value, digits) if a binary
                             // fraction is what you have

    /// `units` / 10^scale, as in from_scaled(1999, 2) == 19.99.
    [[nodiscard]] static Decimal from_scaled(std::int64_t units, int scale);
    /// 128-bit form: coefficient = high * 2^64 + low, two's complement.
    [[nodiscard]] static Decimal from_parts(std::int64_t high, std::uint64_t low, int scale);
    /// The decimal nearest to a binary floating-point number at the given number of digits.
    [[nodiscard]] static Decimal rounded(double value, int scale);
    [[nodiscard]] static std::optional<Decimal> parse(std::string_view text) noexcept;

    [[nodiscard]] int scale() const noexcept { return scale_; }
    /// Number of significant digits of the coefficient (0 has one).
    [[nodiscard]] int precision() const noexcept;
    [[nodiscard]] bool is_negative() const noexcept { return high_ < 0; }
    [[nodiscard]] bool is_zero() const noexcept { return high_ == 0 && low_ == 0; }

    /// Same value at another scale; nothing if digits other than zero would be lost or 38 digits
    /// exceeded.
    [[nodiscard]] std::optional<Decimal> rescaled(int scale) const noexcept;
    /// Same value at another scale, rounding half to even.
    [[nodiscard]] Decimal round(int scale) const;
    /// Coefficient at `scale` if it is exact and fits 64 bits: the inverse of from_scaled.
    [[nodiscard]] std::optional<std::int64_t> scaled_units(int scale) const noexcept;
    [[nodiscard]] std::int64_t coefficient_high() const noexcept { return high_; }
    [[nodiscard]] std::uint64_t coefficient_low() const noexcept { return low_; }

    /// Plain notation with all digits of the scale: "-0.50".
    [[nodiscard]] std::string to_string() const;
    /// Longest text that `write_text` makes.
    static constexpr std::size_t max_text = 48;
    std::size_t write_text(char* out) const noexcept;
    [[nodiscard]] double to_double() const noexcept;

    Decimal& operator+=(const Decimal& other);
    Decimal& operator-=(const Decimal& other);
    Decimal& operator*=(const Decimal& other);
    friend Decimal operator+(Decimal a, const Decimal& b) { return a += b; }
    friend Decimal operator-(Decimal a, const Decimal& b) { return a -= b; }
    friend Decimal operator*(Decimal a, const Decimal& b) { return a *= b; }
    [[nodiscard]] Decimal operator-() const;
    /// Quotient rounded half to even at `scale`; throws DataError for a zero divisor.
    [[nodiscard]] Decimal divided_by(const Decimal& divisor, int scale) const;

    /// By value: 1.5 == 1.50.
    MERCATOR_API friend std::strong_ordering operator<=>(const Decimal& a,
                                                         const Decimal& b) noexcept;
    MERCATOR_API friend bool operator==(const Decimal& a, const Decimal& b) noexcept;
    /// Equal values have equal hashes.
    [[nodiscard]] std::size_t hash() const noexcept;

private:
    std::uint64_t low_ = 0;
    std::int64_t high_ = 0;
    std::int32_t scale_ = 0;
};

MERCATOR_API std::ostream& operator<<(std::ostream& out, const Decimal& value);

} // namespace mercator

template <>
struct std::hash<mercator::Decimal> {
    std::size_t operator()(const mercator::Decimal& value) const noexcept { return value.hash(); }
};
