// SPDX-License-Identifier: MIT
#include "nearest_scheme.hpp"

#include <algorithm>
#include <numeric>

namespace mercator::plugin {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Levenshtein's distance, one row of the table at a time.
std::size_t edit_distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t replaced = diagonal + (lower(from[i]) == lower(to[j]) ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

} // namespace

std::string nearest_scheme(std::string_view wanted, const std::vector<std::string>& known) {
    std::string nearest;
    std::size_t fewest = std::max<std::size_t>(2, wanted.size() / 3) + 1;
    for (const auto& scheme : known) {
        const std::size_t edits = edit_distance(wanted, scheme);
        if (edits < fewest && edits < scheme.size()) {
            fewest = edits;
            nearest = scheme;
        }
    }
    return nearest;
}

} // namespace mercator::plugin
