// SPDX-License-Identifier: MIT
// case: QRY-39 two dates have no sum
// expect: mercator: SQL arithmetic needs numbers on both sides
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
auto expression() { return col(&Book::pages) + col(&Book::pages); }
#else
auto expression() { return col(&Book::published) + col(&Book::published); }
#endif
