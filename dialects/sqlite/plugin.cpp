// SPDX-License-Identifier: MIT
#include "dialect.hpp"

#include <mercator/plugin/abi.h>

static void* create() {
    return static_cast<mercator::Dialect*>(new mercator::sqlite::SqliteDialect);
}

MERCATOR_DEFINE_PLUGIN("dialect", "sqlite", "0.1.0", "sqlite", create)
