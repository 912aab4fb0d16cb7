// SPDX-License-Identifier: MIT
// case: HYB-13 a member that an expression fills must take its NULL
// expect: mercator: the expression may be NULL, so the member must be a std::optional
#include "models.hpp"

using mercator::col;

struct Poet {
    std::int64_t id{};
    std::int64_t first{};
};
void describe(mercator::Mapping<Poet>& poet) {
    poet.column<&Poet::id>().primary_key();
#ifdef MERCATOR_TWIN
    poet.column_property<&Poet::first>([] { return col(&Poet::id).value_or(0); });
#else
    poet.column_property<&Poet::first>([] { return mercator::func::min(col(&Poet::id)); });
#endif
}
