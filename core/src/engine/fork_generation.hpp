// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>

namespace mercator {

/// Grows by one in every child process made by fork(). A link of another generation belongs to the
/// parent process, which still talks over the same socket or file lock: the child may neither use
/// nor close it.
extern std::atomic<std::uint32_t> fork_generation;

/// Starts counting; the pool calls it before it opens anything.
void watch_forks();

} // namespace mercator
