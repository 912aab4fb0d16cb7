// SPDX-License-Identifier: MIT
// case: a decimal is not made from a double
// expect: mercator:
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
const mercator::Decimal price("0.1");
#else
const mercator::Decimal price(0.1);
#endif
