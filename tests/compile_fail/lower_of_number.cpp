// SPDX-License-Identifier: MIT
// case: QRY-39 lower needs text
// expect: mercator: lower needs text
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
auto expression() { return mercator::func::lower(col(&Book::title)); }
#else
auto expression() { return mercator::func::lower(col(&Book::pages)); }
#endif
