// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace mercator::plugin {

/// A library opened for the rest of the process. There is no closing: vtables, exceptions and
/// thread-locals of a plugin may outlive every object that the program knows of.
class SharedLibrary {
public:
    /// All symbols are resolved at once and stay private to the library. Throws `Refusal`.
    explicit SharedLibrary(const std::filesystem::path& path);

    /// The address of a symbol of this very library, not of one it depends on; null if absent.
    [[nodiscard]] void* symbol(const char* name) const;

private:
    void* handle_;
};

} // namespace mercator::plugin
