// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/music.hpp"
#include "support/fixtures/orders.hpp"
#include "support/fixtures/tree.hpp"
#include "support/sql_log.hpp"
#include "support/sql_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace mercator;
using namespace fixtures::music;
using test::Backend;
using test::mentions;
using test::SqlLog;

namespace {

/// Two artists; the first has two albums.
struct Library : Backend {
    Library() {
        database().create_all<Artist, Album, Song>();
        Session session = database().session();
        const auto miles = session.add(Artist{.name = "Miles"});
        const auto nina = session.add(Artist{.name = "Nina"});
        const auto blue = session.add(Album{.title = "Kind of Blue"});
        const auto sketches = session.add(Album{.title = "Sketches of Spain"});
        miles->albums.add(blue);
        miles->albums.add(sketches);
        session.commit();
        miles_id = miles->id;
        nina_id = nina->id;
        blue_id = blue->id;
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::int64_t miles_id = 0;
    std::int64_t nina_id = 0;
    std::int64_t blue_id = 0;
    std::unique_ptr<SqlLog> log;
};

} // namespace

TEST_CASE("REL-01 one declarator infers the kind from the foreign key and the member") {
    const auto& artist =
        mapper_of<Artist>().relationship_at(member_offset<Artist>(&Artist::albums));
    CHECK(artist.direction == Direction::OneToMany);
    CHECK(artist.is_collection);
    const auto& album = mapper_of<Album>().relationship_at(member_offset<Album>(&Album::artist));
    CHECK(album.direction == Direction::ManyToOne);
    CHECK_FALSE(album.is_collection);
    CHECK_FALSE(album.required);
    const auto& song = mapper_of<Song>().relationship_at(member_offset<Song>(&Song::album));
    CHECK(song.required);
    const auto& parent = mapper_of<fixtures::tree::Node>().relationship_at(
        member_offset<fixtures::tree::Node>(&fixtures::tree::Node::parent));
    CHECK(parent.direction == Direction::ManyToOne);
    const auto& children = mapper_of<fixtures::tree::Node>().relationship_at(
        member_offset<fixtures::tree::Node>(&fixtures::tree::Node::children));
    CHECK(children.direction == Direction::OneToMany);

    Library library;
    Session session = library->session();
    const auto blue = session.get<Album>(library.blue_id);
    CHECK(blue->artist->name == "Miles");
    CHECK(blue->artist->albums.size() == 2);
}

TEST_CASE("REL-02 children are added, moved between parents and removed through the collection") {
    Library library;
    Session session = library->session();
    const auto miles = session.get<Artist>(library.miles_id);
    const auto nina = session.get<Artist>(library.nina_id);
    const auto blue = session.get<Album>(library.blue_id);

    SUBCASE("add") {
        const auto fresh = session.add(Album{.title = "Bitches Brew"});
        miles->albums.add(fresh);
        session.commit();
        CHECK(fresh->artist_id == miles->id);
        CHECK(library->session().get<Artist>(library.miles_id)->albums.size() == 3);
    }
    SUBCASE("add twice is once") {
        miles->albums.add(blue);
        miles->albums.add(blue);
        CHECK(miles->albums.size() == 2);
        session.commit();
        CHECK(library.log->count("UPDATE") == 0);
    }
    SUBCASE("move, both collections loaded") {
        CHECK(miles->albums.size() == 2);
        CHECK(nina->albums.empty());
        library.log->clear();
        nina->albums.add(blue);
        CHECK(miles->albums.size() == 1);
        CHECK(nina->albums.size() == 1);
        CHECK(blue->artist.handle() == nina);
        session.commit();
        CHECK_MESSAGE(library.log->count() == 1, library.log->dump());
        CHECK(mentions(library.log->texts().front(), "UPDATE albums SET artist_id = "));
    }
    SUBCASE("move, nothing loaded") {
        library.log->clear();
        nina->albums.add(blue);
        CHECK_MESSAGE(library.log->count() == 0, library.log->dump());
        session.commit();
        CHECK(library.log->count("UPDATE") == 1);
        CHECK(miles->albums.size() == 1);
        CHECK(nina->albums.size() == 1);
    }
    SUBCASE("a collection loaded after the move already shows it") {
        nina->albums.add(blue);
        CHECK(miles->albums.size() == 1);
        CHECK(nina->albums.contains(blue));
        session.commit();
    }
    SUBCASE("remove sets the foreign key to NULL") {
        miles->albums.remove(blue);
        CHECK(blue->artist == nullptr);
        session.commit();
        CHECK_FALSE(blue->artist_id.has_value());
        Session fresh = library->session();
        CHECK(fresh.get<Artist>(library.miles_id)->albums.size() == 1);
        CHECK(fresh.get<Album>(library.blue_id)->artist == nullptr);
    }
    SUBCASE("remove and put back writes nothing") {
        miles->albums.remove(blue);
        miles->albums.add(blue);
        library.log->clear();
        session.commit();
        CHECK_MESSAGE(library.log->count() == 0, library.log->dump());
    }
    SUBCASE("clear") {
        miles->albums.clear();
        session.commit();
        CHECK(library->session().get<Artist>(library.miles_id)->albums.empty());
        CHECK(session.query<Album>().where(col(&Album::artist_id) == null).count() == 2);
    }
}

TEST_CASE("REL-02 removing a child that cannot be without its parent is refused before any SQL") {
    Library library;
    Session session = library->session();
    const auto blue = session.get<Album>(library.blue_id);
    const auto song = session.add(Song{.title = "So What", .plays = 1});
    blue->songs.add(song);
    session.commit();
    blue->songs.remove(song);
    library.log->clear();
    CHECK_THROWS_AS(session.commit(), NotNullViolation);
    CHECK(library.log->count() == 0);
    blue->songs.add(song);
    session.commit();
    session.delete_(song);
    session.commit();
    CHECK(library->session().get<Album>(library.blue_id)->songs.empty());
}

TEST_CASE("REL-03 the child's side is enough, before either is flushed, in any order of adding") {
    Library library;
    Session session = library->session();
    const auto song = session.add(Song{.title = "Feeling Good", .plays = 1});
    const auto album = session.add(Album{.title = "I Put a Spell on You"});
    song->album = album;
    album->artist = session.get<Artist>(library.nina_id);
    library.log->clear();
    session.commit();
    const auto inserts = library.log->texts("INSERT");
    REQUIRE(inserts.size() == 2);
    CHECK(mentions(inserts[0], "INTO albums "));
    CHECK(mentions(inserts[1], "INTO songs "));
    CHECK(song->album_id == album->id);
    CHECK(album->artist_id == library.nina_id);
}

TEST_CASE(
    "REL-03 the related object is saved along; a handle given at construction counts as well") {
    Library library;
    Session session = library->session();
    const auto album = session.add(Album{.title = "new"});
    const auto song = session.add(Song{.title = "along", .plays = 1, .album = album});
    CHECK(album->songs.size() == 1);
    CHECK(song->album.handle() == album);
    const auto artist = session.add(Artist{.name = "Ella", .albums = {album}});
    CHECK(album->artist.handle() == artist);
    session.commit();
    Session fresh = library->session();
    CHECK(fresh.get<Song>(song->id)->album->artist->name == "Ella");
}

TEST_CASE("REL-12 a backref is reachable from the side that does not describe it") {
    Library library; // Album describes nothing about `artist`: Artist::albums does
    Session session = library->session();
    const auto blue = session.get<Album>(library.blue_id);
    library.log->clear();
    CHECK(blue->artist->name == "Miles");
    CHECK(library.log->count() == 1);
    CHECK(blue->artist->country == std::nullopt);
    CHECK(library.log->count() == 1);
}

TEST_CASE("REL-14 setting one side changes the other in memory before the flush") {
    Library library;
    Session session = library->session();
    const auto album = session.add(Album{.title = "new"});
    const auto song = session.add(Song{.title = "song", .plays = 1});
    song->album = album;
    CHECK(album->songs.size() == 1);
    CHECK(album->songs[0] == song);
    album->songs.remove(song);
    CHECK(song->album == nullptr);
    album->songs.add(song);
    CHECK(song->album.handle() == album);
    song->album = nullptr;
    CHECK(album->songs.empty());
    album->songs.add(song);
    session.commit();
    CHECK(song->album_id == album->id);
}

TEST_CASE("REL-16 both directions are walked without SQL once they are known") {
    Library library;
    Session session = library->session();
    const auto nina = session.get<Artist>(library.nina_id);
    const auto blue = session.get<Album>(library.blue_id);
    CHECK(nina->albums.size() == 0);
    library.log->clear();
    nina->albums.add(blue);
    CHECK(blue->artist.handle() == nina);
    CHECK(nina->albums[0] == blue);
    CHECK_MESSAGE(library.log->count() == 0, library.log->dump());
}

TEST_CASE(
    "a collection loads with one statement on first touch, and its members know their parent") {
    Library library;
    Session session = library->session();
    const auto miles = session.get<Artist>(library.miles_id);
    library.log->clear();
    CHECK_FALSE(miles->albums.loaded());
    CHECK(miles->albums.size() == 2);
    CHECK(miles->albums.loaded());
    std::vector<std::string> titles;
    for (const auto& album : miles->albums) {
        titles.push_back(album->title);
        CHECK(album->artist.handle() == miles);
    }
    CHECK(titles == std::vector<std::string>{"Kind of Blue", "Sketches of Spain"});
    CHECK_MESSAGE(library.log->count() == 1, library.log->dump());
}

TEST_CASE(
    "a related object that is in the session already needs no statement; NULL needs none either") {
    Library library;
    Session session = library->session();
    const auto miles = session.get<Artist>(library.miles_id);
    const auto blue = session.get<Album>(library.blue_id);
    const auto lonely = session.add(Album{.title = "by nobody"});
    session.flush();
    library.log->clear();
    CHECK(blue->artist.handle() == miles);
    CHECK(lonely->artist == nullptr);
    CHECK_MESSAGE(library.log->count() == 0, library.log->dump());
}

TEST_CASE("a foreign key set by its member is followed after the flush") {
    Library library;
    Session session = library->session();
    const auto blue = session.get<Album>(library.blue_id);
    CHECK(blue->artist->name == "Miles");
    blue->artist_id = library.nina_id;
    session.commit();
    CHECK(blue->artist->name == "Nina");
    const auto fresh = session.add(Album{.title = "by key", .artist_id = library.nina_id});
    session.commit();
    CHECK(fresh->artist->name == "Nina");
}

TEST_CASE("a query over a collection loads only what it selects") {
    Library library;
    Session session = library->session();
    const auto miles = session.get<Artist>(library.miles_id);
    library.log->clear();
    CHECK(miles->albums.query().count() == 2);
    CHECK(miles->albums.query().where(col(&Album::title).startswith("Kind")).one()->id ==
          library.blue_id);
    CHECK_FALSE(miles->albums.loaded());
    CHECK(library.log->count() == 2);
}

TEST_CASE("deleting a parent: children let go, loaded or not, and refused where they cannot be") {
    Library library;
    Session session = library->session();
    const auto miles = session.get<Artist>(library.miles_id);
    SUBCASE("not loaded") {}
    SUBCASE("loaded") {
        CHECK(miles->albums.size() == 2);
    }
    SUBCASE("one of them in memory") {
        static_cast<void>(session.get<Album>(library.blue_id));
    }
    session.delete_(miles);
    session.commit();
    Session fresh = library->session();
    CHECK(fresh.query<Artist>().count() == 1);
    CHECK(fresh.query<Album>().where(col(&Album::artist_id) == null).count() == 2);

    const auto blue = fresh.get<Album>(library.blue_id);
    blue->songs.add(fresh.add(Song{.title = "So What", .plays = 1}));
    fresh.commit();
    fresh.delete_(blue);
    CHECK_THROWS_AS(fresh.commit(), ForeignKeyViolation);
    CHECK(fresh.status(blue) == ObjectStatus::Deleted);
    fresh.delete_(blue->songs[0]);
    fresh.commit();
    CHECK(library->session().query<Album>().count() == 1);
}

TEST_CASE("relationships over a composite foreign key load, move and save") {
    using fixtures::orders::OrderLine;
    using fixtures::orders::RegionalOrder;
    Backend backend;
    backend->create_all<RegionalOrder, OrderLine>();
    {
        Session session = backend->session();
        const auto order = session.add(RegionalOrder{.region = "north", .number = 1});
        session.add(RegionalOrder{.region = "south", .number = 1});
        const auto first = session.add(OrderLine{.line = 1, .article = "pen"});
        const auto second = session.add(OrderLine{.line = 2, .article = "ink"});
        first->order = order;
        order->lines.add(second);
        session.commit();
        CHECK(first->region == "north");
        CHECK(second->order_number == 1);
    }
    Session session = backend->session();
    const auto north = session.get<RegionalOrder>("north", 1);
    const auto south = session.get<RegionalOrder>("south", 1);
    CHECK(north->lines.size() == 2);
    CHECK(south->lines.empty());
    const auto pen = session.get<OrderLine>("north", 1, 1);
    REQUIRE(pen);
    CHECK(pen->order.handle() == north);
    south->lines.add(pen);
    session.commit();
    CHECK(session.get<OrderLine>("south", 1, 1) == pen);
    CHECK(backend->session().get<RegionalOrder>("south", 1)->lines.size() == 1);
}

TEST_CASE(
    "D11 handles keep the graph alive after the session; what was not loaded is a DetachedError") {
    Library library;
    std::shared_ptr<Album> blue;
    std::shared_ptr<Artist> nina;
    {
        Session session = library->session();
        blue = session.get<Album>(library.blue_id);
        CHECK(blue->artist->name == "Miles");
        nina = session.get<Artist>(library.nina_id);
    }
    CHECK(blue->artist->name == "Miles");
    CHECK(blue->artist.handle().use_count() > 1);
    try {
        static_cast<void>(nina->albums.size());
        FAIL("a collection of a session that has ended was loaded");
    } catch (const DetachedError& error) {
        CHECK(error.where() == "Artist.albums");
        CHECK(std::string(error.what()).find("Artist.albums") != std::string::npos);
    }
    CHECK_THROWS_AS(static_cast<void>(blue->songs.empty()), DetachedError);
}

TEST_CASE("cycles of objects do not leak") {
    Backend backend;
    backend->create_all<fixtures::tree::Node>();
    for (int i = 0; i < 100; ++i) {
        Session session = backend->session();
        const auto one = session.add(fixtures::tree::Node{.name = "one"});
        const auto two = session.add(fixtures::tree::Node{.name = "two"});
        one->parent = two;
        two->parent = one;
        std::weak_ptr<fixtures::tree::Node> watch = one;
        CHECK_FALSE(watch.expired());
    } // the sanitizer's run is the proof
}
