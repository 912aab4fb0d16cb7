// SPDX-License-Identifier: MIT
// case: the place in an ordering list is an integer
// expect: mercator: ordering_list needs a member that is an integer
#include "models.hpp"

struct Line;
struct Page {
    std::int64_t id{};
    mercator::Many<Line> lines;
};
struct Line {
    std::int64_t id{};
    std::int64_t page_id{};
    std::string text;
    int place{};
};

inline void describe(mercator::Mapping<Page>& page) {
    page.column<&Page::id>().primary_key();
#ifdef MERCATOR_TWIN
    page.relationship<&Page::lines>().ordering_list<&Line::place>();
#else
    page.relationship<&Page::lines>().ordering_list<&Line::text>();
#endif
}
inline void describe(mercator::Mapping<Line>& line) {
    line.column<&Line::id>().primary_key();
    line.column<&Line::page_id>().references<&Page::id>();
    line.column<&Line::text>();
    line.column<&Line::place>();
}

void configure() { static_cast<void>(mercator::mapper_of<Page>()); }
