// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mercator::command {

/// Rows and columns for people: a heading, a line, cells under one another. Text may be of any
/// language; what is wider than `widest` is cut, and says so by an ellipsis.
class TextTable {
public:
    static constexpr std::size_t widest = 60;

    explicit TextTable(std::vector<std::string> headings);
    /// As many cells as there are headings. Control characters are shown as such, not obeyed.
    void add(std::vector<std::string> cells);
    /// Columns of numbers read best when they end together.
    void align_right(std::size_t column);
    [[nodiscard]] std::string text() const;

private:
    struct Cell {
        std::string text;
        std::size_t width = 0;
    };
    [[nodiscard]] static Cell cell(std::string_view text);
    void append(std::string& out, const std::vector<Cell>& row) const;

    std::vector<Cell> headings_;
    std::vector<std::vector<Cell>> rows_;
    std::vector<std::size_t> widths_;
    std::vector<bool> right_;
};

/// How many places of a terminal the text takes.
[[nodiscard]] std::size_t display_width(std::string_view text);

} // namespace mercator::command
