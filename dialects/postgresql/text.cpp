// SPDX-License-Identifier: MIT
#include "text.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <cstring>
#include <optional>
#include <string>

namespace mercator::postgresql {
namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080U;
constexpr std::uint64_t low_bits = 0x0101010101010101U;

/// Length of the plain beginning: ASCII without NUL, eight bytes at a time.
std::size_t plain_prefix(std::string_view text) noexcept {
    std::size_t at = 0;
    for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
        std::memcpy(&word, text.data() + at, sizeof word);
        if (((word | (word - low_bits)) & high_bits) != 0) break;
    }
    while (at < text.size() && static_cast<unsigned char>(text[at]) - 1U < 0x7FU) ++at;
    return at;
}

bool continues(std::string_view text, std::size_t at) noexcept {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

/// Bytes of the character that starts here; 0 if it is no valid UTF-8 (overlong, surrogate, beyond
/// U+10FFFF, cut off).
std::size_t character_bytes(std::string_view text, std::size_t at) noexcept {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) return 1;
    const std::size_t bytes = lead >= 0xC2 && lead < 0xE0   ? 2
                              : lead >= 0xE0 && lead < 0xF0 ? 3
                              : lead >= 0xF0 && lead < 0xF5 ? 4
                                                            : 0;
    if (bytes == 0) return 0;
    for (std::size_t i = 1; i < bytes; ++i)
        if (!continues(text, at + i)) return 0;
    const auto second = static_cast<unsigned char>(text[at + 1]);
    const bool wrong = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second >= 0xA0) ||
                       (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second >= 0x90);
    return wrong ? 0 : bytes;
}

} // namespace

void check_text(std::string_view text, std::uint32_t length, std::string_view where) {
    std::size_t characters = plain_prefix(text);
    for (std::size_t at = characters; at < text.size(); ++characters) {
        if (text[at] == '\0')
            throw_data_error("text holds a NUL character, which this database cannot store; use "
                             "Bytes for binary data",
                             std::string(where));
        const std::size_t bytes = character_bytes(text, at);
        if (bytes == 0)
            throw_data_error("text is not valid UTF-8; convert it, or use Bytes for binary data",
                             std::string(where));
        at += bytes;
    }
    if (length != 0 && characters > length)
        throw_data_error(
            fmt::format("text of {} characters is longer than the {} that the column holds",
                        characters, length),
            std::string(where));
}

} // namespace mercator::postgresql
