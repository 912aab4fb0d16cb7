// SPDX-License-Identifier: MIT
// case: QRY-24 all results of a case have one type
// expect: mercator: all results of a case_when must have one type
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
auto expression() { return mercator::case_when(col(&Book::pages) > 100, "long").else_("short"); }
#else
auto expression() { return mercator::case_when(col(&Book::pages) > 100, "long").else_(0); }
#endif
