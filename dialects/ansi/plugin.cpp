// SPDX-License-Identifier: MIT
#include "dialect.hpp"

#include <mercator/plugin/abi.h>

static void* create() {
    return static_cast<mercator::Dialect*>(new mercator::ansi::AnsiDialect);
}

MERCATOR_DEFINE_PLUGIN("dialect", "ansi", "0.1.0", "ansi", create)
