// SPDX-License-Identifier: MIT
// case: MOD-30 the setter of a property takes what the getter gives
// expect: mercator: the setter of a property must take the object and the getter's value
#include "models.hpp"

class Page {
public:
    [[nodiscard]] std::int64_t number() const { return number_; }
    void set_number(std::int64_t number) { number_ = number; }
    void set_title(const std::string& title) { title_ = title; }

private:
    std::int64_t number_ = 0;
    std::string title_;
};

inline void describe(mercator::Mapping<Page>& page) {
#ifdef MERCATOR_TWIN
    page.property<&Page::number, &Page::set_number>("number").primary_key();
#else
    page.property<&Page::number, &Page::set_title>("number").primary_key();
#endif
}

void configure() {
    static_cast<void>(mercator::mapper_of<Page>());
}
