// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/plugin/abi.h>

#include <vector>

namespace mercator::plugin {

/// Adds a plugin that is linked into the program, once.
void add_built_in(const MercatorPluginDescriptor& descriptor);

/// Those added so far, in that order.
std::vector<const MercatorPluginDescriptor*> built_in_plugins();

} // namespace mercator::plugin
