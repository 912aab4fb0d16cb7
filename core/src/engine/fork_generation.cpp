// SPDX-License-Identifier: MIT
#include "fork_generation.hpp"

#include <pthread.h>

namespace mercator {

constinit std::atomic<std::uint32_t> fork_generation{0};

namespace {

extern "C" void count_fork() {
    fork_generation.fetch_add(1, std::memory_order_relaxed);
}

} // namespace

void watch_forks() {
    [[maybe_unused]] static const int registered = pthread_atfork(nullptr, nullptr, &count_fork);
}

} // namespace mercator
