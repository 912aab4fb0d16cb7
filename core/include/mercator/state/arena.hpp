// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace mercator {

/// Memory that is handed out by moving a pointer and given back all at once: where a graph keeps
/// snapshots and keys. Not thread-safe.
class MERCATOR_API Arena {
public:
    Arena() = default;
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// `size` bytes without alignment; never nullptr.
    [[nodiscard]] std::byte* allocate(std::size_t size) {
        if (size > static_cast<std::size_t>(end_ - next_)) grow(size);
        std::byte* place = next_;
        next_ += size;
        return place;
    }
    /// Returns the last bytes of the latest allocation, when less was needed than asked for.
    void give_back(std::byte* from) noexcept { next_ = from; }
    [[nodiscard]] std::size_t reserved() const noexcept { return reserved_; }
    /// Gives all pieces back at once and makes room for `size` bytes, which the next calls of
    /// `allocate` hand out; returns the former blocks, for who still has to copy out of them.
    [[nodiscard]] std::vector<std::unique_ptr<std::byte[]>> start_again(std::size_t size);

private:
    void grow(std::size_t at_least);

    std::vector<std::unique_ptr<std::byte[]>> blocks_;
    std::byte nothing_{}; // where an empty piece lies before there is a block
    std::byte* next_ = &nothing_;
    std::byte* end_ = &nothing_;
    std::size_t reserved_ = 0;
};

} // namespace mercator
