// SPDX-License-Identifier: MIT
// case: MOD-09 an object is made of members that its class has
// expect g++: has no non-static data member named
// expect clang++: does not refer to any field
#include "models.hpp"

struct Remark {
    std::int64_t id{};
    std::string text;
};
inline void describe(mercator::Mapping<Remark>& remark) {
    remark.column<&Remark::id>().primary_key();
    remark.column<&Remark::text>();
}

void write(mercator::Session& session) {
#ifdef MERCATOR_TWIN
    session.add(Remark{.text = "hello"});
#else
    session.add(Remark{.txt = "hello"});
#endif
}
