// SPDX-License-Identifier: MIT
// case: QRY-03 QRY-39 columns of different types are not compared
// expect: mercator: these two types cannot be compared in SQL
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
auto condition() { return col(&Book::title) == col(&Author::name); }
#else
auto condition() { return col(&Book::title) == col(&Book::pages); }
#endif
