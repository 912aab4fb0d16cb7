// SPDX-License-Identifier: MIT
// case: QRY-39 an exact decimal does not mix with a double
// expect: mercator: a Decimal is exact and does not mix with float or double
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
auto expression() { return col(&Book::price) * mercator::Decimal("1.19"); }
#else
auto expression() { return col(&Book::price) * 1.19; }
#endif
