// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/driver.hpp>
#include <mercator/types/value.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace mercator {

/// One statement that was sent, told to listeners after it ran. Views are valid only during the
/// call.
struct StatementEvent {
    std::string_view sql;
    std::span<const Value> parameters{}; ///< empty for batches
    std::size_t rows = 1;                ///< rows of a batch
    std::chrono::nanoseconds duration{};
    bool failed = false;
    const BindPlan* plan = nullptr; ///< how to read the parameters of a batch, or nullptr
    std::span<const std::byte* const> objects{}; ///< the objects of a batch
    const Compiled* compiled = nullptr; ///< what is known about parameters and columns, or nullptr
};

/// Called on the thread that ran the statement, while the connection is busy: it must not use the
/// same session.
using StatementListener = std::function<void(const StatementEvent&)>;

} // namespace mercator
