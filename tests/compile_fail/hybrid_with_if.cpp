// SPDX-License-Identifier: MIT
// case: HYB-07 a formula does not branch in C++
// expect: use if_else(condition, a, b)
#include "models.hpp"

using mercator::hybrid;

#ifdef MERCATOR_TWIN
constexpr auto label =
    hybrid<Book>([](auto e) { return if_else(e(&Book::pages) > 500, "thick", "thin"); });
#else
constexpr auto label =
    hybrid<Book>([](auto e) { return e(&Book::pages) > 500 ? "thick" : "thin"; });
#endif
auto expression() {
    return label();
}
