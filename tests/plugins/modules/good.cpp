// SPDX-License-Identifier: MIT
#include "marker.hpp"

#include <mercator/plugin/abi.h>

// Exported on purpose under the name that twin.cpp uses too.
MERCATOR_PLUGIN_EXPORT int same_name_in_both = 1;

static void* create() {
    return &same_name_in_both;
}

MERCATOR_DEFINE_PLUGIN("dialect", "good", "1.2.3", "good goodalias", create)
