// SPDX-License-Identifier: MIT
// case: REL-38 a relationship is compared with objects of its own target
// expect g++: no match for
// expect clang++: invalid operands to binary expression
#include "models.hpp"

using namespace mercator;

Condition condition(const std::shared_ptr<Book>& book, const std::shared_ptr<Author>& author) {
#ifdef MERCATOR_TWIN
    static_cast<void>(book);
    return rel(&Book::author) == author;
#else
    static_cast<void>(author);
    return rel(&Book::author) == book;
#endif
}
