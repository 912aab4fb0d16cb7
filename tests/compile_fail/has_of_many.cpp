// SPDX-License-Identifier: MIT
// case: REL-37 a collection is not asked has()
// expect: mercator: has() is for relationships to one object; this one is a collection, so ask any()
#include "models.hpp"

using namespace mercator;

Condition condition() {
#ifdef MERCATOR_TWIN
    return rel(&Author::books).any(col(&Book::pages) > 100);
#else
    return rel(&Author::books).has(col(&Book::pages) > 100);
#endif
}
