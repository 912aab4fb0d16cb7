// SPDX-License-Identifier: MIT
#include <mercator/dialect/inspector.hpp>

#include <algorithm>

namespace mercator {

Inspector::~Inspector() = default;

bool Inspector::has_table(const std::string& table) {
    const auto names = table_names();
    return std::find(names.begin(), names.end(), table) != names.end();
}

} // namespace mercator
