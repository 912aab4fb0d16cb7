// SPDX-License-Identifier: MIT
// Has no entry of its own, but is linked to a library that has one.
#include <mercator/plugin/abi.h>

MERCATOR_DEFINE_PLUGIN_NOTE("dialect", "borrowed_symbol", "1.0.0", "borrowed");
