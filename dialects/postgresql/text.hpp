// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace mercator::postgresql {

/// Throws DataError naming `where` for text that the server would refuse or cut: a NUL, invalid
/// UTF-8, more than `length` characters (0: no limit).
void check_text(std::string_view text, std::uint32_t length, std::string_view where);

} // namespace mercator::postgresql
