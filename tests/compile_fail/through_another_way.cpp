// SPDX-License-Identifier: MIT
// case: the second step of through begins where the first ends
// expect: mercator: the second step of through must lead from the class that the first leads
#include "models.hpp"

struct Page {
    std::int64_t id{};
    std::optional<std::int64_t> author_id;
    mercator::One<Author> author;
    mercator::Many<Book> others;
};

inline void describe(mercator::Mapping<Page>& page) {
    page.column<&Page::id>().primary_key();
    page.column<&Page::author_id>().references<&Author::id>();
    page.relationship<&Page::author>();
#ifdef MERCATOR_TWIN
    page.relationship<&Page::others>().through<&Page::author, &Author::books>();
#else
    page.relationship<&Page::others>().through<&Page::author, &Page::others>();
#endif
}

void configure() { static_cast<void>(mercator::mapper_of<Page>()); }
