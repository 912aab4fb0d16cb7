// SPDX-License-Identifier: MIT
// Owned objects and savepoints: what a cascade or the loss of an owner has deleted comes back with
// the savepoint that it happened in, and only with that.
#include "support/backend.hpp"
#include "support/faulty_dialect.hpp"

#include <mercator/mercator.hpp>
#include <mercator/support/url.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;

namespace {

struct Leg;
struct Stamp;

struct Trip {
    std::int64_t id{};
    std::string name;
    Many<Leg> legs;
};
struct Leg {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> trip_id;
    One<Trip> trip;
    Many<Stamp> stamps;
};
struct Stamp {
    std::int64_t id{};
    std::string name;
    std::int64_t leg_id{};
};

void describe(Mapping<Trip>& trip) {
    trip.table("owner_trips");
    trip.column<&Trip::id>().primary_key();
    trip.column<&Trip::name>(String(40));
    trip.unique<&Trip::name>("uq_trip_name");
    trip.relationship<&Trip::legs>()
        .cascade(Cascade::all | Cascade::delete_orphan)
        .backref<&Leg::trip>();
}
void describe(Mapping<Leg>& leg) {
    leg.table("owner_legs");
    leg.column<&Leg::id>().primary_key();
    leg.column<&Leg::name>(String(40));
    leg.column<&Leg::trip_id>().references<&Trip::id>();
    leg.relationship<&Leg::stamps>().cascade(Cascade::all | Cascade::delete_orphan);
}
void describe(Mapping<Stamp>& stamp) {
    stamp.table("owner_stamps");
    stamp.column<&Stamp::id>().primary_key();
    stamp.column<&Stamp::name>(String(40));
    stamp.column<&Stamp::leg_id>().references<&Leg::id>();
}

using Names = std::vector<std::string>;

template <class T>
Names names(const Many<T>& members) {
    Names found;
    for (const auto& one : members) found.push_back(one->name);
    std::sort(found.begin(), found.end());
    return found;
}

/// One trip of two legs, the first with a stamp.
struct Journey : Backend {
    Journey() :
        engine((database().create_all<Trip, Leg, Stamp>(), mercator::Url::parse(uri())),
               testing::make_faulty_dialect(uri(), faults)),
        session(engine) {
        trip = session.add(Trip{.name = "trip"});
        first = session.add(Leg{.name = "first"});
        second = session.add(Leg{.name = "second"});
        stamp = session.add(Stamp{.name = "stamp"});
        trip->legs.add(first);
        trip->legs.add(second);
        first->stamps.add(stamp);
        session.commit();
    }
    /// "first second / stamp", as another connection sees it.
    std::string stored() {
        std::string text;
        Session other = database().session();
        for (const auto& leg : other.query<Leg>().order_by(col(&Leg::name)).all())
            text += leg->name + (leg->trip ? " of " + leg->trip->name : "") + ", ";
        for (const auto& one : other.query<Stamp>().order_by(col(&Stamp::name)).all())
            text += one->name + " ";
        return text;
    }

    std::shared_ptr<testing::Faults> faults = std::make_shared<testing::Faults>();
    Engine engine;
    Session session;
    std::shared_ptr<Trip> trip;
    std::shared_ptr<Leg> first, second;
    std::shared_ptr<Stamp> stamp;
};

const std::string everything = "first of trip, second of trip, stamp ";

} // namespace

TEST_CASE("TXN-02 orphans and what cascades have deleted inside a savepoint come back with it") {
    Journey journey;
    auto& session = journey.session;
    SUBCASE("an orphan, with what it owns") {
        Savepoint savepoint = session.begin_nested();
        journey.trip->legs.remove(journey.first);
        session.flush();
        CHECK(session.status(journey.first) == ObjectStatus::Deleted);
        CHECK(session.status(journey.stamp) == ObjectStatus::Deleted);
        savepoint.rollback();
    }
    SUBCASE("an orphan that no flush has seen") {
        const Savepoint savepoint = session.begin_nested();
        journey.trip->legs.remove(journey.first);
    }
    SUBCASE("a deleted owner") {
        Savepoint savepoint = session.begin_nested();
        session.delete_(journey.trip);
        session.flush();
        CHECK(session.status(journey.second) == ObjectStatus::Deleted);
        savepoint.rollback();
        CHECK(session.status(journey.trip) == ObjectStatus::Persistent);
    }
    SUBCASE("a flush that fails after the orphan") {
        Savepoint savepoint = session.begin_nested();
        journey.trip->legs.remove(journey.first);
        session.flush();
        session.add(Trip{.name = "trip"});
        CHECK_THROWS_AS(session.flush(), UniqueViolation);
        CHECK(session.status(journey.first) == ObjectStatus::Deleted);
        savepoint.rollback();
    }
    for (const auto& leg : {journey.first, journey.second}) {
        CHECK(session.status(leg) == ObjectStatus::Persistent);
        CHECK(leg->trip.handle() == journey.trip);
    }
    CHECK(session.status(journey.stamp) == ObjectStatus::Persistent);
    CHECK(names(journey.trip->legs) == Names{"first", "second"});
    CHECK(names(journey.first->stamps) == Names{"stamp"});
    CHECK_FALSE(session.is_dirty());
    session.commit();
    CHECK(journey.stored() == everything);
}

TEST_CASE("TXN-02 what was deleted before a savepoint stays deleted when it is rolled back, and is "
          "to be deleted again when the commit fails") {
    Journey journey;
    auto& session = journey.session;
    journey.trip->legs.remove(journey.first);
    Savepoint savepoint = session.begin_nested();
    const auto third = session.add(Leg{.name = "third"});
    journey.trip->legs.add(third);
    journey.trip->legs.remove(journey.second);
    session.flush();
    savepoint.rollback();
    CHECK(session.status(journey.first) == ObjectStatus::Deleted);
    CHECK(session.status(third) == ObjectStatus::Transient);
    CHECK(names(journey.trip->legs) == Names{"second"});

    journey.faults->fail(1, false); // the COMMIT
    CHECK_THROWS_AS(session.commit(), DatabaseError);
    CHECK(journey.faults->failed() == "commit");
    CHECK(session.status(journey.first) == ObjectStatus::Deleted);
    CHECK(session.deleted().size() == 2); // with its stamp
    CHECK(journey.stored() == everything);
    session.commit();
    CHECK(journey.stored() == "second of trip, ");
    CHECK(names(journey.trip->legs) == Names{"second"});
}

TEST_CASE("TXN-02 owned objects that are new outside keep their owners through a savepoint that is "
          "rolled back and a commit that fails") {
    Journey journey;
    auto& session = journey.session;
    const auto other = session.add(Trip{.name = "other"});
    const auto leg = session.add(Leg{.name = "leg"});
    other->legs.add(leg);
    leg->stamps.add(session.add(Stamp{.name = "new"}));
    {
        const Savepoint savepoint = session.begin_nested();
        other->legs.remove(leg); // would delete it
        other->legs.add(journey.second);
        session.flush();
        CHECK(session.status(leg) == ObjectStatus::Deleted);
    }
    CHECK(names(other->legs) == Names{"leg"});
    CHECK(names(journey.trip->legs) == Names{"first", "second"});
    journey.faults->fail(1, true);
    CHECK_THROWS_AS(session.commit(), DatabaseError);
    CHECK(session.status(leg) == ObjectStatus::Pending);
    CHECK(names(other->legs) == Names{"leg"});
    CHECK(leg->trip.handle() == other);
    CHECK(names(leg->stamps) == Names{"new"});
    session.commit();
    CHECK(journey.stored() == "first of trip, leg of other, second of trip, new stamp ");
}
