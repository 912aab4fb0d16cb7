// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/engine/inspect.hpp>
#include <mercator/engine/verify.hpp>
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace {

struct Parcel {
    std::int64_t id{};
    Decimal price;
    int pieces{};
    Decimal worth;
    std::string sender;
    std::string shout;
};
constexpr auto parcel_worth =
    hybrid<Parcel>([](auto e) { return e(&Parcel::price) * e(&Parcel::pieces); });

void describe(Mapping<Parcel>& parcel) {
    parcel.table("parcels");
    parcel.column<&Parcel::id>().primary_key();
    parcel.column<&Parcel::price>(Numeric(10, 2));
    parcel.column<&Parcel::pieces>();
    parcel.column<&Parcel::worth>(Numeric(12, 2)).computed(parcel_worth());
    parcel.column<&Parcel::sender>(String(40));
    parcel.column<&Parcel::shout>(String(41))
        .computed(func::concat(func::upper(col(&Parcel::sender)), "!"));
}

struct Slip {
    std::int64_t id{};
    int number{};
    std::int64_t twice{};
};
void describe(Mapping<Slip>& slip) {
    slip.table("slips");
    slip.column<&Slip::id>().primary_key();
    slip.column<&Slip::number>();
    slip.column<&Slip::twice>().computed(col(&Slip::number) * 2, Computed::Virtual);
}

struct Seat {
    int row{};
    int place{};
    int price{};
    std::int64_t worth{};
};
void describe(Mapping<Seat>& seat) {
    seat.table("seats");
    seat.column<&Seat::row>();
    seat.column<&Seat::place>();
    seat.primary_key<&Seat::row, &Seat::place>();
    seat.column<&Seat::price>();
    seat.column<&Seat::worth>().computed(col(&Seat::price) * col(&Seat::place));
}

bool has_computed_columns(Backend& backend) {
    if (backend.can().stored_columns) return true;
    CHECK_THROWS_WITH_AS(backend->create_all<Parcel>(),
                         doctest::Contains("parcels.worth: this database has no stored computed "
                                           "columns; compute it by a hybrid"),
                         UnsupportedError);
    test::cannot("HYB-14", "no computed columns");
    return false;
}

} // namespace

TEST_CASE("HYB-14 a computed column is left out of what is written and fetched after it") {
    Backend backend;
    if (!has_computed_columns(backend)) return;
    backend->create_all<Parcel>();
    Session session = backend->session();
    SqlLog log(backend->engine());
    const auto parcel = session.add(Parcel{.price = Decimal("2.50"), .pieces = 3, .sender = "Ada"});
    const auto second = session.add(
        Parcel{.price = Decimal("0.01"), .pieces = 7, .worth = Decimal(99), .sender = "Bob"});
    session.flush();
    CHECK(parcel->worth.to_string() == "7.50");
    CHECK(parcel->shout == "ADA!");
    CHECK(second->worth.to_string() == "0.07"); // whatever was put there
    for (const auto& sql : log.texts("INSERT"))
        CHECK(sql.substr(0, sql.find(')')).find("worth") == std::string::npos);

    log.clear();
    parcel->pieces = 4;
    second->worth = Decimal(5); // no change of the row
    session.flush();
    CHECK(parcel->worth == Decimal("10.00"));
    CHECK(second->worth == Decimal("0.07"));
    CHECK(log.rows("UPDATE") == 1);
    CHECK(log.count("SELECT") == 1);
    CHECK(log.texts("UPDATE").front().find("worth") == std::string::npos);

    log.clear();
    parcel->sender = "Eve";
    second->sender = "Cid";
    session.commit();
    CHECK(parcel->shout == "EVE!");
    CHECK(second->shout == "CID!");
    CHECK(log.count("SELECT") <= 2); // one for both, or one more where the commit has expired them

    // By hand, too, nobody gives it.
    CHECK(session.query<Parcel>().where(parcel_worth() == col(&Parcel::worth)).count() == 2);
    CHECK_THROWS_WITH_AS(session.query<Parcel>().update(set(&Parcel::worth, Decimal(1))),
                         doctest::Contains("Parcel.worth is computed by the database"),
                         CompileError);
    CHECK_THROWS_WITH_AS(
        static_cast<void>(insert_into(mapper_of<Parcel>().table()).values({{"worth", Decimal(1)}})),
        doctest::Contains("parcels.worth is computed by the database"), MappingError);
}

TEST_CASE("HYB-14 a computed column is reflected, verified and made again") {
    Backend backend;
    if (!has_computed_columns(backend)) return;
    backend->create_all<Parcel>();
    CHECK(backend->verify().empty());
    SchemaInspector inspector(backend->engine());
    const Table found = inspector.reflect("parcels");
    const Column* worth = found.find_column("worth");
    REQUIRE(worth != nullptr);
    CHECK(worth->computed_from != nullptr);
    CHECK(worth->computed_when == Computed::Stored);
    CHECK(found.find_column("price")->computed_from == nullptr);

    backend.run("DROP TABLE " + backend.quoted("parcels"));
    backend.run(
        "CREATE TABLE " + backend.quoted("parcels") +
        " (id INTEGER NOT NULL PRIMARY KEY, price NUMERIC(10, 2) NOT NULL, pieces INTEGER NOT "
        "NULL, worth NUMERIC(12, 2) NOT NULL, sender VARCHAR(40) NOT NULL, shout VARCHAR(41) "
        "NOT NULL)");
    bool told = false;
    for (const auto& difference : backend->verify()) {
        told = told || (difference.kind == SchemaDifference::Kind::Computed &&
                        difference.name == "worth" && difference.expected == "computed, stored");
    }
    CHECK(told);
}

TEST_CASE("HYB-14 a virtual column is computed when it is read") {
    Backend backend;
    if (!backend.can().virtual_columns) {
        const char* way_out =
            backend.can().stored_columns ? "say Computed::Stored" : "compute it by a hybrid";
        CHECK_THROWS_WITH_AS(backend->create_all<Slip>(), doctest::Contains(way_out),
                             UnsupportedError);
        return;
    }
    backend->create_all<Slip>();
    CHECK(backend->verify().empty());
    Session session = backend->session();
    const auto slip = session.add(Slip{.number = 21});
    session.commit();
    CHECK(slip->twice == 42);
    slip->number = 4;
    session.commit();
    CHECK(slip->twice == 8);
    CHECK(session.query<Slip>().where(col(&Slip::twice) == 8).count() == 1);
}

TEST_CASE(
    "HYB-14 computed columns of many rows are read again together, also by keys of two columns") {
    Backend backend;
    if (!backend.can().stored_columns) {
        test::cannot("HYB-14", "no computed columns");
        return;
    }
    backend->create_all<Seat, Parcel>();
    Session session = backend->session();
    std::vector<std::shared_ptr<Seat>> seats;
    for (int place = 1; place <= 3; ++place)
        seats.push_back(session.add(Seat{.row = 1, .place = place, .price = 10}));
    std::vector<std::shared_ptr<Parcel>> parcels;
    for (int i = 0; i < 600; ++i)
        parcels.push_back(session.add(Parcel{.price = Decimal(1), .pieces = i, .sender = "x"}));
    session.flush();
    CHECK(seats[2]->worth == 30);
    CHECK(parcels[599]->worth == Decimal(599));

    SqlLog log(backend->engine());
    for (const auto& seat : seats) seat->price = 7;
    for (const auto& parcel : parcels) parcel->pieces += 1;
    session.flush();
    CHECK(seats[0]->worth == 7);
    CHECK(seats[2]->worth == 21);
    for (const auto& parcel : parcels) CHECK(parcel->worth == Decimal(parcel->pieces));
    CHECK(log.count("SELECT") == 3); // one for the seats, 500 parcels and 100
}
