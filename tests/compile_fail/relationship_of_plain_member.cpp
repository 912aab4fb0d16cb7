// SPDX-License-Identifier: MIT
// case: a plain member is no relationship
// expect: mercator: a relationship member must be a One<T> or a Many<T>
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
    page.relationship<&Page::author>();
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
    page.relationship<&Page::author_id>();
}

void configure() { static_cast<void>(mercator::mapper_of<Page>()); }
#endif
