// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/error.hpp>

#include <sqlite3.h>

#include <string_view>

namespace mercator::sqlite {

/// What an extended result code means, independent of the message's text.
[[nodiscard]] ErrorCode classify(int extended_code) noexcept;

/// Everything that the connection knows about its last error. Names of table and column are taken
/// from the message, because SQLite tells them nowhere else, and the constraint's name from the
/// schema; the class of the error never is.
[[nodiscard]] DatabaseErrorInfo describe_error(sqlite3* database, int result_code,
                                               std::string_view statement);

} // namespace mercator::sqlite
