// SPDX-License-Identifier: MIT
// case: TYP-32 nanoseconds would be cut to microseconds, so they are no column
// expect: mercator: this member's type has no SQL type; specialise mercator::TypeDecorator<T> for it
#include "models.hpp"

#ifdef MERCATOR_TWIN
using Unit = std::chrono::microseconds;
#else
using Unit = std::chrono::nanoseconds;
#endif

struct Lap {
    std::int64_t id{};
    Unit took{};
};

inline void describe(mercator::Mapping<Lap>& lap) {
    lap.column<&Lap::id>().primary_key();
    lap.column<&Lap::took>();
}

void configure() { static_cast<void>(mercator::mapper_of<Lap>()); }
