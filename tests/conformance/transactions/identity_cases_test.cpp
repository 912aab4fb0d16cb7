// SPDX-License-Identifier: MIT
// Keys that the database compares by rules of its own, reads that must not flush, failures that
// come in twos.
#include "support/backend.hpp"
#include "support/faulty_dialect.hpp"
#include "support/fixtures/music.hpp"
#include "support/sql_log.hpp"

#include <mercator/support/url.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace mercator;
using fixtures::music::Album;
using fixtures::music::Artist;
using fixtures::music::Song;
using test::Backend;
using test::SqlLog;

namespace {

/// A table of somebody else's, whose keys are the same word in large and in small letters.
struct Code {
    std::string word;
    int uses{};
};
void describe(Mapping<Code>& code) {
    code.table("codes");
    code.column<&Code::word>(String(30)).primary_key();
    code.column<&Code::uses>();
}

struct Warnings final : LogSink {
    void write(LogLevel level, std::string_view text) override {
        if (level == LogLevel::Warning) texts.emplace_back(text);
    }
    std::vector<std::string> texts;
};

/// By whichever collation the backend knows; false when it knows none of them.
bool make_codes(Backend& backend) {
    for (const char* collation : {"COLLATE NOCASE", "COLLATE utf8mb4_general_ci"}) {
        try {
            backend.run("CREATE TABLE " + backend.quoted("codes") + " (word VARCHAR(30) " +
                        collation + " NOT NULL PRIMARY KEY, uses INTEGER NOT NULL)");
            return true;
        } catch (const DatabaseError&) {
        }
    }
    return false;
}

} // namespace

TEST_CASE("D08 a key that the database finds under another spelling is the one of its row: both "
          "spellings give one object") {
    Backend backend;
    if (!make_codes(backend)) return test::skip("no collation that takes letters as the same");
    backend.run("INSERT INTO " + backend.quoted("codes") + " VALUES ('A', 1)");
    Session session = backend->session();
    const auto lower = session.get<Code>("a");
    REQUIRE(lower);
    CHECK(lower->word == "A");
    CHECK(session.get<Code>("A") == lower);
    CHECK(session.get<Code>("a") == lower);
    CHECK(session.query<Code>().one() == lower);
    lower->uses = 2;
    session.commit();
    CHECK(session.get<Code>("a")->uses == 2);
    session.delete_(lower);
    session.commit();
    CHECK_FALSE(session.get<Code>("A"));
}

TEST_CASE("C20 a query flushes before it runs and not while its objects are loaded") {
    Backend backend;
    backend->create_all<Artist, Album, Song>();
    Session session = backend->session();
    for (int i = 0; i < 3; ++i) session.add(Artist{.name = "artist " + std::to_string(i)});
    session.commit();
    SqlLog log(backend->engine());
    int met = 0;
    session.stream<Artist>([&](const Artist& artist) {
        session.add(Album{.title = "album of " + artist.name}); // while rows are read
        ++met;
    });
    CHECK(met == 3);
    CHECK(log.count("INSERT") == 0);
    CHECK(session.query<Artist>().all().size() == 3); // reads another table
    CHECK(log.count("INSERT") == 0);
    CHECK(session.query<Album>().count() == 3);
    CHECK(log.rows("INSERT") == 3);
}

TEST_CASE("C18 when a flush and then its ROLLBACK fail, the first error is thrown and the second "
          "stands in the log; the session is not stuck") {
    Backend backend;
    backend->create_all<Artist, Album, Song>();
    auto warnings = std::make_shared<Warnings>();
    const auto faults = std::make_shared<testing::Faults>();
    EngineOptions options;
    options.log = warnings;
    Engine engine(Url::parse(backend.uri()), testing::make_faulty_dialect(backend.uri(), faults),
                  options);
    Session session(engine);
    session.add(Artist{.name = "Miles"});
    session.commit();
    const auto twin = session.add(Artist{.name = "Miles"});
    CHECK_THROWS_AS(session.flush(), UniqueViolation); // prepares the statement
    const auto before = faults->count();
    CHECK_THROWS_AS(session.flush(), UniqueViolation);
    faults->fail(faults->count() - before, false); // the ROLLBACK
    CHECK_THROWS_AS(session.flush(), UniqueViolation);
    CHECK(faults->failed() == "rollback");
    REQUIRE(warnings->texts.size() == 1);
    CHECK(warnings->texts[0].find("this call was made to fail") != std::string::npos);
    CHECK_FALSE(session.in_transaction());
    CHECK(session.status(twin) == ObjectStatus::Pending);
    twin->name = "Nina";
    session.commit();
    CHECK(backend->session().query<Artist>().count() == 2);
}
