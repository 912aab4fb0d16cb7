// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/engine/event.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace mercator {

enum class ShownParameters { None, Hidden, All };

/// What the log says about a statement that ran.
[[nodiscard]] std::string echo_line(const StatementEvent& event, ShownParameters parameters);
/// The same for what is no statement.
[[nodiscard]] std::string echo_line(TransactionCommand command, std::string_view savepoint,
                                    std::chrono::nanoseconds duration, bool failed);

} // namespace mercator
