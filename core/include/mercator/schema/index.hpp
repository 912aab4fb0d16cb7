// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace mercator {

/// An index over one or more columns.
struct Index {
    std::string name; ///< empty: given by the naming convention
    std::vector<std::string> columns;
    bool unique = false;
};

} // namespace mercator
