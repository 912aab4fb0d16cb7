// SPDX-License-Identifier: MIT
#include "marker.hpp"

#include <mercator/plugin/abi.h>

static void* create() {
    static int object = 0;
    return &object;
}

MERCATOR_DEFINE_PLUGIN("sink", "wrong_kind", "1.0.0", "sinking", create)
