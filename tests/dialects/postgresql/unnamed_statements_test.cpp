// SPDX-License-Identifier: MIT
#include "dialects/postgresql/postgresql.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

using namespace mercator;

namespace {

struct Reading {
    std::int64_t id{};
    std::string sensor;
    int value{};
};

void describe(Mapping<Reading>& reading) {
    reading.table("unnamed_readings");
    reading.column<&Reading::id>().primary_key();
    reading.column<&Reading::sensor>(String(20));
    reading.column<&Reading::value>();
}

std::int64_t prepared_on_server(Session& session) {
    const auto rows = session.connection().fetch_all("SELECT count(*) FROM pg_prepared_statements");
    return *rows.at(0).at(0).get_if<std::int64_t>();
}

} // namespace

TEST_CASE("QRY-41 with prepared_statements=off nothing stays prepared, as a proxy that lends its "
          "connections per transaction needs it") {
    if (!postgresql_test::server()) return;
    const char* uri = std::getenv("MERCATOR_TEST_POSTGRESQL");
    for (const bool off : {true, false}) {
        CAPTURE(off);
        Database db(std::string(uri) + (off ? "?prepared_statements=off" : ""));
        db.drop_all<Reading>();
        db.create_all<Reading>();
        Session session = db.session();
        for (int i = 0; i < 700; ++i) session.add(Reading{.sensor = "a", .value = i});
        session.commit();
        for (int round = 0; round < 3; ++round) {
            CHECK(session.query<Reading>().where(col(&Reading::value) < 100 + round).count() ==
                  100 + round);
        }
        for (const auto& reading : session.query<Reading>().all()) reading->value += 1000;
        session.flush();
        CHECK(session.query<Reading>().where(col(&Reading::value) >= 1000).count() == 700);
        CHECK((prepared_on_server(session) == 0) == off);
        session.commit();
        db.drop_all<Reading>();
    }
    CHECK_THROWS_AS(Database(std::string(uri) + "?prepared_statements=maybe"), ArgumentError);
}
