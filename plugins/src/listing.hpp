// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/plugin/loader.hpp>

#include <filesystem>
#include <vector>

namespace mercator::plugin {

/// What is built in and what lies in the folders, with everything that is wrong with it.
std::vector<Listing> list_plugins(const std::vector<std::filesystem::path>& folders);

} // namespace mercator::plugin
