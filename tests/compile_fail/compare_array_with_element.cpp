// SPDX-License-Identifier: MIT
// case: TYP-24 an array is no element
// expect: mercator: these two types cannot be compared in SQL
#include <mercator/mapping/array.hpp>

#include "models.hpp"

struct Tagged {
    std::int64_t id{};
    std::vector<std::string> tags;
};
inline void describe(mercator::Mapping<Tagged>& tagged) {
    tagged.column<&Tagged::id>().primary_key();
    tagged.column<&Tagged::tags>();
}

#ifdef MERCATOR_TWIN
auto condition() {
    return mercator::any_(mercator::col(&Tagged::tags), std::string("sql"));
}
#else
auto condition() {
    return mercator::col(&Tagged::tags) == std::string("sql");
}
#endif
