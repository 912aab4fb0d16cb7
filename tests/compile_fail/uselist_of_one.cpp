// SPDX-License-Identifier: MIT
// case: REL-11 uselist says what the member's type says
// expect: mercator: uselist says something else than the member's type
#include "models.hpp"

struct Page {
    std::int64_t id{};
    std::optional<std::int64_t> author_id;
    mercator::One<Author> author;
};

inline void describe(mercator::Mapping<Page>& page) {
    page.column<&Page::id>().primary_key();
    page.column<&Page::author_id>().references<&Author::id>();
#ifdef MERCATOR_TWIN
    page.relationship<&Page::author>().uselist<false>();
#else
    page.relationship<&Page::author>().uselist<true>();
#endif
}

void configure() { static_cast<void>(mercator::mapper_of<Page>()); }
