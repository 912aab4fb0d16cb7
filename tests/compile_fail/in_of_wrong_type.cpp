// SPDX-License-Identifier: MIT
// case: QRY-39 the values of in() have the column's type
// expect: mercator: in() needs values of the column's own type
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
auto condition() { return col(&Book::pages).in(std::vector<int>{1}); }
#else
auto condition() { return col(&Book::pages).in(std::vector<std::string>{"1"}); }
#endif
