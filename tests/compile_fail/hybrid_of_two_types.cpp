// SPDX-License-Identifier: MIT
// case: HYB-02 two lambdas of one hybrid have one type
// expect: mercator: the formula has another type in memory than in SQL
#include "models.hpp"

using mercator::hybrid;

#ifdef MERCATOR_TWIN
constexpr auto shelf = hybrid<Book>([](const Book& book) { return book.pages / 100; },
                                    [](auto e) { return e(&Book::pages) / 100; });
#else
constexpr auto shelf = hybrid<Book>([](const Book& book) { return std::to_string(book.pages); },
                                    [](auto e) { return e(&Book::pages) / 100; });
#endif
auto of(const Book& book) {
    return shelf(book);
}
