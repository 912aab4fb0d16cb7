// SPDX-License-Identifier: MIT
#include "sql_text.hpp"

namespace mercator::command {
namespace {

constexpr std::string_view blanks = " \t\r\n";

/// The position behind the quoted text or comment that begins at `at`; `at` itself if none does.
/// The end of the text where it does not end.
std::size_t behind_quoted(std::string_view text, std::size_t at) {
    const auto behind = [&](std::string_view end, std::size_t from) {
        const std::size_t found = text.find(end, from);
        return found == std::string_view::npos ? text.size() : found + end.size();
    };
    const char sign = text[at];
    // A doubled quotation mark ends one text and begins the next, which comes to the same.
    if (sign == '\'' || sign == '"' || sign == '`')
        return behind(std::string_view(&sign, 1), at + 1);
    if (text.substr(at, 2) == "--") return behind("\n", at + 2);
    if (text.substr(at, 2) == "/*") return behind("*/", at + 2);
    return at;
}

} // namespace

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

SqlText split_statements(std::string_view text) {
    SqlText result;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (const std::size_t behind = behind_quoted(text, at); behind != at) {
            at = behind;
        } else if (text[at++] == ';') {
            const auto statement = trimmed(text.substr(begin, at - begin - 1));
            if (!statement.empty()) result.statements.emplace_back(statement);
            begin = at;
        }
    }
    result.rest = std::string(trimmed(text.substr(begin)));
    return result;
}

} // namespace mercator::command
