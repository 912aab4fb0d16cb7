// SPDX-License-Identifier: MIT
// case: QRY-39 a sum needs numbers
// expect: mercator: sum needs a number
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
auto expression() { return mercator::func::sum(col(&Book::pages)); }
#else
auto expression() { return mercator::func::sum(col(&Book::title)); }
#endif
