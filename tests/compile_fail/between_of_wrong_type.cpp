// SPDX-License-Identifier: MIT
// case: QRY-39 the bounds of between have the column's type
// expect: mercator: between needs bounds of the column's own type
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
auto condition() { return col(&Book::title).between("a", "z"); }
#else
auto condition() { return col(&Book::pages).between("a", "z"); }
#endif
