// SPDX-License-Identifier: MIT
// One program that goes through everything an application does, the same on every backend.
#include "support/backend.hpp"
#include "support/fixtures/music.hpp"

#include <doctest/doctest.h>

using namespace mercator;
using namespace fixtures::music;
using test::Backend;

namespace {

void fill(Database& database) {
    Session session = database.session();
    const auto miles = session.add(Artist{.name = "Miles", .country = "USA"});
    const auto blue = session.add(Album{.title = "Kind of Blue", .year = 1959});
    miles->albums.add(blue);
    for (const auto& [title, seconds] :
         {std::pair{"So What", 562}, std::pair{"Blue in Green", 337}}) {
        const auto song = session.add(
            Song{.title = title, .seconds = seconds, .price = Decimal("19.99"), .plays = 3});
        song->album = blue;
    }
    session.commit();
    CHECK(miles->id > 0);
    CHECK(blue->artist_id == miles->id);
}

void read(Database& database) {
    Session session = database.session();
    const auto artist = session.query<Artist>().where(col(&Artist::name).startswith("Mi")).one();
    CHECK(artist->country == "USA");
    CHECK(artist->albums.size() == 1);
    const auto song = session.query<Song>().order_by(col(&Song::seconds).desc()).limit(1).one();
    CHECK(song->title == "So What");
    CHECK(song->price == Decimal("19.99"));
    CHECK(song->album->artist.get() == artist.get());
    const auto [title, count, length] =
        session
            .execute(select(col(&Album::title), func::count(col(&Song::id)),
                            func::sum(col(&Song::seconds)))
                         .join<&Album::songs>()
                         .group_by(col(&Album::title))
                         .having(func::count(col(&Song::id)) > 1))
            .one();
    CHECK(title == "Kind of Blue");
    CHECK(count == 2);
    CHECK(length == 562 + 337);
}

void change(Database& database) {
    Session session = database.session();
    const auto song = session.query<Song>().where(col(&Song::title) == "So What").one();
    song->plays = 4;
    song->price = Decimal("0.01");
    session.flush();
    CHECK(session.query<Song>().where(col(&Song::plays) == 4).count() == 1);
    session.rollback();
    CHECK(song->plays == 3);
    song->plays = 5;
    session.commit();
    CHECK(database.session().get<Song>(song->id)->plays == 5);
    CHECK(session.query<Song>().where(col(&Song::seconds) < 400).update(set(&Song::plays, 9)) == 1);
    session.commit();
}

void break_rules(Database& database) {
    Session session = database.session();
    const auto twice = session.add(Artist{.name = "Miles"});
    CHECK_THROWS_AS(session.commit(), UniqueViolation);
    session.expunge(twice);
    session.delete_(session.query<Album>().one());
    CHECK_THROWS_AS(session.commit(), ForeignKeyViolation);
    session.rollback();
    CHECK(session.query<Artist>().count() == 1);
    CHECK(session.query<Album>().count() == 1);
}

void remove(Database& database) {
    Session session = database.session();
    for (const auto& song : session.query<Song>().all()) session.delete_(song);
    session.delete_(session.query<Album>().one());
    session.delete_(session.query<Artist>().one());
    session.commit();
    CHECK(database.session().query<Song>().count() == 0);
    CHECK(database.session().query<Artist>().count() == 0);
}

} // namespace

TEST_CASE("CON-01 one program runs on every backend from one binary") {
    Backend backend;
    Database& database = backend.database();
    database.create_all<Artist, Album, Song>();
    database.create_all<Artist, Album, Song>(); // again: nothing to do
    fill(database);
    read(database);
    change(database);
    break_rules(database);
    remove(database);
    database.drop_all<Artist, Album, Song>();
    Connection connection = database.engine().connect();
    CHECK(database.engine().dialect().inspector(connection.driver())->table_names().empty());
}
