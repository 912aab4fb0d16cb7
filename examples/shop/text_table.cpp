// SPDX-License-Identifier: MIT
#include "text_table.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>

namespace shop {

namespace {

/// Characters, not bytes: names have accents.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

} // namespace

TextTable::TextTable(std::vector<std::string> titles) : titles_(std::move(titles)) {
    for (auto& title : titles_) {
        to_the_right_.push_back(title.starts_with('>'));
        if (to_the_right_.back()) title.erase(0, 1);
    }
}

void TextTable::print() const {
    std::vector<std::size_t> widths;
    for (std::size_t column = 0; column < titles_.size(); ++column) {
        widths.push_back(width_of(titles_[column]));
        for (const auto& row : rows_) {
            widths[column] = std::max(widths[column], width_of(row[column]));
        }
    }
    const auto print_row = [&](const std::vector<std::string>& row) {
        std::string line;
        for (std::size_t column = 0; column < row.size(); ++column) {
            const std::string blank(widths[column] - width_of(row[column]), ' ');
            line += "  " + (to_the_right_[column] ? blank + row[column] : row[column] + blank);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        fmt::print("{}\n", line);
    };
    std::vector<std::string> rules;
    for (const auto width : widths) rules.emplace_back(width, '-');
    print_row(titles_);
    print_row(rules);
    for (const auto& row : rows_) print_row(row);
}

void print_heading(const std::string& text) {
    fmt::print("\n== {}\n\n", text);
}

} // namespace shop
