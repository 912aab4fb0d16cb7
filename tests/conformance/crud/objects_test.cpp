// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/music.hpp"
#include "support/fixtures/orders.hpp"
#include "support/sql_log.hpp"
#include "support/sql_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace mercator;
using namespace fixtures::music;
using fixtures::orders::OrderLine;
using fixtures::orders::RegionalOrder;
using test::Backend;
using test::mentions;
using test::SqlLog;

namespace {

struct Library : Backend {
    Library() {
        database().create_all<Artist, Album, Song>();
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::unique_ptr<SqlLog> log;
};

} // namespace

TEST_CASE("UOW-01 objects are added, changed and deleted without SQL") {
    Library library;
    std::int64_t id = 0;
    {
        Session session = library->session();
        const auto artist = session.add(Artist{.name = "Nina Simone"});
        CHECK(session.status(artist) == ObjectStatus::Pending);
        session.commit();
        CHECK(session.status(artist) == ObjectStatus::Persistent);
        id = artist->id;
        CHECK(id > 0);
    }
    {
        Session session = library->session();
        const auto artist = session.get<Artist>(id);
        REQUIRE(artist);
        CHECK(artist->name == "Nina Simone");
        CHECK_FALSE(artist->country.has_value());
        artist->country = "USA";
        session.commit();
    }
    {
        Session session = library->session();
        const auto artist = session.get<Artist>(id);
        REQUIRE(artist);
        CHECK(artist->country == "USA");
        session.delete_(artist);
        CHECK(session.status(artist) == ObjectStatus::Deleted);
        session.commit();
        CHECK(session.status(artist) == ObjectStatus::Detached);
    }
    Session session = library->session();
    CHECK(session.get<Artist>(id) == nullptr);
    CHECK(session.query<Artist>().count() == 0);
}

TEST_CASE("UOW-03 one object per row and session") {
    Library library;
    Session first = library->session();
    const auto artist = first.add(Artist{.name = "Miles"});
    const auto album = first.add(Album{.title = "Kind of Blue"});
    album->artist = artist;
    first.commit();

    CHECK(first.get<Artist>(artist->id) == artist);
    CHECK(first.query<Artist>().where(col(&Artist::name) == "Miles").one() == artist);
    CHECK(first.query<Artist>().all().front() == artist);
    CHECK(first.get<Album>(album->id)->artist.handle() == artist);
    first.refresh(artist);
    CHECK(first.get<Artist>(artist->id) == artist);

    Session second = library->session();
    const auto other = second.get<Artist>(artist->id);
    CHECK(other != artist);
    CHECK(other->name == artist->name);
    CHECK(second.query<Album>().one()->artist.handle() == other);
}

TEST_CASE("UOW-03 D03 a changed object keeps its change when a query meets its row; refresh "
          "overwrites it") {
    Library library;
    Session session = library->session(SessionOptions{.autoflush = false});
    const auto artist = session.add(Artist{.name = "Miles", .country = "USA"});
    session.commit();
    artist->country = "changed";
    CHECK(session.query<Artist>().one() == artist);
    CHECK(artist->country == "changed");
    CHECK(session.is_modified(artist));
    session.refresh(artist);
    CHECK(artist->country == "USA");
    CHECK_FALSE(session.is_modified(artist));
}

TEST_CASE("UOW-03 D04 a deleted object does not come back by a query in its transaction") {
    Library library;
    Session session = library->session();
    const auto artist = session.add(Artist{.name = "Miles"});
    session.commit();
    session.delete_(artist);
    session.flush();
    CHECK(session.query<Artist>().all().empty());
    CHECK(session.get<Artist>(artist->id) == nullptr);
    session.rollback();
    CHECK(session.status(artist) == ObjectStatus::Persistent);
    CHECK(session.get<Artist>(artist->id) == artist);
}

TEST_CASE("UOW-05 C21 C22 only changed columns are written, and nothing for the same value") {
    Library library;
    Session session = library->session();
    const auto artist = session.add(Artist{.name = "Miles", .country = "USA"});
    const auto album = session.add(Album{.title = "Kind of Blue", .year = 1959});
    const auto song =
        session.add(Song{.title = "So What", .seconds = 562, .price = Decimal("0.99")});
    album->artist = artist;
    song->album = album;
    session.commit();
    library.log->clear();

    SUBCASE("one column") {
        album->year = 1960;
        session.commit();
        REQUIRE(library.log->count() == 1);
        const auto text = library.log->texts().front();
        CAPTURE(text);
        CHECK(mentions(text, "UPDATE albums SET year = "));
        CHECK_FALSE(mentions(text, "title"));
        CHECK_FALSE(mentions(text, "artist_id"));
    }
    SUBCASE("a value, and back again") {
        song->seconds = 1;
        song->price = Decimal("7");
        song->title = "x";
        song->seconds = 562;
        song->price = Decimal("0.99");
        song->title = "So What";
        CHECK_FALSE(session.is_dirty());
        session.commit();
        CHECK_MESSAGE(library.log->count() == 0, library.log->dump());
    }
    SUBCASE("the same related object") {
        album->artist = artist;
        session.commit();
        CHECK_MESSAGE(library.log->count("UPDATE") == 0, library.log->dump());
    }
    SUBCASE("to NULL and from NULL") {
        artist->country.reset();
        session.commit();
        CHECK(library.log->count("UPDATE") == 1);
        artist->country = "";
        session.commit();
        CHECK(library.log->count("UPDATE") == 2);
        CHECK(library->session().get<Artist>(artist->id)->country == "");
    }
    SUBCASE("changes of one shape go together, in one batch where the backend has them") {
        std::vector<std::shared_ptr<Song>> songs;
        for (int i = 0; i < 20; ++i) {
            songs.push_back(session.add(Song{.title = "song", .seconds = i}));
            songs.back()->album = album;
        }
        session.commit();
        library.log->clear();
        for (const auto& each : songs) each->seconds += 1000;
        session.commit();
        CHECK(library.log->rows("") == 20);
        if (library.can().update_batch != ast::BatchForm::Single &&
            library.can().update_batch_rows >= 20) {
            CHECK_MESSAGE(library.log->count() == 1, library.log->dump());
        }
        Session fresh = library->session();
        for (int i = 0; i < 20; ++i) {
            CHECK(fresh.get<Song>(songs[static_cast<std::size_t>(i)]->id)->seconds == i + 1000);
        }
    }
}

TEST_CASE("UOW-06 no call marks an object as changed: the flush sees it by itself") {
    Library library;
    Session session = library->session();
    const auto artist = session.add(Artist{.name = "Miles"});
    session.commit();
    CHECK_FALSE(session.is_modified(artist));
    artist->name += " Davis";
    CHECK(session.is_modified(artist));
    CHECK(session.is_dirty());
    session.commit();
    CHECK_FALSE(session.is_dirty());
    CHECK(library->session().get<Artist>(artist->id)->name == "Miles Davis");
}

TEST_CASE("UOW-12 a second get sends no SQL, and a row that is gone gives nothing") {
    Library library;
    std::int64_t id = 0;
    {
        Session session = library->session();
        const auto artist = session.add(Artist{.name = "Miles"});
        session.commit();
        id = artist->id;
    }
    Session session = library->session();
    library.log->clear();
    const auto first = session.get<Artist>(id);
    REQUIRE(first);
    CHECK(library.log->count() == 1);
    CHECK(session.get<Artist>(id) == first);
    CHECK(library.log->count() == 1);

    CHECK(session.get<Artist>(id + 1000) == nullptr);
    session.delete_(first);
    session.commit();
    CHECK(session.get<Artist>(id) == nullptr);
}

TEST_CASE("UOW-18 what the database fills in is in the object after the flush") {
    Library library;
    Session session = library->session();
    const auto album = session.add(Album{.title = "Kind of Blue"});
    const auto filled = session.add(Song{.title = "So What"});
    const auto given = session.add(Song{.title = "Blue in Green", .plays = 3});
    filled->album = album;
    given->album = album;
    session.flush();
    CHECK(filled->id > 0);
    CHECK(given->id > 0);
    CHECK(filled->id != given->id);
    CHECK(filled->plays == 7);
    CHECK(given->plays == 3);
    library.log->clear();
    CHECK_FALSE(session.is_dirty());
    session.commit();
    CHECK(library.log->count() == 0);
    CHECK(library->session().get<Song>(filled->id)->plays == 7);
}

TEST_CASE(
    "UOW-18 a thousand new objects get their own keys, in batches where the backend has them") {
    Library library;
    Session session = library->session();
    std::vector<std::shared_ptr<Artist>> artists;
    for (int i = 0; i < 1000; ++i)
        artists.push_back(session.add(Artist{.name = "artist " + std::to_string(i)}));
    library.log->clear();
    session.commit();
    const auto& can = library.can();
    if (can.insert_batch != ast::BatchForm::Single && can.insert_returning) {
        std::size_t rows = can.insert_batch_rows;
        if (can.insert_batch == ast::BatchForm::MultiRow)
            rows = std::min<std::size_t>(rows, can.max_binds / 2);
        CHECK_MESSAGE(library.log->count("INSERT") == (1000 + rows - 1) / rows,
                      library.log->dump());
    }
    CHECK(library.log->rows("INSERT") == 1000);
    CHECK(library.log->count() == library.log->count("INSERT"));
    Session fresh = library->session();
    for (int i = 0; i < 1000; ++i) {
        const auto& artist = artists[static_cast<std::size_t>(i)];
        const auto found = fresh.get<Artist>(artist->id);
        REQUIRE(found);
        REQUIRE(found->name == "artist " + std::to_string(i));
    }
}

TEST_CASE("DML-01 a row that somebody else changed away is a StaleDataError, and nothing is lost") {
    Library library;
    Session session = library->session();
    const auto artist = session.add(Artist{.name = "Miles"});
    session.commit();
    library.run("DELETE FROM " + library.quoted("artists"));

    SUBCASE("update") {
        artist->country = "USA";
        CHECK_THROWS_AS(session.commit(), StaleDataError);
        CHECK(artist->country == "USA");
        CHECK(session.is_modified(artist));
        session.rollback();
        CHECK_FALSE(artist->country.has_value());
        session.expunge(artist);
        const auto other = session.add(Artist{.name = "Coltrane"});
        session.commit();
        CHECK(library->session().query<Artist>().count() == 1);
    }
    SUBCASE("delete") {
        session.delete_(artist);
        CHECK_THROWS_AS(session.commit(), StaleDataError);
        CHECK(session.status(artist) == ObjectStatus::Deleted);
        session.rollback();
        CHECK(session.status(artist) == ObjectStatus::Persistent);
    }
    SUBCASE("refresh") {
        CHECK_THROWS_AS(session.refresh(artist), StaleDataError);
    }
}

TEST_CASE("DML-01 one stale row among many makes the whole flush stale") {
    Library library;
    Session session = library->session();
    std::vector<std::shared_ptr<Artist>> artists;
    for (int i = 0; i < 30; ++i)
        artists.push_back(session.add(Artist{.name = "artist " + std::to_string(i)}));
    session.commit();
    library.run("DELETE FROM " + library.quoted("artists") + " WHERE " + library.quoted("name") +
                " = 'artist 17'");
    for (const auto& artist : artists) artist->country = "changed";
    CHECK_THROWS_AS(session.commit(), StaleDataError);
    CHECK(library->session().query<Artist>().where(col(&Artist::country) == "changed").count() ==
          0);
    session.expunge(artists[17]);
    session.commit();
    CHECK(library->session().query<Artist>().where(col(&Artist::country) == "changed").count() ==
          29);
}

TEST_CASE("DML-01 an update that changes nothing in the row is not stale") {
    Library library;
    Session session = library->session();
    const auto artist = session.add(Artist{.name = "Miles"});
    session.commit();
    library.run("UPDATE " + library.quoted("artists") + " SET " + library.quoted("country") +
                " = 'USA'");
    artist->country = "USA";
    CHECK_NOTHROW(session.commit());
}

TEST_CASE("DML-01 composite keys: insert, get, change, change of key, delete") {
    Backend backend;
    backend->create_all<RegionalOrder, OrderLine>();
    Session session = backend->session();
    for (const char* region : {"north", "south"}) {
        for (int number = 1; number <= 3; ++number) {
            session.add(RegionalOrder{.region = region, .number = number, .note = "new"});
        }
    }
    session.commit();
    Session other = backend->session();
    const auto order = other.get<RegionalOrder>("south", 2);
    REQUIRE(order);
    CHECK(order->region == "south");
    CHECK(order->number == 2);
    CHECK(other.get<RegionalOrder>("south", 2) == order);
    CHECK(other.get<RegionalOrder>("south", 4) == nullptr);
    order->note = "changed";
    const auto moved = other.get<RegionalOrder>("north", 3);
    moved->number = 30;
    other.delete_(other.get<RegionalOrder>("north", 1));
    other.commit();
    CHECK(other.get<RegionalOrder>("north", 30) == moved);
    CHECK(other.get<RegionalOrder>("north", 3) == nullptr);
    Session fresh = backend->session();
    const auto all =
        fresh.query<RegionalOrder>()
            .order_by(col(&RegionalOrder::region).asc(), col(&RegionalOrder::number).asc())
            .all();
    REQUIRE(all.size() == 5);
    CHECK(all[1]->number == 30);
    CHECK(all[3]->note == "changed");
}

TEST_CASE("a copy of a mapped struct is detached: it is another object, and changing it changes "
          "nothing") {
    Library library;
    Session session = library->session();
    const auto artist = session.add(Artist{.name = "Miles"});
    session.commit();
    Artist copy = *artist;
    copy.name = "Somebody else";
    CHECK_FALSE(session.is_dirty());
    copy.id = 0;
    const auto second = session.add(std::move(copy));
    session.commit();
    CHECK(second != artist);
    CHECK(second->id != artist->id);
    CHECK(artist->name == "Miles");
}

TEST_CASE("const objects have no snapshot: what is written into them is never saved") {
    Library library;
    std::int64_t id = 0;
    {
        Session session = library->session();
        const auto artist = session.add(Artist{.name = "Miles"});
        session.commit();
        id = artist->id;
    }
    Session session = library->session();
    const std::shared_ptr<const Artist> artist = session.get<const Artist>(id);
    REQUIRE(artist);
    CHECK_FALSE(session.is_modified(artist));
    const_cast<Artist&>(*artist).name = "overwritten";
    CHECK_FALSE(session.is_dirty());
    session.commit();
    const auto all = session.query<const Artist>().all();
    CHECK(all.front() == artist);
    CHECK(library->session().get<Artist>(id)->name == "Miles");
}

TEST_CASE("plain values have no identity at all") {
    Library library;
    Session session = library->session();
    const auto artist = session.add(Artist{.name = "Miles"});
    session.commit();
    const auto value = session.get_values<Artist>(artist->id);
    REQUIRE(value);
    CHECK(value->name == "Miles");
    CHECK_FALSE(session.get_values<Artist>(artist->id + 1).has_value());
    auto values = session.query<Artist>().values();
    REQUIRE(values.size() == 1);
    values.front().name = "changed";
    CHECK_FALSE(session.is_dirty());
    std::size_t seen = 0;
    session.stream<Artist>([&](const Artist& each) { seen += each.name == "Miles" ? 1U : 0U; });
    CHECK(seen == 1);
}
