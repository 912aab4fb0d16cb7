// SPDX-License-Identifier: MIT
#include <mercator/plugin/abi.h>

MERCATOR_DEFINE_PLUGIN_NOTE("dialect", "no_symbol", "1.0.0", "nosymbol");
