// SPDX-License-Identifier: MIT
// case: QRY-39 where() takes conditions
// expect: mercator: where() takes conditions
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
void misuse(mercator::Session& session) { static_cast<void>(session.query<Book>().where(col(&Book::title) == "x").all()); }
#else
void misuse(mercator::Session& session) { static_cast<void>(session.query<Book>().where(col(&Book::title)).all()); }
#endif
