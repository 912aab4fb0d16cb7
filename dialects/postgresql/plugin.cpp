// SPDX-License-Identifier: MIT
#include "dialect.hpp"

#include <mercator/plugin/abi.h>

namespace {

void* create() {
    return static_cast<mercator::Dialect*>(new mercator::postgresql::PostgresqlDialect);
}

} // namespace

MERCATOR_DEFINE_PLUGIN("dialect", "postgresql", "0.1.0", "postgresql postgres", create)
