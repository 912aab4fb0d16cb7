// SPDX-License-Identifier: MIT
// case: QRY-39 contains is for text
// expect: mercator: startswith, endswith and contains need a text column
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
auto condition() { return col(&Book::title).contains("3"); }
#else
auto condition() { return col(&Book::pages).contains("3"); }
#endif
