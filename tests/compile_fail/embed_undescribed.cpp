// SPDX-License-Identifier: MIT
// case: MOD-43 a struct says of which columns it consists
// expect: mercator: this struct is not described; write void describe(mercator::Mapping<Struct>&)
#include "models.hpp"

struct Place {
    std::string city;
};
#ifdef MERCATOR_TWIN
inline void describe(mercator::Mapping<Place>& place) {
    place.column<&Place::city>();
}
#endif

struct Shop {
    std::int64_t id{};
    Place at;
};
inline void describe(mercator::Mapping<Shop>& shop) {
    shop.column<&Shop::id>().primary_key();
    shop.embed<&Shop::at>("at_");
}

void configure() {
    static_cast<void>(mercator::mapper_of<Shop>());
}
