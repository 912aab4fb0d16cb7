// SPDX-License-Identifier: MIT
// case: EVT-21 an observer has a function for one event at least
// expect: mercator: an observer needs functions with the names of events
#include "models.hpp"

struct Watcher {
#ifdef MERCATOR_TWIN
    void before_insert(mercator::Session&, Book&) {}
#else
    void before_insertion(mercator::Session&, Book&) {}
#endif
};

void listen(mercator::Database& db) {
    db.observe<Book>(Watcher());
}
