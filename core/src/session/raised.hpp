// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

namespace mercator {

/// True until the end of the scope, then as before.
class Raised {
public:
    explicit Raised(bool& flag) : flag_(flag), before_(std::exchange(flag, true)) {}
    Raised(const Raised&) = delete;
    Raised& operator=(const Raised&) = delete;
    ~Raised() { flag_ = before_; }

private:
    bool& flag_;
    bool before_;
};

} // namespace mercator
