// SPDX-License-Identifier: MIT
// case: QRY-03 QRY-39 a number is not compared with a text
// expect: mercator: these two types cannot be compared in SQL
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
auto condition() { return col(&Book::pages) == 300; }
#else
auto condition() { return col(&Book::pages) == "300"; }
#endif
