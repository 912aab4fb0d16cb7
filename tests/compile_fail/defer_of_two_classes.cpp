// SPDX-License-Identifier: MIT
// case: an option about columns names members of one class
// expect: mercator: one option names members of one class
#include "models.hpp"

using mercator::col;

void load(mercator::Session& session) {
#ifdef MERCATOR_TWIN
    static_cast<void>(session.query<const Author>()
                          .options(mercator::defer<&Author::name, &Author::id>())
                          .all());
#else
    static_cast<void>(session.query<const Author>()
                          .options(mercator::defer<&Author::name, &Book::title>())
                          .all());
#endif
}
