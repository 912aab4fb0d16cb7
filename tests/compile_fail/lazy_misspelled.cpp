// SPDX-License-Identifier: MIT
// case: LOAD-01 the option for loading, misspelled, does not compile
// expect: lasy
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
struct Page {
    std::int64_t id{};
    mercator::One<Author> author;
    std::optional<std::int64_t> author_id;
    struct Ink {} ink;
};

inline void describe(mercator::Mapping<Page>& page) {
    page.column<&Page::id>().primary_key();
    page.relationship<&Page::author>().lazy(mercator::Lazy::select);
}

void configure() { static_cast<void>(mercator::mapper_of<Page>()); }
#else
struct Page {
    std::int64_t id{};
    mercator::One<Author> author;
    std::optional<std::int64_t> author_id;
    struct Ink {} ink;
};

inline void describe(mercator::Mapping<Page>& page) {
    page.column<&Page::id>().primary_key();
    page.relationship<&Page::author>().lasy(mercator::Lazy::select);
}

void configure() { static_cast<void>(mercator::mapper_of<Page>()); }
#endif
