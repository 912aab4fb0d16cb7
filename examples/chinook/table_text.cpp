// SPDX-License-Identifier: MIT
#include "table_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace chinook {

namespace {

std::string duration_text(std::int64_t milliseconds) {
    const std::int64_t seconds = milliseconds / 1000;
    return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string cell_text(const mercator::Value& value, Unit unit) {
    if (value.is_null()) return "-";
    if (const auto* text = value.get_if<std::string>()) return *text;
    if (const auto* number = value.get_if<std::int64_t>()) {
        return unit == Unit::Duration ? duration_text(*number) : fmt::format("{}", *number);
    }
    if (const auto* amount = value.get_if<mercator::Decimal>()) return amount->round(2).to_string();
    if (const auto* moment = value.get_if<mercator::DateTime>())
        return mercator::to_string(*moment).substr(0, 10);
    return mercator::display(value);
}

bool stands_right(const mercator::Value& value) {
    return value.get_if<std::int64_t>() != nullptr || value.get_if<mercator::Decimal>() != nullptr;
}

/// Characters on the screen: bytes that begin one.
std::size_t width_of(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::count_if(utf8.begin(), utf8.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width, bool right) {
    const std::string blanks(width - std::min(width, width_of(text)), ' ');
    return right ? blanks + text : text + blanks;
}

} // namespace

std::string table_text(const Answer& answer) {
    std::vector<std::vector<std::string>> lines{{}};
    std::vector<std::size_t> widths;
    std::vector<bool> right;
    for (std::size_t i = 0; i < answer.columns.size(); ++i) {
        lines.front().emplace_back(answer.columns[i].title);
        right.push_back(!answer.rows.empty() && stands_right(answer.rows.front()[i]));
    }
    for (const auto& row : answer.rows) {
        auto& line = lines.emplace_back();
        for (std::size_t i = 0; i < row.size(); ++i)
            line.push_back(cell_text(row[i], answer.columns[i].unit));
    }
    for (std::size_t i = 0; i < answer.columns.size(); ++i) {
        std::size_t width = 0;
        for (const auto& line : lines) width = std::max(width, width_of(line[i]));
        widths.push_back(width);
    }
    std::string text;
    for (std::size_t number = 0; number < lines.size(); ++number) {
        for (std::size_t i = 0; i < widths.size(); ++i) {
            text += (i == 0 ? "   " : "  ") + padded(lines[number][i], widths[i], right[i]);
        }
        text.erase(text.find_last_not_of(' ') + 1);
        text += '\n';
        if (number > 0) continue;
        for (std::size_t i = 0; i < widths.size(); ++i)
            text += (i == 0 ? "   " : "  ") + std::string(widths[i], '-');
        text += '\n';
    }
    return text;
}

} // namespace chinook
