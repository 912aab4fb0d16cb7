// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/plugin/abi.h>

#include <vector>

namespace mercator::plugin {

/// What `add_built_in` (loader.hpp) was given so far, in that order.
std::vector<const MercatorPluginDescriptor*> built_in_plugins();

} // namespace mercator::plugin
