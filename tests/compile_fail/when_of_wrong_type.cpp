// SPDX-License-Identifier: MIT
// case: the value that tells which class is meant has the type of its member
// expect: mercator: when needs a value of the member's type
#include "models.hpp"

struct Page {
    std::int64_t id{};
    std::int64_t subject_id{};
    std::string subject;
    mercator::One<Author> author;
};

inline void describe(mercator::Mapping<Page>& page) {
    page.column<&Page::id>().primary_key();
    page.column<&Page::subject_id>();
    page.column<&Page::subject>();
#ifdef MERCATOR_TWIN
    page.relationship<&Page::author>()
        .foreign_keys<&Page::subject_id>()
        .when<&Page::subject>("author");
#else
    page.relationship<&Page::author>()
        .foreign_keys<&Page::subject_id>()
        .when<&Page::subject>(mercator::Date{});
#endif
}

void configure() { static_cast<void>(mercator::mapper_of<Page>()); }
