// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/error.hpp>

#include <string>
#include <string_view>

namespace mercator::mysql {

/// An error of the server or of the client library.
struct NativeError {
    int number = 0;
    std::string sqlstate;
    std::string text;
};

/// What an error means, by number and SQLSTATE only. `statement` is the SQL text with placeholders.
/// The message repeats no value of a row: servers put the duplicate or malformed value into theirs.
[[nodiscard]] DatabaseErrorInfo describe(const NativeError& error, std::string_view statement);

} // namespace mercator::mysql
