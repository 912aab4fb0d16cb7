// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>
#include <mercator/types/temporal.hpp>

namespace mercator {

/// What `utc_now` and `today` ask for the time.
using Clock = DateTime (*)();

/// Makes another clock the process's, and returns the one before; nullptr for the system's. For
/// tests of what depends on time: take ScopedClock there. Any thread, but best set while nobody
/// asks.
MERCATOR_API Clock set_clock(Clock clock) noexcept;

/// For the time of a block, time is what a test says:
///
///     ScopedClock clock([] { return DateTime(std::chrono::hours(1)); });
class MERCATOR_API ScopedClock {
public:
    explicit ScopedClock(Clock clock) noexcept : before_(set_clock(clock)) {}
    ScopedClock(const ScopedClock&) = delete;
    ScopedClock& operator=(const ScopedClock&) = delete;
    ~ScopedClock() { set_clock(before_); }

private:
    Clock before_;
};

} // namespace mercator
