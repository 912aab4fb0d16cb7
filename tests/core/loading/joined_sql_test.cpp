// SPDX-License-Identifier: MIT
#include "support/fixtures/music.hpp"
#include "support/fixtures/tree.hpp"

#include <mercator/dialect/recording.hpp>

#include <doctest/doctest.h>

using namespace mercator;
using namespace fixtures::music;
using fixtures::tree::Node;

namespace {

/// Mapped to be joined on both sides, and twice down a tree.
struct Leaf {
    std::int64_t id{};
    std::int64_t trunk_id{};
    One<struct Trunk> trunk;
};
struct Trunk {
    std::int64_t id{};
    std::optional<std::int64_t> parent_id;
    Many<Leaf> leaves;
    Many<Trunk> branches;
    One<Trunk> parent;
};
void describe(Mapping<Trunk>& trunk) {
    trunk.table("trunks");
    trunk.column<&Trunk::id>().primary_key();
    trunk.column<&Trunk::parent_id>().references<&Trunk::id>();
    trunk.relationship<&Trunk::leaves>().lazy(Lazy::joined).back_populates<&Leaf::trunk>();
    trunk.relationship<&Trunk::branches>()
        .lazy(Lazy::joined)
        .join_depth(2)
        .backref<&Trunk::parent>(Lazy::joined);
}
void describe(Mapping<Leaf>& leaf) {
    leaf.table("leaves");
    leaf.column<&Leaf::id>().primary_key();
    leaf.column<&Leaf::trunk_id>().references<&Trunk::id>();
    leaf.relationship<&Leaf::trunk>().lazy(Lazy::joined).back_populates<&Trunk::leaves>();
}

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

/// Statements of a session whose database answers nothing.
struct Recorded {
    explicit Recorded(std::string_view name) :
        recorder(Recorder::named(name)),
        database("ansi://" + std::string(name)) {
        recorder->clear();
        database.map<Artist, Album, Song, Node, Trunk, Leaf>();
    }
    [[nodiscard]] std::string last() const { return recorder->statements().back(); }
    std::shared_ptr<Recorder> recorder;
    Database database;
};

const std::string artist = R"("artists"."id", "artists"."name", "artists"."country")";
const std::string album =
    R"("albums"."id", "albums"."title", "albums"."year", "albums"."artist_id")";
const std::string albums_1 =
    R"("albums_1"."id", "albums_1"."title", "albums_1"."year", "albums_1"."artist_id")";
const std::string songs_1 =
    R"("songs_1"."id", "songs_1"."title", "songs_1"."seconds", "songs_1"."price", "songs_1"."plays", "songs_1"."album_id")";

} // namespace

TEST_CASE("LOAD-03 a joined collection is a left outer join under a name of its own") {
    Recorded db("joined-many");
    Session session = db.database.session();
    CHECK(session.query<Artist>()
              .where(col(&Artist::name) == "Miles")
              .order_by(col(&Artist::name))
              .options(joined<&Artist::albums>())
              .all()
              .empty());
    CHECK(db.last() == "SELECT " + artist + ", " + albums_1 +
                           R"( FROM "artists" LEFT JOIN "albums" AS "albums_1" ON )"
                           R"("artists"."id" = "albums_1"."artist_id" )"
                           R"(WHERE "artists"."name" = ? ORDER BY "artists"."name")");
}

TEST_CASE("LOAD-03 the user's own join of the same table stays apart") {
    Recorded db("joined-apart");
    Session session = db.database.session();
    CHECK(session.query<Artist>()
              .join<&Artist::albums>()
              .where(col(&Album::year) > 1960)
              .options(joined<&Artist::albums>())
              .all()
              .empty());
    CHECK(db.last() ==
          "SELECT " + artist + ", " + albums_1 +
              R"( FROM "artists" JOIN "albums" ON "artists"."id" = "albums"."artist_id")"
              R"( LEFT JOIN "albums" AS "albums_1" ON )"
              R"("artists"."id" = "albums_1"."artist_id" WHERE "albums"."year" > ?)");
}

TEST_CASE("LOAD-03 a parent that must exist is an inner join, another one an outer join") {
    Recorded db("joined-one");
    Session session = db.database.session();
    CHECK(session.query<Song>()
              .options(joined<&Song::album>().then(joined<&Album::artist>()))
              .all()
              .empty());
    CAPTURE(db.last());
    CHECK(db.last().find(R"(FROM "songs" JOIN "albums" AS "albums_1" ON )"
                         R"("songs"."album_id" = "albums_1"."id" LEFT JOIN "artists" AS )"
                         R"("artists_1" ON "artists_1"."id" = "albums_1"."artist_id")") !=
          std::string::npos);
}

TEST_CASE("LOAD-03 with LIMIT the query becomes a derived table, and its order is kept outside") {
    Recorded db("joined-limit");
    Session session = db.database.session();
    CHECK(session.query<Artist>()
              .order_by(col(&Artist::country).desc())
              .limit(2)
              .options(joined<&Artist::albums>())
              .all()
              .empty());
    CHECK(db.last() ==
          R"(SELECT "artists_1"."c1", "artists_1"."c2", "artists_1"."c3", )" + albums_1 +
              R"( FROM (SELECT "artists"."id" AS "c1", "artists"."name" AS "c2", )"
              R"("artists"."country" AS "c3" FROM "artists" ORDER BY "c3" DESC LIMIT ?) AS )"
              R"("artists_1" LEFT JOIN "albums" AS "albums_1" ON )"
              R"("artists_1"."c1" = "albums_1"."artist_id" ORDER BY "artists_1"."c3" DESC)");
}

TEST_CASE("LOAD-03 a query ordered by a column of its own join is limited by it inside") {
    Recorded db("joined-limit-join");
    Session session = db.database.session();
    CHECK(session.query<Album>()
              .join<&Album::artist>()
              .order_by(col(&Artist::name), col(&Album::title) + "!")
              .limit(2)
              .offset(1)
              .options(joined<&Album::songs>())
              .all()
              .empty());
    CAPTURE(db.last());
    CHECK(db.last().find(R"("artists"."name" AS "c5", ("albums"."title" || ?) AS "c6" FROM )"
                         R"("albums" JOIN "artists" ON "albums"."artist_id" = "artists"."id" )"
                         R"(ORDER BY "c5", "c6" LIMIT ? OFFSET ?) AS "albums_1")") !=
          std::string::npos);
    CHECK(db.last().find(R"( ORDER BY "albums_1"."c5", "albums_1"."c6")") != std::string::npos);
}

TEST_CASE("LOAD-03 a parent that is joined needs no derived table for LIMIT") {
    Recorded db("joined-limit-one");
    Session session = db.database.session();
    CHECK(session.query<Album>().limit(2).options(joined<&Album::artist>()).all().empty());
    CHECK(db.last().find("FROM (") == std::string::npos);
    CHECK(db.last().find(" LIMIT ?") != std::string::npos);
}

TEST_CASE("LOAD-03 LOAD-15 criteria and order of an option stand in ON and behind the order of the "
          "query") {
    Recorded db("joined-criteria");
    Session session = db.database.session();
    CHECK(session.query<Album>()
              .order_by(col(&Album::title))
              .options(joined<&Album::songs>()
                           .where(col(&Song::seconds) > 60)
                           .order_by(col(&Song::title).desc()))
              .all()
              .empty());
    CHECK(db.last() == "SELECT " + album + ", " + songs_1 +
                           R"( FROM "albums" LEFT JOIN "songs" AS "songs_1" ON )"
                           R"("albums"."id" = "songs_1"."album_id" AND "songs_1"."seconds" > ? )"
                           R"(ORDER BY "albums"."title", "songs_1"."title" DESC, "songs_1"."id")");
}

TEST_CASE("LOAD-14 nested joins go as deep as the options, also within one table") {
    Recorded db("joined-nested");
    Session session = db.database.session();
    CHECK(session.query<Node>()
              .options(joined<&Node::children>().then(joined<&Node::children>()))
              .all()
              .empty());
    CHECK(db.last().find(R"(FROM "nodes" LEFT JOIN "nodes" AS "nodes_1" ON "nodes"."id" = )"
                         R"("nodes_1"."parent_id" LEFT JOIN "nodes" AS "nodes_2" ON )"
                         R"("nodes_1"."id" = "nodes_2"."parent_id")") != std::string::npos);
    CHECK(db.recorder->statements().size() == 2); // with BEGIN
}

TEST_CASE("LOAD-03 mapped joins end where they come full circle, and a tree at its join depth") {
    Recorded db("joined-mapped");
    Session session = db.database.session();
    CHECK(session.query<Leaf>().all().empty());
    // The trunk (whose leaves are the way back), its parent, its branches and theirs; the leaves of
    // the last three.
    CHECK(count_of(db.last(), R"( AS "trunks_)") == 4);
    CHECK(count_of(db.last(), R"( AS "leaves_)") == 3);
    CHECK(db.last().find(R"(FROM "leaves" JOIN "trunks" AS "trunks_1" ON )") != std::string::npos);

    CHECK(session.query<Trunk>()
              .options(lazy<&Trunk::leaves>(), lazy<&Trunk::parent>())
              .where(col(&Trunk::id) == 1)
              .all()
              .empty());
    CAPTURE(db.last());
    CHECK(count_of(db.last(), R"(LEFT JOIN "trunks")") == 2);
    CHECK(count_of(db.last(), R"(LEFT JOIN "leaves")") == 2);
    CHECK(db.recorder->statements().size() == 3); // with BEGIN
}

TEST_CASE("LOAD-26 joined statements of one shape are compiled once") {
    Recorded db("joined-cached");
    Session session = db.database.session();
    const auto run = [&](int seconds) {
        return session.query<Artist>()
            .where(col(&Artist::id) > seconds)
            .limit(5)
            .options(joined<&Artist::albums>().then(
                joined<&Album::songs>().where(col(&Song::seconds) > seconds)))
            .all();
    };
    static_cast<void>(run(1));
    const auto before = db.database.engine().statistics().compile_misses;
    for (int seconds = 2; seconds < 10; ++seconds) static_cast<void>(run(seconds));
    CHECK(db.database.engine().statistics().compile_misses == before);
}

TEST_CASE("LOAD-16 what the query's own join reads is selected, and nothing else is joined") {
    Recorded db("joined-contained");
    Session session = db.database.session();
    CHECK(session.query<Album>()
              .join<&Album::artist>()
              .where(col(&Artist::name) == "Miles")
              .options(contains_eager<&Album::artist>())
              .all()
              .empty());
    CHECK(db.last() == "SELECT " + album + ", " + artist +
                           R"( FROM "albums" JOIN "artists" ON "albums"."artist_id" = )"
                           R"("artists"."id" WHERE "artists"."name" = ?)");
    const auto author = alias<Artist>("author");
    CHECK(session.query<Album>()
              .join<&Album::artist>(author)
              .options(contains_eager<&Album::artist>(author))
              .all()
              .empty());
    CHECK(db.last().find(R"("author"."id", "author"."name", "author"."country" FROM "albums" )"
                         R"(JOIN "artists" AS "author")") != std::string::npos);
    CHECK_THROWS_AS(
        static_cast<void>(session.query<Album>().options(contains_eager<&Album::artist>()).all()),
        CompileError);
}

TEST_CASE("REL-39 a join along a relationship takes more conditions") {
    Recorded db("joined-more");
    Session session = db.database.session();
    CHECK(
        session.query<Artist>().left_join<&Artist::albums>(col(&Album::year) > 1960).all().empty());
    CHECK(db.last().find(R"(LEFT JOIN "albums" ON "artists"."id" = "albums"."artist_id" AND )"
                         R"("albums"."year" > ?)") != std::string::npos);
}

TEST_CASE("LOAD-20 an object in a select stands for all its columns") {
    Recorded db("entity-select");
    Session session = db.database.session();
    const auto statement = select(entity<Artist>(), func::count(col(&Album::id)))
                               .left_join<&Artist::albums>()
                               .group_by(col(&Artist::id));
    CHECK(session.execute(statement).empty());
    CHECK(db.last() == "SELECT " + artist +
                           R"(, COUNT("albums"."id") FROM "artists" LEFT JOIN )"
                           R"("albums" ON "artists"."id" = "albums"."artist_id" )"
                           R"(GROUP BY "artists"."id")");
}

namespace {

struct Leg;

struct Trip {
    std::int64_t id{};
    Many<Leg> legs;
};
struct Leg {
    int day{};
    std::string place;
    std::optional<std::int64_t> trip_id;
    One<Trip> trip;
};

void describe(Mapping<Trip>& trip) {
    trip.table("trips");
    trip.column<&Trip::id>().primary_key();
    trip.relationship<&Trip::legs>().backref<&Leg::trip>();
}
void describe(Mapping<Leg>& leg) {
    leg.table("legs");
    leg.column<&Leg::day>();
    leg.column<&Leg::place>(String(20));
    leg.primary_key<&Leg::day, &Leg::place>();
    leg.column<&Leg::trip_id>().references<&Trip::id>();
}

} // namespace

TEST_CASE("LOAD-03 joined members stand in the order of all columns of their keys") {
    Recorded db("joined-order");
    db.database.map<Trip, Leg>();
    const auto row = [](int day, const char* place) {
        return std::vector<Value>{Value(1), Value(day), Value(place), Value(1)};
    };
    db.recorder->reply({row(2, "b"), row(2, "a"), row(1, "c"), row(10, "a")});
    Session session = db.database.session();
    const auto trip = session.query<Trip>().options(joined<&Trip::legs>()).all().at(0);
    std::string order;
    for (const auto& leg : trip->legs) order += std::to_string(leg->day) + leg->place + " ";
    CHECK(order == "1c 2a 2b 10a ");
}
