// SPDX-License-Identifier: MIT
// case: QRY-39 like is for text
// expect: mercator: like needs a text column
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
auto condition() { return col(&Book::title).like("3%"); }
#else
auto condition() { return col(&Book::pages).like("3%"); }
#endif
