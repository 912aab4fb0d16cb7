// SPDX-License-Identifier: MIT
// case: EVT-03 a plain member tells nobody of assignments
// expect: mercator: only an Attribute<T> or a One<T> tells of assignments
#include "models.hpp"

struct Guest {
    std::int64_t id{};
    std::string name;
    mercator::Attribute<std::string> email;
};
inline void describe(mercator::Mapping<Guest>& guest) {
    guest.column<&Guest::id>().primary_key();
    guest.column<&Guest::name>();
    guest.column<&Guest::email>();
}

void listen(mercator::Database& db) {
#ifdef MERCATOR_TWIN
    db.on<Guest>().set<&Guest::email>([](Guest&, std::string&, const std::string&) {});
#else
    db.on<Guest>().set<&Guest::name>([](Guest&, std::string&, const std::string&) {});
#endif
}
