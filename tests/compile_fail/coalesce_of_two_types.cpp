// SPDX-License-Identifier: MIT
// case: QRY-39 coalesce needs one type
// expect: mercator: coalesce needs arguments of one type
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
auto expression() { return mercator::func::coalesce(col(&Book::author_id), 0); }
#else
auto expression() { return mercator::func::coalesce(col(&Book::author_id), "none"); }
#endif
