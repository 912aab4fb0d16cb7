// SPDX-License-Identifier: MIT
// case: QRY-39 a text is not multiplied
// expect: mercator: SQL arithmetic needs numbers on both sides
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
auto expression() { return col(&Book::pages) * 2; }
#else
auto expression() { return col(&Book::title) * 2; }
#endif
