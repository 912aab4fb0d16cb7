// SPDX-License-Identifier: MIT
#include "marker.hpp"

#include <mercator/plugin/abi.h>

#undef MERCATOR_ABI_VERSION
#define MERCATOR_ABI_VERSION 9999

static void* create() {
    static int object = 0;
    return &object;
}

MERCATOR_DEFINE_PLUGIN("dialect", "wrong_version", "1.0.0", "stale", create)
