// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace shop {

/// Lines up text in columns for people to read. Columns named ">…" are numbers, set to the right.
class TextTable {
public:
    explicit TextTable(std::vector<std::string> titles);
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    void print() const;

private:
    std::vector<std::string> titles_;
    std::vector<bool> to_the_right_;
    std::vector<std::vector<std::string>> rows_;
};

/// A heading between the parts of the program's output.
void print_heading(const std::string& text);

} // namespace shop
