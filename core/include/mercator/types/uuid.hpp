// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mercator {

/// A universally unique identifier: 16 bytes, no text, so that upper and lower case cannot differ.
///
/// Stored as the database's own UUID where it has one, as 16 bytes or 36 characters elsewhere.
/// Compares as its bytes and its text do. A value type, trivially copyable; `Uuid{}` is the nil
/// UUID, which as a member means "not set":
///
///     document.column<&Document::id>().primary_key().default_factory(mercator::uuid4);
class MERCATOR_API Uuid {
public:
    using ByteArray = std::array<std::uint8_t, 16>;

    constexpr Uuid() noexcept = default;
    constexpr explicit Uuid(const ByteArray& bytes) noexcept : bytes_(bytes) {}
    /// From any text that `parse` reads; throws DataError for anything else.
    explicit Uuid(std::string_view text);
    explicit Uuid(const char* text) : Uuid(std::string_view(text)) {}

    /// Reads "123e4567-e89b-12d3-a456-426614174000" in any case, also without hyphens, in braces,
    /// or after "urn:uuid:".
    [[nodiscard]] static std::optional<Uuid> parse(std::string_view text) noexcept;

    [[nodiscard]] constexpr const ByteArray& bytes() const noexcept { return bytes_; }
    [[nodiscard]] constexpr bool is_nil() const noexcept { return *this == Uuid(); }
    /// 4 for random ones, 7 for those that begin with the time.
    [[nodiscard]] constexpr int version() const noexcept { return bytes_[6] >> 4; }

    /// 36 characters, lower case.
    [[nodiscard]] std::string to_string() const;
    static constexpr std::size_t text_size = 36;
    /// Writes the text of `to_string`, `text_size` characters.
    void write_text(char* out) const noexcept;
    /// The same without hyphens: 32 digits.
    static constexpr std::size_t digits_size = 32;
    void write_digits(char* out) const noexcept;

    friend constexpr auto operator<=>(const Uuid&, const Uuid&) noexcept = default;
    [[nodiscard]] std::size_t hash() const noexcept;

private:
    ByteArray bytes_{};
};

/// A new random UUID (version 4), from the operating system's source of randomness. Any thread.
[[nodiscard]] MERCATOR_API Uuid uuid4();
/// A new UUID of version 7: milliseconds since 1970 and then random bits. As a key it makes rows of
/// one time neighbours, which indexes like. Any thread.
[[nodiscard]] MERCATOR_API Uuid uuid7();

} // namespace mercator

template <>
struct std::hash<mercator::Uuid> {
    std::size_t operator()(const mercator::Uuid& value) const noexcept { return value.hash(); }
};
