// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace test {

/// How often this program has asked for memory, its libraries included.
[[nodiscard]] std::uint64_t allocations_so_far() noexcept;

} // namespace test
