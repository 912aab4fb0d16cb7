// SPDX-License-Identifier: MIT
// case: a decimal is not made from a double
// expect g++: use of deleted function 'mercator::Decimal::Decimal(Float)
// expect clang++: call to deleted constructor of 'const mercator::Decimal'
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
const mercator::Decimal price("0.1");
#else
const mercator::Decimal price(0.1);
#endif
