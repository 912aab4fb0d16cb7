// SPDX-License-Identifier: MIT
#include "text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <clocale>
#include <cwchar>
#include <iterator>
#include <utility>

namespace mercator::command {
namespace {

/// One character of UTF-8 text; a byte that begins none stands for itself.
struct Character {
    std::string_view bytes;
    char32_t code = 0;
};

std::size_t length_of(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xf0) return 4;
    if (first >= 0xe0) return 3;
    return first >= 0xc0 ? 2 : 1;
}

Character first_character(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = length_of(first);
    if (length == 1 || length > text.size()) return {text.substr(0, 1), first};
    char32_t code = first & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xc0U) != 0x80U) return {text.substr(0, 1), first};
        code = (code << 6U) | (next & 0x3fU);
    }
    return {text.substr(0, length), code};
}

std::size_t width_of(char32_t code) {
    const int width = ::wcwidth(static_cast<wchar_t>(code));
    return width < 0 ? 1 : static_cast<std::size_t>(width);
}

/// A line break or an escape sequence in a cell would break the picture, or the terminal.
std::string visible(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const Character character = first_character(text);
        text.remove_prefix(character.bytes.size());
        if (character.code == '\n') {
            out += "\\n";
        } else if (character.code == '\t') {
            out += "\\t";
        } else if (character.code == '\r') {
            out += "\\r";
        } else if (character.code < 0x20 || (character.code >= 0x7f && character.code < 0xa0)) {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}",
                           static_cast<unsigned>(character.code));
        } else {
            out += character.bytes;
        }
    }
    return out;
}

void pad(std::string& out, std::size_t count) {
    out.append(count, ' ');
}

} // namespace

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const Character character = first_character(text);
        text.remove_prefix(character.bytes.size());
        width += width_of(character.code);
    }
    return width;
}

TextTable::TextTable(std::vector<std::string> headings) :
    widths_(headings.size(), 0),
    right_(headings.size(), false) {
    for (const auto& heading : headings) headings_.push_back(cell(heading));
    for (std::size_t i = 0; i < headings_.size(); ++i) widths_[i] = headings_[i].width;
}

TextTable::Cell TextTable::cell(std::string_view text) {
    Cell result{visible(text), 0};
    result.width = display_width(result.text);
    if (result.width <= widest) return result;
    std::string_view rest = result.text;
    std::string cut;
    std::size_t width = 0;
    while (true) {
        const Character character = first_character(rest);
        const std::size_t next = width_of(character.code);
        if (width + next > widest - 1) break;
        width += next;
        cut += character.bytes;
        rest.remove_prefix(character.bytes.size());
    }
    return {cut + "…", width + 1};
}

void TextTable::add(std::vector<std::string> cells) {
    std::vector<Cell>& row = rows_.emplace_back();
    for (std::size_t i = 0; i < headings_.size(); ++i) {
        row.push_back(cell(i < cells.size() ? std::string_view(cells[i]) : std::string_view()));
        widths_[i] = std::max(widths_[i], row.back().width);
    }
}

void TextTable::align_right(std::size_t column) {
    right_.at(column) = true;
}

void TextTable::append(std::string& out, const std::vector<Cell>& row) const {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (i > 0) line += " │ ";
        const std::size_t space = widths_[i] - row[i].width;
        if (right_[i]) pad(line, space);
        line += row[i].text;
        if (!right_[i]) pad(line, space);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += ' ';
    out += line;
    out += '\n';
}

std::string TextTable::text() const {
    std::string out;
    append(out, headings_);
    for (std::size_t i = 0; i < widths_.size(); ++i) {
        if (i > 0) out += "┼";
        for (std::size_t k = 0; k < widths_[i] + 2; ++k) out += "─";
    }
    out += '\n';
    for (const auto& row : rows_) append(out, row);
    return out;
}

} // namespace mercator::command
