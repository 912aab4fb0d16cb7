// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/types/value.hpp>

#include <cstdint>
#include <functional>

namespace mercator {

/// Which column of a class tells that somebody else has written its row (`version`), and what it
/// holds next. Every UPDATE and DELETE of a flush asks for the version that was loaded.
struct VersionRule {
    std::uint16_t column = 0; ///< index in `Mapper::columns()`
    /// The version after `before`, which is NULL for a new row; empty: the database makes it.
    std::function<Value(const Value& before)> next;

    [[nodiscard]] bool is_made_by_server() const noexcept { return !next; }
};

} // namespace mercator
