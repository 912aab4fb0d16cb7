// SPDX-License-Identifier: MIT
// case: MOD-12 related objects are shown by a specification of their own class
// expect: mercator: the specification must be of the class that the relationship leads to
#include "models.hpp"

#include <mercator/mapping/json_output.hpp>

using namespace mercator;

std::string text(const Book& book) {
#ifdef MERCATOR_TWIN
    return to_json(book, json_spec<Book>().with<&Book::author>(json_spec<Author>()));
#else
    return to_json(book, json_spec<Book>().with<&Book::author>(json_spec<Book>()));
#endif
}
