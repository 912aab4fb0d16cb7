// SPDX-License-Identifier: MIT
// case: REL-38 a collection is not compared with an object
// expect: mercator: a collection is not compared with an object; ask contains() or any()
#include "models.hpp"

using namespace mercator;

Condition condition(const std::shared_ptr<Book>& book) {
#ifdef MERCATOR_TWIN
    return rel(&Author::books).contains(book);
#else
    return rel(&Author::books) == book;
#endif
}
