// SPDX-License-Identifier: MIT
#include "support/backend.hpp"

#include <mercator/session/session_scope.hpp>

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <thread>

using namespace mercator;

namespace {

struct ScopedVisit {
    std::int64_t id{};
    std::string page;
};

void describe(Mapping<ScopedVisit>& visit) {
    visit.table("scoped_visits");
    visit.column<&ScopedVisit::id>().primary_key();
    visit.column<&ScopedVisit::page>(String(40));
}

/// Somewhere deep in an application: nobody handed it a session.
void record(const Database& db, const std::string& page) {
    current_session(db).add(ScopedVisit{.page = page});
}

std::int64_t visits(Database& db) {
    return db.session().query<ScopedVisit>().count();
}

} // namespace

TEST_CASE("UOW-21 what is called within a scope shares its session") {
    test::Backend db;
    db->create_all<ScopedVisit>();
    {
        SessionScope scope(*db);
        record(*db, "start");
        record(*db, "about");
        CHECK(&current_session(*db) == &scope.session());
        scope.session().commit();
    }
    CHECK(visits(*db) == 2);
}

TEST_CASE("UOW-21 a scope rolls back what was not committed, also while an exception passes") {
    test::Backend db;
    db->create_all<ScopedVisit>();
    {
        const SessionScope scope(*db);
        record(*db, "forgotten");
        current_session(*db).flush();
    }
    CHECK(visits(*db) == 0);
    const auto failing_request = [&] {
        const SessionScope scope(*db);
        record(*db, "failed");
        current_session(*db).flush();
        throw std::runtime_error("the request failed");
    };
    CHECK_THROWS_WITH(failing_request(), "the request failed");
    CHECK(visits(*db) == 0);
    CHECK(db->engine().statistics().in_use == 0);
    CHECK_THROWS_WITH_AS(record(*db, "outside"), doctest::Contains("SessionScope scope(db);"),
                         StateError);
}

TEST_CASE("UOW-21 an inner scope has a session of its own, and the outer one comes back") {
    test::Backend db;
    db->create_all<ScopedVisit>();
    SessionScope outer(*db);
    {
        SessionScope inner(*db);
        CHECK(&current_session(*db) == &inner.session());
        record(*db, "inner");
        inner.session().commit();
    }
    CHECK(&current_session(*db) == &outer.session());
    record(*db, "outer");
    outer.session().rollback();
    CHECK(visits(*db) == 1);
}

TEST_CASE("UOW-21 threads and databases have scopes of their own") {
    test::Backend db;
    db->create_all<ScopedVisit>();
    const auto other = db.another();
    const SessionScope scope(*db);
    CHECK_THROWS_AS(static_cast<void>(current_session(*other)), StateError);
    bool refused = false;
    std::thread([&] {
        try {
            static_cast<void>(current_session(*db));
        } catch (const StateError&) {
            refused = true;
        }
    }).join();
    CHECK(refused);
    const SessionScope second(*other);
    CHECK(&current_session(*other) != &current_session(*db));
}
