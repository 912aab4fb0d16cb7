// SPDX-License-Identifier: MIT
#include <mercator/loading/dynamic_row.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace mercator {

const std::vector<std::string>& DynamicRow::names() const noexcept {
    static const std::vector<std::string> none;
    return names_ ? *names_ : none;
}

const Value& DynamicRow::operator[](std::size_t column) const {
    if (column < values_.size()) return values_[column];
    throw ArgumentError(fmt::format("the row has {} columns, and number {} was asked for, counted "
                                    "from 0",
                                    values_.size(), column),
                        "column");
}

const Value& DynamicRow::operator[](std::string_view name) const {
    const auto found = std::find(names().begin(), names().end(), name);
    if (found != names().end()) return values_[static_cast<std::size_t>(found - names().begin())];
    throw ArgumentError(
        fmt::format("the row has no column \"{}\"; it has: {}", name,
                    names().empty() ? "none" : fmt::format("{}", fmt::join(names(), ", "))),
        std::string(name));
}

} // namespace mercator
