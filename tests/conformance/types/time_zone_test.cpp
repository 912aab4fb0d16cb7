// SPDX-License-Identifier: MIT
#include "backend.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using mercator::col;
using mercator::DateTime;
using mercator::test::Backend;

namespace {

struct ZonedEvent {
    std::int64_t id{};
    DateTime at{};
    std::optional<DateTime> until;
    mercator::Date on{std::chrono::year{2000}, std::chrono::month{1}, std::chrono::day{1}};

    static void describe(mercator::Mapping<ZonedEvent>& event) {
        event.table("zoned_events");
        event.column<&ZonedEvent::id>().primary_key();
        event.column<&ZonedEvent::at>();
        event.column<&ZonedEvent::until>();
        event.column<&ZonedEvent::on>();
    }
};

/// What servers call the setting; the others have none, and refuse.
int change_zone(mercator::Connection& connection, const std::string& zone) {
    int changed = 0;
    for (const std::string setting : {"set time zone '", "set time_zone = '"}) {
        try {
            connection.execute_script(setting + zone + "'");
            ++changed;
        } catch (const mercator::DatabaseError&) { // the other's word for it
        }
    }
    return changed;
}

const std::vector<DateTime> moments{
    DateTime(std::chrono::sys_days(std::chrono::year{2024} / 3 / 31) + std::chrono::minutes(90)),
    DateTime(std::chrono::sys_days(std::chrono::year{1969} / 12 / 31) + std::chrono::hours(20)),
    DateTime(std::chrono::sys_days(std::chrono::year{2023} / 10 / 29) +
             std::chrono::microseconds(3'600'000'001)),
};

} // namespace

TEST_CASE("TYP-18 a moment is the same moment whatever time zone the session has") {
    Backend backend;
    backend->create_all<ZonedEvent>();
    {
        mercator::Session session = backend->session();
        for (const auto& moment : moments)
            session.add(ZonedEvent{
                .at = moment,
                .until = moment,
                .on = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(moment))});
        session.commit();
    }
    for (const char* zone : {"+09:00", "-05:00"}) {
        CAPTURE(zone);
        mercator::Connection connection = backend->engine().connect();
        change_zone(connection, zone);
        // The statements that a session sends, on a connection whose time zone is another.
        mercator::ast::Select select;
        const auto& mapper = mercator::mapper_of<ZonedEvent>();
        select.from.emplace_back(mapper.table_ref());
        for (const auto& property : mapper.columns()) select.columns.push_back(property.ref);
        select.order_by.push_back(mapper.columns()[0].ref);
        const auto rows = connection.fetch_all(select);
        REQUIRE(rows.size() == moments.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            CHECK(rows[i][1] == mercator::Value(moments[i]));
        }
        for (const auto& moment : moments) {
            mercator::ast::Select found;
            found.from.emplace_back(mapper.table_ref());
            found.columns.push_back(mapper.columns()[0].ref);
            found.where.push_back((col(&ZonedEvent::at) == moment).node());
            CHECK(connection.fetch_all(found).size() == 1);
        }
        // Written there, read by everybody.
        mercator::ast::Update update;
        update.table = mapper.table_ref();
        update.assignments.push_back(
            {{"until", mapper.columns()[2].field.type, true},
             mercator::ast::bind(mercator::Value(moments[0]), mapper.columns()[2].field.type)});
        connection.execute(update);
        mercator::Session session = backend->session();
        for (const auto& event : session.query<ZonedEvent>().all())
            CHECK(event->until == moments[0]);
        connection.invalidate();
    }
}

TEST_CASE("TYP-18 the database's clock tells UTC whatever time zone the session has") {
    Backend backend;
    for (const char* zone : {"+09:00", "-05:00"}) {
        mercator::Connection connection = backend->engine().connect();
        change_zone(connection, zone);
        mercator::ast::Select select;
        select.columns.push_back(mercator::func::now().node());
        const auto rows = connection.fetch_all(select);
        const auto* told = rows.at(0).at(0).get_if<DateTime>();
        REQUIRE(told != nullptr);
        const auto distance = std::chrono::system_clock::now() - *told;
        CHECK(std::chrono::abs(distance) < std::chrono::minutes(10));
        connection.invalidate();
    }
}
