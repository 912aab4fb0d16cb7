// SPDX-License-Identifier: MIT
// case: QRY-39 where() of a select takes conditions
// expect: mercator: where() takes conditions
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
void misuse(mercator::Session& session) { static_cast<void>(session.execute(mercator::select(col(&Book::id)).where(col(&Book::title) == "x"))); }
#else
void misuse(mercator::Session& session) { static_cast<void>(session.execute(mercator::select(col(&Book::id)).where(col(&Book::title)))); }
#endif
