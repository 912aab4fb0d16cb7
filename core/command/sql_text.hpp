// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mercator::command {

/// Typed text cut at its semicolons, those in quotes and comments excepted.
struct SqlText {
    std::vector<std::string> statements; ///< whole ones, without their semicolon
    std::string rest;                    ///< what has not ended yet
};

[[nodiscard]] SqlText split_statements(std::string_view text);

/// Without blanks at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

} // namespace mercator::command
