// SPDX-License-Identifier: MIT
#include <mercator/loading/load_context.hpp>

#include <mercator/support/error.hpp>

#include <pthread.h>

namespace mercator {

std::uintptr_t LoadContext::Use::this_thread() noexcept {
    return static_cast<std::uintptr_t>(pthread_self());
}

void LoadContext::Use::refuse_second_user() {
    throw StateError("two threads use this session at the same time: give each its own, and pass "
                     "keys or values between them instead of objects");
}

} // namespace mercator
