// SPDX-License-Identifier: MIT
#pragma once

#include "session_core.hpp"

namespace mercator {

/// One call that changes what the session keeps; when the outermost ends, listeners are told.
class SessionCore::Change {
public:
    explicit Change(SessionCore& core) : core_(core), use_(core) {
        core_.check_may_change();
        ++core_.changing_;
    }
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;
    ~Change() { --core_.changing_; }
    void done() {
        if (core_.transitions_ && core_.changing_ == 1) core_.transitions_->tell();
    }

private:
    SessionCore& core_;
    Use use_;
};

} // namespace mercator
