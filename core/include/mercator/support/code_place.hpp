// SPDX-License-Identifier: MIT
#pragma once

namespace mercator {

/// Where in a program a call stands, for messages: what std::source_location says, which clang 14
/// does not have. As a default argument, `CodePlace::here()` is the place of the call.
struct CodePlace {
    const char* file = "";
    unsigned line = 0; ///< 0: not known

    [[nodiscard]] static constexpr CodePlace here(const char* file = __builtin_FILE(),
                                                  unsigned line = __builtin_LINE()) noexcept {
        return {file, line};
    }
};

} // namespace mercator
