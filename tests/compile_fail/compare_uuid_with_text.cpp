// SPDX-License-Identifier: MIT
// case: QRY-39 TYP-12 a UUID is not compared with a text, whose case would count
// expect: mercator: these two types cannot be compared in SQL
#include "models.hpp"

using mercator::col;

struct Document {
    mercator::Uuid id;
};

inline void describe(mercator::Mapping<Document>& document) {
    document.column<&Document::id>().primary_key();
}

#ifdef MERCATOR_TWIN
auto condition() {
    return col(&Document::id) == mercator::Uuid("123E4567-e89b-12d3-a456-426614174000");
}
#else
auto condition() { return col(&Document::id) == "123E4567-e89b-12d3-a456-426614174000"; }
#endif
