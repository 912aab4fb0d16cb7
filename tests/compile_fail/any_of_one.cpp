// SPDX-License-Identifier: MIT
// case: REL-37 a relationship to one object is not asked any()
// expect: mercator: any() is for collections; this relationship leads to one object, so ask has()
#include "models.hpp"

using namespace mercator;

Condition condition() {
#ifdef MERCATOR_TWIN
    return rel(&Book::author).has(col(&Author::name) == "Ada");
#else
    return rel(&Book::author).any(col(&Author::name) == "Ada");
#endif
}
