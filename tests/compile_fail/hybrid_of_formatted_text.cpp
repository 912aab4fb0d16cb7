// SPDX-License-Identifier: MIT
// case: HYB-05 a formula does not turn numbers into text behind SQL's back
// expect: mercator: concat needs texts; numbers do not become texts by themselves
#include "models.hpp"

using mercator::hybrid;

#ifdef MERCATOR_TWIN
constexpr auto line =
    hybrid<Book>([](auto e) { return concat(e(&Book::title), ", ", lower(e(&Book::title))); });
#else
constexpr auto line =
    hybrid<Book>([](auto e) { return concat(e(&Book::title), ", ", e(&Book::pages)); });
#endif
auto text_of(const Book& book) {
    return line(book);
}
