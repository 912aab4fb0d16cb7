// SPDX-License-Identifier: MIT
// case: QRY-24 nullif needs one type
// expect: mercator: nullif needs arguments of one type
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
auto expression() { return mercator::func::nullif(col(&Book::pages), 0); }
#else
auto expression() { return mercator::func::nullif(col(&Book::pages), "none"); }
#endif
