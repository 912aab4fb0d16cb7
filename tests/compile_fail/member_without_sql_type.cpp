// SPDX-License-Identifier: MIT
// case: CUS-16 a member whose type SQL does not know
// expect: mercator: this member's type has no SQL type; specialise mercator::TypeDecorator<T> for it
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
    page.column<&Page::author_id>();
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
    page.column<&Page::ink>();
}

void configure() { static_cast<void>(mercator::mapper_of<Page>()); }
#endif
