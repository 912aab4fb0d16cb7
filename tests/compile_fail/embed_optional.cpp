// SPDX-License-Identifier: MIT
// case: MOD-43 an embedded struct is always there
// expect: mercator: an embedded struct is always there; make its parts std::optional instead
#include "models.hpp"

struct Place {
    std::optional<std::string> city;
};
inline void describe(mercator::Mapping<Place>& place) {
    place.column<&Place::city>();
}

struct Shop {
    std::int64_t id{};
#ifdef MERCATOR_TWIN
    Place at;
#else
    std::optional<Place> at;
#endif
};
inline void describe(mercator::Mapping<Shop>& shop) {
    shop.column<&Shop::id>().primary_key();
    shop.embed<&Shop::at>("at_");
}

void configure() {
    static_cast<void>(mercator::mapper_of<Shop>());
}
