// SPDX-License-Identifier: MIT
// case: EVT-01 a listener takes objects of the class that it listens to
// expect: mercator: a listener of an object's event takes (Session&, T&)
#include "models.hpp"

void listen(mercator::Database& db) {
#ifdef MERCATOR_TWIN
    db.on<Book>().before_insert([](mercator::Session&, Book&) {});
#else
    db.on<Book>().before_insert([](mercator::Session&, Author&) {});
#endif
}
