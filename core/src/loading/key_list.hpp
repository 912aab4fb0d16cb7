// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>

namespace mercator {

/// How many keys of so many columns one statement may ask for, of those that are wanted, where it
/// has room for so many parameters: lists of keys are rounded up to a power of two. At least 1.
[[nodiscard]] inline std::size_t keys_that_fit(std::size_t wanted, std::size_t columns,
                                               std::size_t room) noexcept {
    const std::size_t most = room / std::max<std::size_t>(columns, 1);
    if (wanted <= most && std::bit_ceil(std::max<std::size_t>(wanted, 1)) <= most)
        return std::max<std::size_t>(wanted, 1);
    return std::min(std::max<std::size_t>(wanted, 1),
                    std::bit_floor(std::max<std::size_t>(most, 1)));
}

} // namespace mercator
