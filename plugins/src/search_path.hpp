// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mercator::plugin {

/// The folders to search. A relative one would be searched wherever the program happens to be
/// started, so it is not searched at all, and remembered for the error text.
class SearchPath {
public:
    /// Appends the normal form of an absolute folder unless it is there already.
    void append(const std::filesystem::path& folder);

    [[nodiscard]] const std::vector<std::filesystem::path>& folders() const noexcept {
        return folders_;
    }
    [[nodiscard]] const std::vector<std::filesystem::path>& relative() const noexcept {
        return relative_;
    }

private:
    std::vector<std::filesystem::path> folders_;
    std::vector<std::filesystem::path> relative_;
};

/// The folders searched behind those a program names itself: environment, beside the library that
/// contains this code, installation. They need not exist.
SearchPath standard_folders();

/// The file that contains this code: libmercator, or the program it is linked into. Empty if the
/// system does not say.
std::filesystem::path own_library();

/// `libmercator_<scheme>.so`.
std::string plugin_file_name(std::string_view scheme);

/// The files of a folder named like plugins, sorted; empty if the folder cannot be read.
std::vector<std::filesystem::path> plugin_files(const std::filesystem::path& folder);

} // namespace mercator::plugin
