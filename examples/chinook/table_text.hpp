// SPDX-License-Identifier: MIT
#pragma once

#include "questions.hpp"

#include <string>

namespace chinook {

/// The answer as a table for a terminal, one line per row, columns aligned.
[[nodiscard]] std::string table_text(const Answer& answer);

} // namespace chinook
