// SPDX-License-Identifier: MIT
// case: a member of a class that is not mapped is no column
// expect: mercator: this class is not mapped
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
auto condition() { return col(&Book::id) == 1; }
#else
auto condition() { return col(&Stranger::id) == 1; }
#endif
