// SPDX-License-Identifier: MIT
// case: TYP-35 the key of one class is not compared with the key of another
// expect: mercator: these two types cannot be compared in SQL
#include "models.hpp"

using mercator::col;
using mercator::Id;

struct Reader {
    Id<Reader> id;
    Id<Author> favourite;
};

inline void describe(mercator::Mapping<Reader>& reader) {
    reader.column<&Reader::id>().primary_key();
    reader.column<&Reader::favourite>();
}

#ifdef MERCATOR_TWIN
auto condition() { return col(&Reader::id) == Id<Reader>(7); }
#else
auto condition() { return col(&Reader::id) == Id<Author>(7); }
#endif
