// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/error.hpp>

#include <string_view>

namespace sql {
class SQLException;
}

namespace mercator::mysql {

/// What the connector's exception means, by number and SQLSTATE only. `statement` is the SQL text with placeholders.
/// The message repeats no value of a row: servers put the duplicate or malformed value into theirs.
[[nodiscard]] DatabaseErrorInfo describe(const sql::SQLException& error, std::string_view statement);

}  // namespace mercator::mysql
