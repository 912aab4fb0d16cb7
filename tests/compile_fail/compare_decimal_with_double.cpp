// SPDX-License-Identifier: MIT
// case: QRY-39 an exact decimal is not compared with a double
// expect: mercator: these two types cannot be compared in SQL
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
auto condition() { return col(&Book::price) < mercator::Decimal("9.99"); }
#else
auto condition() { return col(&Book::price) < 9.99; }
#endif
