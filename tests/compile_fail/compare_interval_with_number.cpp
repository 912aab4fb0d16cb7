// SPDX-License-Identifier: MIT
// case: QRY-39 TYP-17 a length of time is not compared with a number without a unit
// expect: mercator: these two types cannot be compared in SQL
#include "models.hpp"

using mercator::col;

struct Track {
    std::int64_t id{};
    mercator::Interval length{};
};

inline void describe(mercator::Mapping<Track>& track) {
    track.column<&Track::id>().primary_key();
    track.column<&Track::length>();
}

#ifdef MERCATOR_TWIN
auto condition() { return col(&Track::length) > std::chrono::minutes(5); }
#else
auto condition() { return col(&Track::length) > 300; }
#endif
