// SPDX-License-Identifier: MIT
#include <mercator/plugin/abi.h>

MERCATOR_PLUGIN_EXPORT int same_name_in_both = 2;

static void* create() {
    return &same_name_in_both;
}

MERCATOR_DEFINE_PLUGIN("dialect", "twin", "1.0.0", "twin", create)
