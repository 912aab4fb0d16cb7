// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/music.hpp"
#include "support/fixtures/tree.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace mercator;
using namespace fixtures::music;
using fixtures::tree::Node;
using test::Backend;
using test::SqlLog;

namespace {

/// Miles has two albums of two and no songs, Nina one of one, Nobody none; one album has no artist.
struct Library : Backend {
    explicit Library(Config config = {}) : Backend(std::move(config)) {
        database().create_all<Artist, Album, Song, Node>();
        Session session = database().session();
        const auto miles = session.add(Artist{.name = "Miles", .country = "USA"});
        const auto nina = session.add(Artist{.name = "Nina"});
        session.add(Artist{.name = "Nobody"});
        const auto blue = session.add(Album{.title = "Kind of Blue", .year = 1959});
        const auto sketches = session.add(Album{.title = "Sketches of Spain", .year = 1960});
        const auto pastel = session.add(Album{.title = "Pastel Blues", .year = 1965});
        session.add(Album{.title = "Found on the street"});
        miles->albums.add(blue);
        miles->albums.add(sketches);
        nina->albums.add(pastel);
        blue->songs.add(session.add(Song{.title = "So What", .seconds = 545}));
        blue->songs.add(session.add(Song{.title = "Freddie Freeloader", .seconds = 586}));
        pastel->songs.add(session.add(Song{.title = "Sinnerman", .seconds = 620}));
        session.commit();
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::unique_ptr<SqlLog> log;
};

std::vector<std::string> names(const std::vector<std::shared_ptr<Artist>>& artists) {
    std::vector<std::string> result;
    for (const auto& artist : artists) result.push_back(artist->name);
    return result;
}
using Names = std::vector<std::string>;

std::multiset<std::string> titles(const Many<Album>& albums) {
    std::multiset<std::string> result;
    for (const auto& album : albums) result.insert(album->title);
    return result;
}
using Titles = std::multiset<std::string>;

} // namespace

TEST_CASE("LOAD-03 LOAD-22 parents with their collections are one statement, each parent once") {
    Library library;
    Session session = library->session();
    const auto artists = session.query<Artist>()
                             .order_by(col(&Artist::name))
                             .options(joined<&Artist::albums>())
                             .all();
    REQUIRE(names(artists) == Names{"Miles", "Nina", "Nobody"});
    CHECK(artists[0]->albums.loaded());
    CHECK(titles(artists[0]->albums) == Titles{"Kind of Blue", "Sketches of Spain"});
    CHECK(titles(artists[1]->albums) == Titles{"Pastel Blues"});
    CHECK(artists[2]->albums.loaded());
    CHECK(artists[2]->albums.empty());
    for (const auto& album : artists[0]->albums) {
        CHECK(album->artist.loaded());
        CHECK(album->artist.handle() == artists[0]);
    }
    CHECK_MESSAGE(library.log->count() == 1, library.log->dump());
    CHECK_FALSE(session.is_dirty());
}

TEST_CASE("LOAD-03 members stand in the order of their keys, or in the one that is asked for") {
    Library library;
    Session session = library->session();
    const auto by_key = session.query<Artist>().options(joined<&Artist::albums>()).all();
    for (const auto& artist : by_key) {
        std::vector<std::int64_t> keys;
        for (const auto& album : artist->albums) keys.push_back(album->id);
        CHECK(std::is_sorted(keys.begin(), keys.end()));
    }
    Session other = library->session();
    const auto miles = other.query<Artist>()
                           .where(col(&Artist::name) == "Miles")
                           .options(joined<&Artist::albums>().order_by(col(&Album::title).desc()))
                           .one();
    REQUIRE(miles->albums.size() == 2);
    CHECK(miles->albums[0]->title == "Sketches of Spain");
    CHECK(miles->albums[1]->title == "Kind of Blue");
}

TEST_CASE("LOAD-03 a parent is joined, and NULL is none") {
    Library library;
    Session session = library->session();
    const auto albums =
        session.query<Album>().order_by(col(&Album::title)).options(joined<&Album::artist>()).all();
    REQUIRE(albums.size() == 4);
    CHECK(albums[0]->title == "Found on the street");
    CHECK(albums[0]->artist.loaded());
    CHECK(albums[0]->artist == nullptr);
    CHECK(albums[1]->artist->name == "Miles");
    CHECK(albums[2]->artist->name == "Nina");
    CHECK(albums[3]->artist.handle() == albums[1]->artist.handle());
    CHECK_MESSAGE(library.log->count() == 1, library.log->dump());
}

TEST_CASE("LOAD-14 LOAD-03 three levels are one statement, up and down") {
    Library library;
    Session session = library->session();
    const auto artists = session.query<Artist>()
                             .order_by(col(&Artist::name))
                             .options(joined<&Artist::albums>().then(joined<&Album::songs>()))
                             .all();
    REQUIRE(artists.size() == 3);
    REQUIRE(artists[0]->albums.size() == 2);
    CHECK(artists[0]->albums[0]->songs.size() == 2);
    CHECK(artists[0]->albums[1]->songs.loaded());
    CHECK(artists[0]->albums[1]->songs.empty());
    CHECK(artists[1]->albums[0]->songs[0]->title == "Sinnerman");
    CHECK(artists[1]->albums[0]->songs[0]->album->artist.handle() == artists[1]);
    CHECK_MESSAGE(library.log->count() == 1, library.log->dump());

    Session up = library->session();
    const auto songs = up.query<Song>()
                           .order_by(col(&Song::title))
                           .options(joined<&Song::album>().then(joined<&Album::artist>()))
                           .all();
    REQUIRE(songs.size() == 3);
    CHECK(songs[0]->album->artist->name == "Miles");
    CHECK(songs[1]->album->artist->name == "Nina");
    CHECK(songs[2]->album.handle() == songs[0]->album.handle());
    CHECK_MESSAGE(library.log->count() == 2, library.log->dump());

    Session apart = library->session();
    library.log->clear();
    const auto same = apart.query<Artist>()
                          .order_by(col(&Artist::name))
                          .options(selectin<&Artist::albums>().then(selectin<&Album::songs>()))
                          .all();
    CHECK(same[0]->albums[0]->songs.size() == 2);
    CHECK(same[1]->albums[0]->songs.size() == 1);
    CHECK_MESSAGE(library.log->count() == 3, library.log->dump());
}

TEST_CASE("LOAD-03 LIMIT and OFFSET count parents") {
    Library library;
    Session session = library->session();
    const auto page = [&](std::int64_t limit, std::int64_t offset) {
        return session.query<Artist>()
            .order_by(col(&Artist::name))
            .limit(limit)
            .offset(offset)
            .options(joined<&Artist::albums>())
            .all();
    };
    const auto first = page(2, 0);
    CHECK(names(first) == Names{"Miles", "Nina"});
    CHECK(first[0]->albums.size() == 2);
    CHECK(names(page(2, 1)) == Names{"Nina", "Nobody"});
    CHECK(page(0, 0).empty());
    CHECK_MESSAGE(library.log->count() == 3, library.log->dump());

    const auto query = session.query<Artist>().options(joined<&Artist::albums>());
    CHECK(query.order_by(col(&Artist::name)).first()->albums.size() == 2);
    CHECK(query.where(col(&Artist::name) == "Miles").one()->name == "Miles");
    CHECK(query.where(col(&Artist::name) == "Miles").one_or_none() != nullptr);
    CHECK_THROWS_AS(static_cast<void>(query.one()), MultipleResultsFound);
    CHECK(query.count() == 3);
    CHECK(query.exists());
    CHECK(query.limit(2).all().size() == 2);
}

TEST_CASE("LOAD-03 LIMIT by a column of the query's own join") {
    Library library;
    Session session = library->session();
    const auto albums = session.query<Album>()
                            .join<&Album::artist>()
                            .order_by(col(&Artist::name).desc(), col(&Album::title))
                            .limit(2)
                            .options(joined<&Album::songs>(), joined<&Album::artist>())
                            .all();
    REQUIRE(albums.size() == 2);
    CHECK(albums[0]->title == "Pastel Blues");
    CHECK(albums[0]->songs.size() == 1);
    CHECK(albums[1]->title == "Kind of Blue");
    CHECK(albums[1]->songs.size() == 2);
    CHECK(albums[1]->artist->name == "Miles");
    CHECK_MESSAGE(library.log->count() == 1, library.log->dump());
}

TEST_CASE("LOAD-03 DISTINCT stays that of the query") {
    Library library;
    Session session = library->session();
    const auto artists = session.query<Artist>()
                             .join<&Artist::albums>()
                             .order_by(col(&Artist::name))
                             .distinct()
                             .options(joined<&Artist::albums>())
                             .all();
    CHECK(names(artists) == Names{"Miles", "Nina"});
    CHECK(artists[0]->albums.size() == 2);
    CHECK_MESSAGE(library.log->count() == 1, library.log->dump());
}

TEST_CASE("LOAD-15 LOAD-03 criteria leave owners without a match, and change nothing by a flush") {
    Library library;
    Session session = library->session();
    const auto artists = session.query<Artist>()
                             .order_by(col(&Artist::name))
                             .options(joined<&Artist::albums>().where(col(&Album::year) < 1960))
                             .all();
    REQUIRE(artists.size() == 3);
    CHECK(titles(artists[0]->albums) == Titles{"Kind of Blue"});
    CHECK(artists[1]->albums.loaded());
    CHECK(artists[1]->albums.empty());
    session.commit();
    CHECK(library.log->count("UPDATE") == 0);
    CHECK(session.query<Album>().where(col(&Album::artist_id) == artists[0]->id).count() == 2);
}

TEST_CASE("LOAD-22 unsaved changes and loaded members are kept when rows come again") {
    Library library;
    Session session = library->session();
    const auto miles = session.query<Artist>().where(col(&Artist::name) == "Miles").one();
    const auto sketches =
        session.query<Album>().where(col(&Album::title) == "Sketches of Spain").one();
    SUBCASE("changed columns") {
        const auto still = session.no_autoflush();
        miles->country = "unsaved";
        sketches->title = "unsaved as well";
        const auto again = session.query<Artist>()
                               .where(col(&Artist::name) == "Miles")
                               .options(joined<&Artist::albums>())
                               .one();
        CHECK(again == miles);
        CHECK(miles->country == "unsaved");
        CHECK(titles(miles->albums) == Titles{"Kind of Blue", "unsaved as well"});
    }
    SUBCASE("a child that was moved") {
        const auto still = session.no_autoflush();
        const auto nobody = session.query<Artist>().where(col(&Artist::name) == "Nobody").one();
        sketches->artist = nobody;
        const auto artists = session.query<Artist>()
                                 .order_by(col(&Artist::name))
                                 .options(joined<&Artist::albums>())
                                 .all();
        CHECK(titles(artists[0]->albums) == Titles{"Kind of Blue"});
        CHECK(titles(artists[2]->albums) == Titles{"Sketches of Spain"});
    }
    SUBCASE("a foreign key that was changed") {
        const auto still = session.no_autoflush();
        const auto nobody = session.query<Artist>().where(col(&Artist::name) == "Nobody").one();
        sketches->artist_id = nobody->id;
        const auto albums = session.query<Album>()
                                .where(col(&Album::title) == "Sketches of Spain")
                                .options(joined<&Album::artist>())
                                .all();
        REQUIRE(albums.size() == 1);
        CHECK(albums[0]->artist.handle() == nobody);
    }
    SUBCASE("a loaded collection") {
        REQUIRE(miles->albums.size() == 2);
        const auto fresh = session.add(Album{.title = "Bitches Brew"});
        const auto still = session.no_autoflush();
        miles->albums.add(fresh);
        static_cast<void>(session.query<Artist>().options(joined<&Artist::albums>()).all());
        CHECK(miles->albums.size() == 3);
    }
}

TEST_CASE("LOAD-22 rows that are streamed cannot be put together, which is said") {
    Library library;
    Session session = library->session();
    const auto query = session.query<Artist>().options(joined<&Artist::albums>());
    try {
        query.stream([](const Artist&) {});
        FAIL("a stream took an option that it cannot follow");
    } catch (const CompileError& error) {
        CHECK(error.where() == "Artist.albums");
        CHECK(std::string(error.what()).find("a page at a time") != std::string::npos);
    }
    CHECK_THROWS_AS(static_cast<void>(query.values()), CompileError);
    CHECK(library.log->count() == 0);
}

TEST_CASE("LOAD-03 what is not flushed yet is flushed before the joined tables are read") {
    Library library;
    Session session = library->session();
    const auto nobody = session.query<Artist>().where(col(&Artist::name) == "Nobody").one();
    const auto sketches =
        session.query<Album>().where(col(&Album::title) == "Sketches of Spain").one();
    sketches->artist_id = nobody->id;
    session.add(Album{.title = "New", .artist_id = nobody->id});
    const auto artists = session.query<Artist>()
                             .order_by(col(&Artist::name))
                             .options(joined<&Artist::albums>())
                             .all();
    CHECK(titles(artists[0]->albums) == Titles{"Kind of Blue"});
    CHECK(titles(artists[2]->albums) == Titles{"New", "Sketches of Spain"});
}

TEST_CASE("LOAD-22 objects deleted in this session do not come back by a join") {
    Library library;
    Session session = library->session();
    const auto still = session.no_autoflush();
    const auto pastel = session.query<Album>().where(col(&Album::title) == "Kind of Blue").one();
    session.delete_(pastel);
    const auto miles = session.query<Artist>()
                           .where(col(&Artist::name) == "Miles")
                           .options(joined<&Artist::albums>())
                           .one();
    CHECK(titles(miles->albums) == Titles{"Sketches of Spain"});
    const auto songs = session.query<Song>().options(joined<&Song::album>()).all();
    CHECK(songs.size() == 3);
}

TEST_CASE("LOAD-03 a read-only query loads its parents' collections as well") {
    Library library;
    Session session = library->session();
    const auto artists = session.query<const Artist>()
                             .order_by(col(&Artist::name))
                             .options(joined<&Artist::albums>())
                             .all();
    REQUIRE(artists.size() == 3);
    CHECK(artists[0]->albums.size() == 2);
    CHECK(library.log->count() == 1);
    // Members can be changed through the collection, so that is written.
    artists[0]->albums[0]->title = "changed";
    session.commit();
    CHECK(library.log->count("UPDATE") == 1);
}

TEST_CASE("LOAD-14 a class that refers to itself is joined as deep as the options say") {
    Library library;
    {
        Session session = library->session();
        const auto root = session.add(Node{.name = "root"});
        for (const char* name : {"left", "right"}) {
            const auto child = session.add(Node{.name = name});
            root->children.add(child);
            child->children.add(session.add(Node{.name = std::string(name) + " leaf"}));
        }
        session.commit();
    }
    library.log->clear();
    Session session = library->session();
    const auto root = session.query<Node>()
                          .where(col(&Node::parent_id).is_null())
                          .options(joined<&Node::children>().then(joined<&Node::children>()))
                          .one();
    REQUIRE(root->children.size() == 2);
    for (const auto& child : root->children) {
        CHECK(child->parent.handle() == root);
        REQUIRE(child->children.size() == 1);
        CHECK(child->children[0]->name == child->name + " leaf");
        CHECK_FALSE(child->children[0]->children.loaded());
    }
    CHECK_MESSAGE(library.log->count() == 1, library.log->dump());
}

TEST_CASE("LOAD-03 other strategies run below a joined one for all of its objects") {
    Library library;
    Session session = library->session();
    const auto artists = session.query<Artist>()
                             .order_by(col(&Artist::name))
                             .options(joined<&Artist::albums>().then(selectin<&Album::songs>()))
                             .all();
    REQUIRE(artists.size() == 3);
    CHECK(artists[0]->albums[0]->songs.loaded());
    CHECK(artists[1]->albums[0]->songs.size() == 1);
    CHECK_MESSAGE(library.log->count() == 2, library.log->dump());

    Session above = library->session();
    library.log->clear();
    const auto again = above.query<Artist>()
                           .order_by(col(&Artist::name))
                           .options(selectin<&Artist::albums>().then(joined<&Album::songs>()))
                           .all();
    CHECK(again[0]->albums[0]->songs.size() == 2);
    CHECK(again[1]->albums[0]->songs.size() == 1);
    CHECK_MESSAGE(library.log->count() == 2, library.log->dump());
}

TEST_CASE("LOAD-27 LOAD-03 objects that came by a join load together later") {
    Library library;
    Session session = library->session();
    const auto artists = session.query<Artist>().options(joined<&Artist::albums>()).all();
    library.log->clear();
    std::size_t songs = 0;
    for (const auto& artist : artists) {
        for (const auto& album : artist->albums) songs += album->songs.size();
    }
    CHECK(songs == 3);
    CHECK_MESSAGE(library.log->count() == 1, library.log->dump());
}

TEST_CASE("LOAD-22 a thousand members of one owner, and each of a thousand owners once") {
    Library library;
    {
        Session session = library->session();
        const auto many = session.add(Artist{.name = "Many"});
        for (int i = 0; i < 1000; ++i)
            many->albums.add(session.add(Album{.title = "Album " + std::to_string(i)}));
        session.commit();
    }
    library.log->clear();
    Session session = library->session();
    const auto artists = session.query<Artist>()
                             .order_by(col(&Artist::name).desc())
                             .options(joined<&Artist::albums>())
                             .all();
    CHECK(artists.size() == 4);
    std::size_t albums = 0;
    for (const auto& artist : artists) albums += artist->albums.size();
    CHECK(albums == 1003);
    CHECK(library.log->count() == 1);

    Session up = library->session();
    const auto all = up.query<Album>().options(joined<&Album::artist>()).all();
    CHECK(all.size() == 1004);
    CHECK(std::set<std::shared_ptr<Album>>(all.begin(), all.end()).size() == 1004);
    CHECK(library.log->count() == 2);
}

TEST_CASE("LOAD-31 a single query joins all that its options name, also along one relationship") {
    Library library;
    {
        Session session = library->session();
        const auto root = session.add(Node{.name = "root"});
        const auto child = session.add(Node{.name = "child"});
        root->children.add(child);
        child->children.add(session.add(Node{.name = "leaf"}));
        session.commit();
    }
    library.log->clear();
    std::shared_ptr<Node> root;
    {
        Session session = library->session();
        root = session.query<Node>()
                   .where(col(&Node::name) == "root")
                   .options(selectin<&Node::children>().then(selectin<&Node::children>()))
                   .single_query()
                   .one();
    }
    CHECK_MESSAGE(library.log->count() == 1, library.log->dump());
    REQUIRE(root->children.size() == 1);
    REQUIRE(root->children[0]->children.size() == 1);
    CHECK(root->children[0]->children[0]->name == "leaf");
}
