// SPDX-License-Identifier: MIT
// case: QRY-03 QRY-39 a text is not compared with a number
// expect: mercator: these two types cannot be compared in SQL
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
auto condition() { return col(&Book::title) > "5"; }
#else
auto condition() { return col(&Book::title) > 5; }
#endif
