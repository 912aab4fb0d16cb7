// SPDX-License-Identifier: MIT
#include "utf8.hpp"

#include <cstdint>
#include <cstring>

namespace mercator::mysql {
namespace {

struct Sequence {
    std::size_t length;
    std::uint32_t smallest; ///< smallest code point that needs this length
    std::uint32_t bits;     ///< of the first byte
};

Sequence sequence_of(unsigned char first) noexcept {
    if (first >= 0xC2 && first <= 0xDF) return {2, 0x80, first & 0x1FU};
    if (first >= 0xE0 && first <= 0xEF) return {3, 0x800, first & 0x0FU};
    if (first >= 0xF0 && first <= 0xF4) return {4, 0x10000, first & 0x07U};
    return {0, 0, 0};
}

/// Length of the sequence at the start of `text`, 0 if there is none.
std::size_t sequence_length(std::string_view text) noexcept {
    const Sequence sequence = sequence_of(static_cast<unsigned char>(text.front()));
    if (sequence.length == 0 || sequence.length > text.size()) return 0;
    std::uint32_t code = sequence.bits;
    for (std::size_t i = 1; i < sequence.length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0U) != 0x80U) return 0;
        code = (code << 6U) | (byte & 0x3FU);
    }
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code < sequence.smallest || code > 0x10FFFF || surrogate ? 0 : sequence.length;
}

/// Number of leading ASCII bytes, counted in steps of eight.
std::size_t ascii_prefix(std::string_view text) noexcept {
    std::size_t count = 0;
    for (std::uint64_t block = 0; count + sizeof block <= text.size(); count += sizeof block) {
        std::memcpy(&block, text.data() + count, sizeof block);
        if ((block & 0x8080808080808080U) != 0) break;
    }
    while (count < text.size() && static_cast<unsigned char>(text[count]) < 0x80) ++count;
    return count;
}

} // namespace

std::optional<std::size_t> count_characters(std::string_view text) noexcept {
    std::size_t characters = 0;
    while (!text.empty()) {
        const std::size_t ascii = ascii_prefix(text);
        characters += ascii;
        text.remove_prefix(ascii);
        if (text.empty()) break;
        const std::size_t length = sequence_length(text);
        if (length == 0) return std::nullopt;
        ++characters;
        text.remove_prefix(length);
    }
    return characters;
}

} // namespace mercator::mysql
