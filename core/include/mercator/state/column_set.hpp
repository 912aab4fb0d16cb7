// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mercator {

/// A set of column indices of one mapper: which columns changed, which are written. Allocates only
/// beyond 64 columns.
class ColumnSet {
public:
    void insert(std::size_t column) {
        if (column < 64) {
            first_ |= std::uint64_t{1} << column;
            return;
        }
        const std::size_t word = column / 64 - 1;
        if (rest_.size() <= word) rest_.resize(word + 1);
        rest_[word] |= std::uint64_t{1} << (column % 64);
    }
    [[nodiscard]] bool contains(std::size_t column) const noexcept {
        if (column < 64) return ((first_ >> column) & 1U) != 0;
        const std::size_t word = column / 64 - 1;
        return word < rest_.size() && ((rest_[word] >> (column % 64)) & 1U) != 0;
    }
    [[nodiscard]] bool empty() const noexcept { return first_ == 0 && rest_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept {
        auto count = static_cast<std::size_t>(std::popcount(first_));
        for (const auto word : rest_) count += static_cast<std::size_t>(std::popcount(word));
        return count;
    }
    friend bool operator==(const ColumnSet&, const ColumnSet&) = default;
    friend auto operator<=>(const ColumnSet&, const ColumnSet&) = default;

private:
    std::uint64_t first_ = 0;
    std::vector<std::uint64_t> rest_;
};

} // namespace mercator
