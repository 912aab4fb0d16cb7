// SPDX-License-Identifier: MIT
// case: REL-46 a path does not lead over a collection
// expect: mercator: a path leads over relationships to one object; ask a collection with any(), or join it
#include "models.hpp"

using namespace mercator;

Condition condition() {
#ifdef MERCATOR_TWIN
    return rel(&Book::author).col(&Author::name) == "Ada";
#else
    return rel(&Author::books).col(&Book::title) == "Ada";
#endif
}
