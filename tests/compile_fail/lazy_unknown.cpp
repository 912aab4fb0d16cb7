// SPDX-License-Identifier: MIT
// case: LOAD-01 an unknown loading strategy does not compile
// expect g++: 'lasy' is not a member of 'mercator::Lazy'
// expect clang++: no member named 'lasy' in 'mercator::Lazy'
#include "models.hpp"

struct Page {
    std::int64_t id{};
    mercator::One<Author> author;
    std::optional<std::int64_t> author_id;
};

inline void describe(mercator::Mapping<Page>& page) {
    page.column<&Page::id>().primary_key();
    page.column<&Page::author_id>().references<&Author::id>();
#ifdef MERCATOR_TWIN
    page.relationship<&Page::author>().lazy(mercator::Lazy::selectin);
#else
    page.relationship<&Page::author>().lazy(mercator::Lazy::lasy);
#endif
}

void configure() { static_cast<void>(mercator::mapper_of<Page>()); }
