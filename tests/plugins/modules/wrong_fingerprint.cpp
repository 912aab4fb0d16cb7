// SPDX-License-Identifier: MIT
#include "marker.hpp"

#include <mercator/plugin/abi.h>

#undef MERCATOR_BUILD_FINGERPRINT
#define MERCATOR_BUILD_FINGERPRINT "some other compiler"

static void* create() {
    static int object = 0;
    return &object;
}

MERCATOR_DEFINE_PLUGIN("dialect", "wrong_fingerprint", "1.0.0", "foreign", create)
