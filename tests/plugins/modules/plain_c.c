/* SPDX-License-Identifier: MIT */
/* abi.h promises to compile as C; a C build is no C++ build, so its fingerprint is refused. */
#include <mercator/plugin/abi.h>

static int object;

static void* create(void) {
    return &object;
}

MERCATOR_DEFINE_PLUGIN("dialect", "plain_c", "1.0.0", "plainc", create)
