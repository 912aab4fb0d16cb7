// SPDX-License-Identifier: MIT
#include <mercator/mapping/checked_text.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <regex>

namespace mercator {
namespace {

bool is_continuation(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

std::size_t characters_in(std::string_view text) noexcept {
    return text.size() -
           static_cast<std::size_t>(std::count_if(text.begin(), text.end(), &is_continuation));
}

/// Compiled once per pattern: programs have few of them.
const std::regex& compiled(std::string_view pattern) {
    static std::mutex mutex;
    static auto* known = new std::map<std::string, std::regex, std::less<>>;
    const std::lock_guard lock(mutex);
    if (const auto found = known->find(pattern); found != known->end()) return found->second;
    try {
        return known
            ->emplace(std::string(pattern),
                      std::regex(pattern.begin(), pattern.end(), std::regex::ECMAScript))
            .first->second;
    } catch (const std::regex_error& error) {
        throw ArgumentError(
            fmt::format("\"{}\" is no regular expression: {}", pattern, error.what()), "pattern");
    }
}

} // namespace

void require_length(std::string_view text, std::uint32_t length) {
    const std::size_t characters = characters_in(text);
    if (characters <= length) return;
    throw_data_error(fmt::format("a text of {} characters is too long for a Varchar<{}>; shorten "
                                 "it, or use a longer type",
                                 characters, length),
                     "");
}

void require_pattern(std::string_view text, std::string_view pattern) {
    if (std::regex_match(text.begin(), text.end(), compiled(pattern))) return;
    throw_data_error(fmt::format("a text does not match the pattern \"{}\" of its type", pattern),
                     "");
}

} // namespace mercator
