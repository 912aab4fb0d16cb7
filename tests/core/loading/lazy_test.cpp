// SPDX-License-Identifier: MIT
#include "support/fixtures/music.hpp"
#include "support/fixtures/tree.hpp"

#include <mercator/dialect/recording.hpp>

#include <doctest/doctest.h>

using namespace mercator;
using fixtures::music::Album;
using fixtures::music::Artist;
using fixtures::tree::Node;

namespace {

using Texts = std::vector<std::string>;

struct Recorded {
    explicit Recorded(std::string_view name) :
        recorder(Recorder::named(name)),
        database("ansi://" + std::string(name)) {
        recorder->clear();
        database.map<Artist, Album, fixtures::music::Song, Node>();
    }
    std::shared_ptr<Recorder> recorder;
    Database database;
};

const char* const select_albums =
    R"(SELECT "albums"."id", "albums"."title", "albums"."year", "albums"."artist_id" FROM "albums")";
const char* const select_artists =
    R"(SELECT "artists"."id", "artists"."name", "artists"."country" FROM "artists")";

std::vector<Value> album(std::int64_t id, const char* title, std::optional<std::int64_t> artist) {
    return {Value(id), Value(title), Value(null), artist ? Value(*artist) : Value(null)};
}

} // namespace

TEST_CASE("LOAD-02 a related object is one statement on first touch, and none afterwards") {
    Recorded db("lazy-one");
    db.recorder->reply({album(1, "Kind of Blue", 7), album(2, "Sketches of Spain", 7),
                        album(3, "Lost", std::nullopt)});
    db.recorder->reply({{Value(7), Value("Miles"), Value("USA")}});
    Session session = db.database.session();
    const auto albums = session.query<Album>().all();
    REQUIRE(albums.size() == 3);
    CHECK_FALSE(albums[0]->artist.loaded());
    CHECK(albums[0]->artist->name == "Miles");
    CHECK(albums[0]->artist.loaded());
    CHECK(albums[0]->artist->country == "USA");
    CHECK(albums[1]->artist.handle() == albums[0]->artist.handle()); // already in the identity map
    CHECK(albums[2]->artist == nullptr);                             // NULL needs no asking
    CHECK(db.recorder->statements() ==
          Texts{"BEGIN", select_albums,
                std::string(select_artists) + R"( WHERE "artists"."id" = ?)"});
}

TEST_CASE("LOAD-02 a collection is one statement on first touch, ordered by key, and its members "
          "know their owner") {
    Recorded db("lazy-many");
    db.recorder->reply({{Value(7), Value("Miles"), Value(null)}});
    db.recorder->reply({album(1, "Kind of Blue", 7), album(2, "Sketches of Spain", 7)});
    Session session = db.database.session();
    const auto miles = session.get<Artist>(7);
    REQUIRE(miles);
    CHECK(miles->albums.size() == 2);
    for (const auto& each : miles->albums) CHECK(each->artist.handle() == miles);
    CHECK(miles->albums.size() == 2);
    CHECK(db.recorder->statements().size() == 3);
    CHECK(db.recorder->statements().back() ==
          std::string(select_albums) + R"( WHERE "albums"."artist_id" = ? ORDER BY "albums"."id")");
}

TEST_CASE("LOAD-26 the statement of a lazy load is compiled and prepared once") {
    Recorded db("lazy-cached");
    Recorder::Rows rows;
    for (std::int64_t id = 1; id <= 20; ++id) rows.push_back(album(id, "album", 100 + id));
    db.recorder->reply(std::move(rows));
    SessionOptions one_by_one;
    one_by_one.loading.lazy = Lazy::select;
    one_by_one.loading.n_plus_one = NPlusOne::ignore;
    Session session = db.database.session(one_by_one);
    const auto albums = session.query<Album>().all();
    for (std::int64_t id = 1; id <= 20; ++id)
        db.recorder->reply({{Value(100 + id), Value("artist"), Value(null)}});
    static_cast<void>(albums[0]->artist->name);
    const auto before = db.database.engine().statistics();
    for (const auto& each : albums) CHECK(each->artist->name == "artist");
    const auto after = db.database.engine().statistics();
    CHECK(after.compile_misses == before.compile_misses);
    CHECK(after.statements_prepared == before.statements_prepared);
    CHECK(after.statements_executed == before.statements_executed + 19);
}

TEST_CASE("LOAD-25 after its session an object still shows what was loaded; the rest is an error "
          "with name and hint") {
    Recorded db("lazy-detached");
    std::shared_ptr<Album> kept;
    {
        db.recorder->reply({album(1, "Kind of Blue", 7)});
        Session session = db.database.session();
        kept = session.get<Album>(1);
    }
    CHECK(kept->title == "Kind of Blue");
    try {
        static_cast<void>(kept->artist->name);
        FAIL("a detached object loaded something");
    } catch (const DetachedError& error) {
        CHECK(error.where() == "Album.artist");
        CHECK(std::string(error.what()).find("load it before the session ends") !=
              std::string::npos);
    }
}

TEST_CASE("UOW-12 get asks once per row and transaction, and again after the commit") {
    Recorded db("lazy-get");
    Session session = db.database.session();
    db.recorder->reply({{Value(1), Value("one"), Value(null)}});
    const auto node = session.get<Node>(1);
    REQUIRE(node);
    CHECK(session.get<Node>(1) == node);
    CHECK(db.recorder->statements().size() == 2); // BEGIN, SELECT
    session.commit();
    db.recorder->reply({{Value(1), Value("renamed elsewhere"), Value(null)}});
    CHECK(session.get<Node>(1) == node);
    CHECK(node->name == "renamed elsewhere");
    CHECK(db.recorder->prepared_count() == 1);
}

TEST_CASE("a load that fails is told, and tried again on the next touch") {
    Recorded db("lazy-fails");
    db.recorder->reply({{Value(7), Value("Miles"), Value(null)}});
    Session session = db.database.session();
    const auto miles = session.get<Artist>(7);
    DatabaseErrorInfo info;
    info.message = "failed";
    db.recorder->fail_call(1, info);
    CHECK_THROWS_AS(static_cast<void>(miles->albums.size()), DatabaseError);
    CHECK_FALSE(miles->albums.loaded());
    session.rollback();
    db.recorder->reply({album(1, "Kind of Blue", 7)});
    CHECK(miles->albums.size() == 1);
}

TEST_CASE("a row with the wrong type of value is an error, and no half-read object stays behind") {
    Recorded db("lazy-bad-row");
    db.recorder->reply(
        {{Value(1), Value("one"), Value(null)}, {Value(2), Value(null), Value(null)}});
    Session session = db.database.session();
    CHECK_THROWS_AS(static_cast<void>(session.query<Node>().all()), DataError);
    db.recorder->reply({{Value(2), Value("two"), Value(null)}});
    const auto node = session.get<Node>(2);
    REQUIRE(node);
    CHECK(node->name == "two");
    CHECK_FALSE(session.is_dirty());
}
