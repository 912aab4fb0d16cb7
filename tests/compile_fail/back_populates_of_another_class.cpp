// SPDX-License-Identifier: MIT
// case: back_populates names a member of the class on the other side
// expect: mercator: back_populates must name a member of the class on the other side
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
    page.relationship<&Page::author>().back_populates<&Author::books>();
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
    page.relationship<&Page::author>().back_populates<&Book::author>();
}

void configure() { static_cast<void>(mercator::mapper_of<Page>()); }
#endif
