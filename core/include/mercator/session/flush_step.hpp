// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/session/lifecycle.hpp>
#include <mercator/support/export.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace mercator {

/// One entry of what a flush would do, in its order: rows of one table with the same columns. The
/// backend's capabilities decide into how many statements it goes.
struct FlushStep {
    enum class Action : std::uint8_t { Insert, Update, Delete };

    Action action = Action::Insert;
    const Mapper* mapper = nullptr;
    std::vector<std::string> columns; ///< that are written; none for a delete
    std::vector<AnyObject> objects;
};

/// "insert 2 Album (title, year)": for people and logs.
[[nodiscard]] MERCATOR_API std::string to_string(const FlushStep& step);

} // namespace mercator
