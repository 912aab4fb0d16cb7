// SPDX-License-Identifier: MIT
#include "dialect.hpp"

#include <mercator/plugin/abi.h>

namespace {

void* create() {
    return static_cast<mercator::Dialect*>(new mercator::mysql::Dialect);
}

} // namespace

MERCATOR_DEFINE_PLUGIN("dialect", "mysql", "0.1.0", "mysql mariadb", create)
