// SPDX-License-Identifier: MIT
// case: load_only is about columns
// expect: mercator: this option is about columns
#include "models.hpp"

using mercator::col;

void load(mercator::Session& session) {
#ifdef MERCATOR_TWIN
    static_cast<void>(
        session.query<const Author>().options(mercator::load_only<&Author::name>()).all());
#else
    static_cast<void>(
        session.query<const Author>().options(mercator::load_only<&Author::books>()).all());
#endif
}
