// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/types/value.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mercator {

/// Values as one word of letters, digits, '-' and '_', with the name of what they belong to.
[[nodiscard]] std::string to_cursor_text(std::string_view name, std::span<const Value> values);

/// Back again; nothing for text that was not made so, or under another name. Such text comes from
/// strangers, so nothing in it is believed.
[[nodiscard]] std::optional<std::vector<Value>> from_cursor_text(std::string_view name,
                                                                 std::string_view text);

} // namespace mercator
