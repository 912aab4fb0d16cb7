// SPDX-License-Identifier: MIT
// case: a mapped class can be made without arguments
// expect: mercator: a mapped class must be default constructible
#include "models.hpp"

using mercator::col;

#ifdef MERCATOR_TWIN
struct Note {
    Note() = default;
    explicit Note(std::int64_t number) : id(number) {}
    std::int64_t id{};
};

inline void describe(mercator::Mapping<Note>& note) { note.column<&Note::id>().primary_key(); }

void configure() { static_cast<void>(mercator::mapper_of<Note>()); }
#else
struct Note {
    explicit Note(std::int64_t number) : id(number) {}
    std::int64_t id{};
};

inline void describe(mercator::Mapping<Note>& note) { note.column<&Note::id>().primary_key(); }

void configure() { static_cast<void>(mercator::mapper_of<Note>()); }
#endif
