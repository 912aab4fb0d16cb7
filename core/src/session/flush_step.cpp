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
    std::string text;
    if (step.relationship == nullptr) {
        text = fmt::format("{} {} {}", verb(step.action), step.objects.size(),
                           step.mapper->class_name());
    } else if (step.all_rows) {
        text = fmt::format("{} all rows of {} for {} {}", verb(step.action),
                           step.relationship->where, step.objects.size(),
                           step.objects.empty() ? "" : step.objects.front().mapper().class_name());
    } else {
        const auto rows = step.objects.size() / 2;
        text = fmt::format("{} {} {} of {}", verb(step.action), rows, rows == 1 ? "row" : "rows",
                           step.relationship->where);
    }
    if (!step.columns.empty()) text += fmt::format(" ({})", fmt::join(step.columns, ", "));
    return text;
}

std::string to_string(const std::vector<FlushStep>& plan) {
    std::string text;
    for (const auto& step : plan) {
        text += to_string(step) + '\n';
        for (const auto& statement : step.statements) {
            text += "    " + statement.sql + '\n';
            for (const auto& row : statement.binds) {
                std::vector<std::string> values;
                for (const auto& value : row) values.push_back(display(value));
                text += fmt::format("        ({})\n", fmt::join(values, ", "));
            }
        }
    }
    return text;
}

} // namespace mercator
