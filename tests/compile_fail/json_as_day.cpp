// SPDX-License-Identifier: MIT
// case: TYP-21 JSON has no days
// expect: mercator: as<T>() reads bool, integers, floating-point numbers and std::string out of a
// document
#include <mercator/mapping/json.hpp>

#include "models.hpp"

struct Note {
    std::int64_t id{};
    nlohmann::json data;
};
inline void describe(mercator::Mapping<Note>& note) {
    note.column<&Note::id>().primary_key();
    note.column<&Note::data>();
}

#ifdef MERCATOR_TWIN
auto day() {
    return mercator::col(&Note::data)["day"].as<std::string>();
}
#else
auto day() {
    return mercator::col(&Note::data)["day"].as<mercator::Date>();
}
#endif
