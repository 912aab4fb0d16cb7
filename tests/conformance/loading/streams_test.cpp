// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/sql_log.hpp"
#include "support/sql_text.hpp"

#include <mercator/mercator.hpp>
#include <mercator/state/graph.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

using namespace mercator;
using test::Backend;
using test::mentions;
using test::SqlLog;

namespace stream_models {

struct Reading;

struct Sensor {
    std::int64_t id{};
    std::string name;
    std::optional<std::string> note;
    Many<Reading> readings;
};
struct Reading {
    std::int64_t id{};
    int value{};
    std::int64_t sensor_id{};
    One<Sensor> sensor;
};
struct Cell {
    int row{};
    int column{};
    std::string text;
};

void describe(Mapping<Sensor>& sensor) {
    sensor.table("stream_sensors");
    sensor.column<&Sensor::id>().primary_key();
    sensor.column<&Sensor::name>(String(200));
    sensor.column<&Sensor::note>(String(40));
    sensor.relationship<&Sensor::readings>().backref<&Reading::sensor>();
}
void describe(Mapping<Reading>& reading) {
    reading.table("stream_readings");
    reading.column<&Reading::id>().primary_key();
    reading.column<&Reading::value>();
    reading.column<&Reading::sensor_id>().references<&Sensor::id>();
}
void describe(Mapping<Cell>& cell) {
    cell.table("stream_cells");
    cell.column<&Cell::row>().name("cell_row").primary_key();
    cell.column<&Cell::column>().name("cell_column").primary_key();
    cell.column<&Cell::text>(String(20));
}

/// Ten sensors with two readings each, and cells of three rows and three columns.
struct Station : Backend {
    Station() {
        database().create_all<Sensor, Reading, Cell>();
        Session session = database().session();
        for (int i = 0; i < 10; ++i) {
            const auto sensor = session.add(Sensor{.name = "sensor " + std::to_string(i)});
            for (int j = 0; j < 2; ++j) sensor->readings.add(session.add(Reading{.value = i + j}));
        }
        for (int row = 0; row < 3; ++row) {
            for (int column = 0; column < 3; ++column)
                session.add(Cell{.row = row, .column = column, .text = "cell"});
        }
        session.commit();
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::unique_ptr<SqlLog> log;
};

/// Pages of memory that the process has now.
std::size_t resident_bytes() {
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    if (file == nullptr) return 0;
    unsigned long size = 0;
    unsigned long resident = 0;
    const int read = std::fscanf(file, "%lu %lu", &size, &resident);
    std::fclose(file);
    return read == 2 ? resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

} // namespace stream_models

using namespace stream_models;

TEST_CASE("LOAD-23 yield_per reads page by page, with what hangs on each page") {
    Station station;
    Session session = station->session();
    std::vector<std::int64_t> ids;
    std::size_t readings = 0;
    session.query<Sensor>()
        .options(selectin<&Sensor::readings>())
        .yield_per(4)
        .each([&](const std::shared_ptr<const Sensor>& sensor) {
            ids.push_back(sensor->id);
            readings += sensor->readings.size();
        });
    CHECK(ids.size() == 10);
    CHECK(std::is_sorted(ids.begin(), ids.end()));
    CHECK(readings == 20);
    CHECK_MESSAGE(station.log->count() == 6, station.log->dump());
    for (const auto& sql : station.log->texts()) {
        if (!mentions(sql, "FROM stream_sensors")) continue;
        CHECK_MESSAGE(mentions(sql, "ORDER BY stream_sensors.id"), sql);
    }
    CHECK(mentions(station.log->texts()[2], "stream_sensors.id > "));

    SUBCASE("lazily loaded as well") {
        station.log->clear();
        std::size_t seen = 0;
        session.query<Sensor>().yield_per(5).each(
            [&](const std::shared_ptr<const Sensor>& sensor) { seen += sensor->readings.size(); });
        CHECK(seen == 20);
        CHECK(station.log->count() == 5); // two pages, a batch for each, and the end
    }
    SUBCASE("joined") {
        std::size_t seen = 0;
        session.query<Sensor>()
            .options(joined<&Sensor::readings>())
            .yield_per(3)
            .each([&](const std::shared_ptr<const Sensor>& sensor) {
                seen += sensor->readings.size();
            });
        CHECK(seen == 20);
    }
    SUBCASE("conditions, a limit, an early end, the order of the key") {
        std::size_t seen = 0;
        const auto count = [&](const std::shared_ptr<const Sensor>&) { ++seen; };
        session.query<Sensor>().where(col(&Sensor::name) != "sensor 3").yield_per(2).each(count);
        CHECK(std::exchange(seen, 0) == 9);
        session.query<Sensor>().limit(5).yield_per(2).each(count);
        CHECK(std::exchange(seen, 0) == 5);
        session.query<Sensor>().order_by(col(&Sensor::id)).yield_per(3).each(count);
        CHECK(std::exchange(seen, 0) == 10);
        session.query<Sensor>().yield_per(3).each(
            [&](const std::shared_ptr<const Sensor>&) { return ++seen < 4; });
        CHECK(std::exchange(seen, 0) == 4);
        session.query<Sensor>().where(col(&Sensor::id) < 0).yield_per(3).each(count);
        CHECK(seen == 0);
    }
    SUBCASE("composite keys") {
        std::vector<std::pair<int, int>> cells;
        session.query<Cell>().yield_per(2).chunks(
            [&](const std::vector<std::shared_ptr<const Cell>>& page) {
                CHECK(page.size() <= 2);
                for (const auto& cell : page) cells.emplace_back(cell->row, cell->column);
            });
        CHECK(cells.size() == 9);
        CHECK(std::is_sorted(cells.begin(), cells.end()));
    }
    SUBCASE("pending objects are flushed first") {
        session.add(Sensor{.name = "late"});
        std::size_t seen = 0;
        session.query<Sensor>().yield_per(50).each(
            [&](const std::shared_ptr<const Sensor>&) { ++seen; });
        CHECK(seen == 11);
    }
    SUBCASE("criteria hold") {
        session.criteria<Sensor>(col(&Sensor::name) == "sensor 3");
        std::size_t seen = 0;
        const auto count = [&](const std::shared_ptr<const Sensor>&) { ++seen; };
        session.query<Sensor>().yield_per(2).each(count);
        CHECK(seen == 1);
        session.query<Sensor>().without_criteria<Sensor>().yield_per(2).each(count);
        CHECK(seen == 11);
    }
    SUBCASE("handles outlive their page, without the session") {
        std::vector<std::shared_ptr<const Sensor>> kept;
        session.query<Sensor>().yield_per(4).each(
            [&](const std::shared_ptr<const Sensor>& sensor) { kept.push_back(sensor); });
        CHECK(kept.front()->name == "sensor 0");
        CHECK_THROWS_AS(static_cast<void>(kept.front()->readings.size()), DetachedError);
        CHECK(session.new_objects().empty());
        CHECK_FALSE(session.is_dirty());
    }
    SUBCASE("objects are for reading") {
        CHECK_THROWS_AS(session.query<Reading>().yield_per(4).each(
                            [](const std::shared_ptr<const Reading>& reading) {
                                reading->sensor->name = "changed";
                            }),
                        StateError);
    }
}

TEST_CASE("LOAD-22 streams in another order than the key are refused with the reason") {
    Station station;
    Session session = station->session();
    const auto refused = [](const auto& query) {
        try {
            query.yield_per(3).each([](const auto&) {});
            return std::string();
        } catch (const ArgumentError& error) {
            return std::string(error.what());
        }
    };
    const auto sensors = session.query<Sensor>();
    CHECK(refused(sensors.order_by(col(&Sensor::name))).find("primary key") != std::string::npos);
    CHECK(refused(sensors.order_by(col(&Sensor::id).desc())).find("primary key") !=
          std::string::npos);
    CHECK(refused(sensors.offset(3)).find("offset") != std::string::npos);
    CHECK_THROWS_AS(sensors.yield_per(0).each([](const auto&) {}), ArgumentError);
    CHECK(station.log->count() == 0);
}

TEST_CASE("LOAD-23 memory stays as large as a page over 200,000 rows") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    test::skip("sanitizers keep memory of their own");
    return;
#endif
    Station station;
    const auto sensors = station.quoted("stream_sensors");
    const auto name = station.quoted("name");
    station.run("DELETE FROM " + station.quoted("stream_readings"));
    station.run("UPDATE " + sensors + " SET " + name +
                " = 'a sensor with a name that takes more room than a short one would do'");
    std::size_t rows = 10;
    while (rows < 200000) {
        station.run("INSERT INTO " + sensors + " (" + name + ") SELECT " + name + " FROM " +
                    sensors);
        rows *= 2;
    }
    const auto quiet = station.another(); // the log of this one would keep every key
    Session session = quiet->session();
    std::size_t seen = 0;
    std::size_t without = 0;
    std::size_t before = 0;
    std::size_t most = 0;
    session.query<Sensor>()
        .options(selectin<&Sensor::readings>())
        .yield_per(1000)
        .chunks([&](const std::vector<std::shared_ptr<const Sensor>>& page) {
            seen += page.size();
            for (const auto& sensor : page) without += sensor->readings.empty() ? 1U : 0U;
            const std::size_t now = resident_bytes();
            if (seen == 10000) before = now; // caches and buffers are as large as they get
            most = std::max(most, now);
        });
    CHECK(seen == rows);
    CHECK(without == rows);
    CHECK(most > 0);
    // All objects together would take more than a hundred bytes each.
    const std::size_t grown = most - std::min(most, before);
    CHECK_MESSAGE(grown < std::size_t{8} << 20U, grown);
}

TEST_CASE("LOAD-21 populate_existing takes over what the rows hold, but for pending changes") {
    Station station;
    Session session = station->session();
    const auto sensors = session.query<Sensor>().order_by(col(&Sensor::id)).all();
    CHECK(sensors[0]->readings.size() == 2);
    station.log->clear();
    SUBCASE("clean attributes") {
        session.connection().execute_script("UPDATE " + station.quoted("stream_sensors") + " SET " +
                                            station.quoted("name") + " = 'theirs'");
        static_cast<void>(session.query<Sensor>().all());
        CHECK(sensors[0]->name == "sensor 0");
        static_cast<void>(session.query<Sensor>().populate_existing().all());
        CHECK(sensors[0]->name == "theirs");
        CHECK_FALSE(session.is_dirty());
    }
    SUBCASE("pending changes stay, other columns of the object do not") {
        const auto guard = session.no_autoflush();
        sensors[0]->name = "mine";
        session.connection().execute_script("UPDATE " + station.quoted("stream_sensors") + " SET " +
                                            station.quoted("name") + " = 'theirs', " +
                                            station.quoted("note") + " = 'new'");
        static_cast<void>(session.query<Sensor>().populate_existing().all());
        CHECK(sensors[0]->name == "mine");
        CHECK(sensors[0]->note == "new");
        CHECK(sensors[1]->name == "theirs");
        station.log->clear();
        session.commit();
        CHECK(station.log->count("UPDATE") == 1);
        CHECK_FALSE(mentions(station.log->texts("UPDATE")[0], "note"));
        CHECK(station->session().get<Sensor>(sensors[0]->id)->name == "mine");
    }
    SUBCASE("collections") {
        session.connection().execute_script("DELETE FROM " + station.quoted("stream_readings"));
        CHECK(sensors[0]->readings.size() == 2);
        static_cast<void>(session.query<Sensor>()
                              .populate_existing()
                              .options(selectin<&Sensor::readings>())
                              .all());
        CHECK(sensors[0]->readings.loaded());
        CHECK(sensors[0]->readings.empty());
    }
    SUBCASE("with joins") {
        session.connection().execute_script("UPDATE " + station.quoted("stream_sensors") + " SET " +
                                            station.quoted("name") + " = 'theirs'");
        static_cast<void>(
            session.query<Sensor>().populate_existing().options(joined<&Sensor::readings>()).all());
        CHECK(sensors[0]->name == "theirs");
        CHECK(sensors[0]->readings.size() == 2);
    }
}

TEST_CASE("LOAD-41 reads without tracking leave no object in the session, const ones no snapshot") {
    Station station;
    const auto arena_of = [](const auto& objects) {
        return Graph::of(std::const_pointer_cast<Sensor>(objects.front()))->arena().reserved();
    };
    Session tracking = station->session();
    const auto tracked = tracking.query<Sensor>().all();
    Session reading = station->session();
    const auto read_only = reading.query<const Sensor>().all();
    CHECK(arena_of(tracked) > 0);
    CHECK(arena_of(read_only) == 0);

    Session plain = station->session();
    const auto values = plain.query<Sensor>().values();
    plain.query<Sensor>().stream([](const Sensor&) {});
    REQUIRE(values.size() == 10);
    station.log->clear();
    // Nobody there knows the object, so it is read.
    const auto object = plain.get<Sensor>(values[0].id);
    CHECK(station.log->count() == 1);
    object->name = "changed";
    CHECK(values[0].name != "changed");
    CHECK(tracking.get<Sensor>(values[0].id) != nullptr);
    CHECK(station.log->count() == 1);
}

namespace {

struct Manual;

struct Device {
    std::int64_t id{};
    std::string name;
    One<Manual> manual;
};
struct Manual {
    std::int64_t id{};
    std::optional<std::int64_t> device_id;
    One<Device> device;
};

void describe(Mapping<Device>& device) {
    device.table("stream_devices");
    device.column<&Device::id>().primary_key();
    device.column<&Device::name>(String(20));
    device.relationship<&Device::manual>().back_populates<&Manual::device>();
}
void describe(Mapping<Manual>& manual) {
    manual.table("stream_manuals");
    manual.column<&Manual::id>().primary_key();
    manual.column<&Manual::device_id>().unique().references<&Device::id>();
    manual.relationship<&Manual::device>().back_populates<&Device::manual>();
}

} // namespace

TEST_CASE("LOAD-21 populate_existing finds the one that refers to an object anew") {
    Backend house;
    house->create_all<Device, Manual>();
    Session session = house->session();
    const auto device = session.add(Device{.name = "lamp"});
    const auto old = session.add(Manual{.device = device});
    session.commit();
    REQUIRE(device->manual.handle() == old);
    session.connection().execute_script("UPDATE " + house.quoted("stream_manuals") + " SET " +
                                        house.quoted("device_id") + " = NULL");
    static_cast<void>(session.query<Device>().all());
    CHECK(device->manual.handle() == old);
    const auto again = session.query<Device>().populate_existing();
    SUBCASE("when it is touched") {
        static_cast<void>(again.all());
    }
    SUBCASE("by a statement of its own") {
        static_cast<void>(again.options(selectin<&Device::manual>()).all());
    }
    SUBCASE("by a join") {
        static_cast<void>(again.options(joined<&Device::manual>()).all());
    }
    CHECK(device->manual == nullptr);
    CHECK_FALSE(session.is_dirty());

    const auto guard = session.no_autoflush();
    const auto mine = session.add(Manual{});
    device->manual = mine;
    static_cast<void>(again.all());
    CHECK(device->manual.handle() == mine);
}
