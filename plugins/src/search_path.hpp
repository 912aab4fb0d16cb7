// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mercator::plugin {

/// The folders searched behind those a program names itself: environment, beside the library that
/// contains this code, installation. Absolute, without duplicates; they need not exist.
std::vector<std::filesystem::path> standard_folders();

/// Appends the absolute, normal form of the folder unless it is there already.
void append_folder(std::vector<std::filesystem::path>& folders,
                   const std::filesystem::path& folder);

/// `libmercator_<scheme>.so`.
std::string plugin_file_name(std::string_view scheme);

/// The files of a folder named like plugins, sorted; empty if the folder cannot be read.
std::vector<std::filesystem::path> plugin_files(const std::filesystem::path& folder);

} // namespace mercator::plugin
