// SPDX-License-Identifier: MIT
#include <mercator/plugin/abi.h>

extern "C" int mercator_test_function_that_nobody_defines();

static void* create() {
    static int object = mercator_test_function_that_nobody_defines();
    return &object;
}

MERCATOR_DEFINE_PLUGIN("dialect", "unresolved", "1.0.0", "unresolved", create)
