// SPDX-License-Identifier: MIT
// case: a plain member cannot be deferred
// expect: mercator: only a member that is a Deferred<T> can be deferred
#include "models.hpp"

using mercator::col;

struct Page {
    std::int64_t id{};
    std::string body;
    mercator::Deferred<std::string> notes;
};

#ifdef MERCATOR_TWIN
inline void describe(mercator::Mapping<Page>& page) {
    page.column<&Page::id>().primary_key();
    page.column<&Page::body>();
    page.column<&Page::notes>().deferred();
}
#else
inline void describe(mercator::Mapping<Page>& page) {
    page.column<&Page::id>().primary_key();
    page.column<&Page::body>().deferred();
    page.column<&Page::notes>();
}
#endif

void configure() { static_cast<void>(mercator::mapper_of<Page>()); }
