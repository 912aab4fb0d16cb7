// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <new>
#include <optional>
#include <string>

namespace mercator {

/// Why a user's check refuses, in the words of its exception; nothing if it returns.
template <class Check>
[[nodiscard]] std::optional<std::string> refusal(Check&& check) {
    try {
        check();
        return std::nullopt;
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& error) {
        return error.what();
    }
}

} // namespace mercator
