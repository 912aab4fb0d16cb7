// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace mercator::test {

/// A statement's text without the quotes that each backend puts around names, so that one
/// expectation fits all.
[[nodiscard]] inline std::string without_quotes(std::string_view sql) {
    std::string text;
    for (const char c : sql) {
        if (c != '"' && c != '`') text += c;
    }
    return text;
}

[[nodiscard]] inline bool mentions(std::string_view sql, std::string_view part) {
    return without_quotes(sql).find(part) != std::string::npos;
}

} // namespace mercator::test
