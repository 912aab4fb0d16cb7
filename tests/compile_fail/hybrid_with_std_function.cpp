// SPDX-License-Identifier: MIT
// case: HYB-05 code that has no translation does not compile, in memory neither
// expect g++: invalid initialization of reference of type
// expect clang++: no matching function for call to 'shout'
#include "models.hpp"

using mercator::hybrid;

std::string shout(const std::string& text);

#ifdef MERCATOR_TWIN
constexpr auto loud = hybrid<Book>([](auto e) { return upper(e(&Book::title)); });
#else
constexpr auto loud = hybrid<Book>([](auto e) { return shout(e(&Book::title)); });
#endif
auto text_of(const Book& book) {
    return loud(book);
}
