// SPDX-License-Identifier: MIT
// case: KEY-12 a foreign key refers to a class that is mapped
// expect: mercator: this class is not mapped; write void describe(mercator::Mapping<T>&)
#include "models.hpp"

struct Page {
    std::int64_t id{};
    std::int64_t owner_id{};
};

inline void describe(mercator::Mapping<Page>& page) {
    page.column<&Page::id>().primary_key();
#ifdef MERCATOR_TWIN
    page.column<&Page::owner_id>().references<&Author::id>();
#else
    page.column<&Page::owner_id>().references<&Stranger::id>();
#endif
}

void configure() { static_cast<void>(mercator::mapper_of<Page>()); }
