// SPDX-License-Identifier: MIT
#include <mercator/session/flush_step.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mercator {

namespace {

std::string_view verb(FlushStep::Action action) noexcept {
    switch (action) {
    case FlushStep::Action::Insert:
        return "insert";
    case FlushStep::Action::Update:
        return "update";
    case FlushStep::Action::Delete:
        return "delete";
    }
    return {};
}

} // namespace

std::string to_string(const FlushStep& step) {
    auto text =
        fmt::format("{} {} {}", verb(step.action), step.objects.size(), step.mapper->class_name());
    if (!step.columns.empty()) text += fmt::format(" ({})", fmt::join(step.columns, ", "));
    return text;
}

} // namespace mercator
