// SPDX-License-Identifier: MIT
#include <mercator/dialect/recording.hpp>
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

using namespace mercator;

namespace deferred_sql_models {

struct Scan {
    std::int64_t id{};
    Deferred<std::string> image;
};
void describe(Mapping<Scan>& scan) {
    scan.table("scans");
    scan.column<&Scan::id>().primary_key();
    scan.column<&Scan::image>(Text()).deferred();
}

} // namespace deferred_sql_models

using namespace deferred_sql_models;

TEST_CASE("LOAD-18 LOAD-30 deferred columns are asked for as many at a time as the backend takes") {
    const auto recorder = Recorder::named("deferred-room");
    Capabilities can;
    can.max_binds = 7; // lists are rounded up to a power of two, so four fit
    Database database("ansi://deferred-room");
    recorder->clear();
    recorder->set_capabilities(can);
    Session session = database.session();
    const auto rows = [&](std::int64_t from, std::int64_t to, bool with_image) {
        Recorder::Rows list;
        for (auto id = from; id <= to; ++id) {
            list.push_back({Value(id)});
            if (with_image) list.back().push_back(Value("image " + std::to_string(id)));
        }
        recorder->reply(std::move(list));
    };
    rows(1, 6, false);
    const auto scans = session.query<Scan>().all();
    rows(1, 4, true);
    rows(5, 6, true);
    CHECK(scans[0]->image.get() == "image 1");
    CHECK(scans[5]->image.get() == "image 6");
    CHECK(recorder->statements().size() == 4); // BEGIN, the scans, two for their images
    CHECK(recorder->calls()[2].rows.front().size() == 4);
}
