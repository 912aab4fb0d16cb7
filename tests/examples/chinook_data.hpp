// SPDX-License-Identifier: MIT
#pragma once

#include "support/backend.hpp"

#include <string>
#include <string_view>

namespace mercator::test {

/// Puts Chinook into the empty database and maps its classes. False, with a visible reason, where
/// there is no Chinook for it.
[[nodiscard]] bool load_chinook(Backend& backend);

/// Hand-written SQL with `$invoice_line` for a table's or column's name as this database spells it.
[[nodiscard]] std::string spelled_sql(std::string_view text);

} // namespace mercator::test
