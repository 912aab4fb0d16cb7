// SPDX-License-Identifier: MIT
// case: a default that the member cannot hold is refused
// expect: mercator: this default does not convert to the member's type without loss
#include "models.hpp"

struct Page {
    std::int64_t id{};
    int number{};
};

inline void describe(mercator::Mapping<Page>& page) {
    page.column<&Page::id>().primary_key();
#ifdef MERCATOR_TWIN
    page.column<&Page::number>().default_(3);
#else
    page.column<&Page::number>().default_(3.7);
#endif
}

void configure() {
    static_cast<void>(mercator::mapper_of<Page>());
}
