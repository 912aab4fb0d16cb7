// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace mercator::mysql {

/// Number of characters of a UTF-8 text; nothing if it is not valid UTF-8 (overlong forms,
/// surrogates, cut sequences).
[[nodiscard]] std::optional<std::size_t> count_characters(std::string_view text) noexcept;

} // namespace mercator::mysql
