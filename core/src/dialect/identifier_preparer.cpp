// SPDX-License-Identifier: MIT
#include <mercator/dialect/identifier_preparer.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace mercator {
namespace {

void check_name(std::string_view name, std::size_t max_length) {
    if (name.empty())
        throw CompileError("a name of a table, column or alias is empty; give it a name");
    if (name.find('\0') != std::string_view::npos) {
        throw CompileError(
            "a name of a table, column or alias holds a NUL byte, which no database can store",
            std::string(name.substr(0, name.find('\0'))));
    }
    if (name.size() > max_length) {
        throw CompileError(
            fmt::format(
                "the name \"{}\" has {} bytes, this database allows {}; choose a shorter name",
                name, name.size(), max_length),
            std::string(name));
    }
}

constexpr std::uint64_t low_bits = 0x0101010101010101ULL;
constexpr std::uint64_t high_bits = 0x8080808080808080ULL;

/// Is one of the eight bytes zero? (The classic test: only a zero byte borrows from its own high
/// bit.)
constexpr bool has_zero(std::uint64_t word) noexcept {
    return ((word - low_bits) & ~word & high_bits) != 0;
}

template <class Word>
std::uint64_t load(const char* from) noexcept {
    Word word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
}

/// Does a quote or a NUL stand among the characters? Eight at a time, the last ones overlapping
/// those before.
bool has_special(std::string_view text, char quote) noexcept {
    const std::uint64_t quotes = low_bits * static_cast<unsigned char>(quote);
    const auto is_special = [quotes](std::uint64_t word) {
        return has_zero(word) || has_zero(word ^ quotes);
    };
    const char* const first = text.data();
    const std::size_t size = text.size();
    if (size >= 8) {
        bool special = is_special(load<std::uint64_t>(first + size - 8));
        for (std::size_t at = 0; at + 8 <= size; at += 8)
            special |= is_special(load<std::uint64_t>(first + at));
        return special;
    }
    if (size >= 4) {
        return is_special(load<std::uint32_t>(first) | load<std::uint32_t>(first + size - 4)
                                                           << 32U);
    }
    return std::any_of(text.begin(), text.end(),
                       [quote](char c) { return c == quote || c == '\0'; });
}

} // namespace

IdentifierPreparer::~IdentifierPreparer() = default;

void IdentifierPreparer::append(std::string& out, std::string_view name) const {
    check_name(name, max_length_);
    out.push_back(quote_);
    for (const char c : name) {
        if (c == quote_) out.push_back(quote_);
        out.push_back(c);
    }
    out.push_back(quote_);
}

char* IdentifierPreparer::write_plain(char* to, std::string_view name) const noexcept {
    if (name.empty() || name.size() > max_length_) return nullptr;
    if (has_special(name, quote_)) return nullptr;
    *to++ = quote_;
    std::memcpy(to, name.data(), name.size());
    to += name.size();
    *to++ = quote_;
    return to;
}

std::string IdentifierPreparer::quote(std::string_view name) const {
    std::string out;
    append(out, name);
    return out;
}

} // namespace mercator
