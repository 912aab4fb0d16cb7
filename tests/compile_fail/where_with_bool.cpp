// SPDX-License-Identifier: MIT
// case: QRY-39 a plain comparison of values is no condition
// expect: mercator: where() takes conditions
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
void misuse(mercator::Session& session) { static_cast<void>(session.query<Book>().where(col(&Book::id) == 1).all()); }
#else
void misuse(mercator::Session& session) { static_cast<void>(session.query<Book>().where(1 == 1).all()); }
#endif
