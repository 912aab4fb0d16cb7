// SPDX-License-Identifier: MIT
// case: a class that is not mapped cannot be queried
// expect: mercator: this class is not mapped
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
void misuse(mercator::Session& session) { static_cast<void>(session.query<Book>().all()); }
#else
void misuse(mercator::Session& session) { static_cast<void>(session.query<Stranger>().all()); }
#endif
