// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/music.hpp"
#include "support/fixtures/tree.hpp"
#include "support/sql_log.hpp"
#include "support/sql_text.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <type_traits>

using namespace mercator;
using namespace fixtures::music;
using test::Backend;
using test::SqlLog;

namespace {

struct Library : Backend {
    Library() {
        database().create_all<Artist, Album, Song>();
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::int64_t artists() { return database().session().query<Artist>().count(); }
    std::unique_ptr<SqlLog> log;
};

} // namespace

TEST_CASE("TXN-01 a session left without commit is rolled back, as another connection sees") {
    Library library;
    {
        Session session = library->session();
        session.add(Artist{.name = "Miles"});
        session.flush();
        CHECK(session.in_transaction());
    }
    CHECK(library.artists() == 0);
    const auto other = library.another();
    CHECK(other->session().query<Artist>().count() == 0);
}

TEST_CASE(
    "TXN-01 a session left by an exception is rolled back, and the exception arrives intact") {
    static_assert(std::is_nothrow_destructible_v<Session>);
    static_assert(std::is_nothrow_destructible_v<Transaction>);
    Library library;
    try {
        Session session = library->session();
        session.add(Artist{.name = "Miles"});
        session.flush();
        throw std::runtime_error("the user's own");
    } catch (const std::runtime_error& error) {
        CHECK(std::string(error.what()) == "the user's own");
    }
    CHECK(library.artists() == 0);
}

TEST_CASE("TXN-01 a session used and committed inside a destructor that runs during unwinding does "
          "commit") {
    Library library;
    struct Farewell {
        Library& library;
        ~Farewell() {
            Session session = library->session();
            session.add(Artist{.name = "from the destructor"});
            session.commit();
        }
    };
    try {
        const Farewell farewell{library};
        throw std::runtime_error("unwinding");
    } catch (const std::runtime_error&) {
    }
    CHECK(library.artists() == 1);
}

TEST_CASE("TXN-01 a Transaction over a connection commits once, and is rolled back by its scope") {
    Library library;
    const std::string insert = "INSERT INTO " + library.quoted("artists") + " (" +
                               library.quoted("name") + ") VALUES ('x')";
    Connection connection = library->engine().connect();
    {
        Transaction transaction(connection);
        connection.execute_script(insert);
    }
    CHECK_FALSE(connection.in_transaction());
    {
        Transaction transaction(connection);
        connection.execute_script(insert);
        transaction.commit();
        CHECK_THROWS_AS(transaction.commit(), StateError);
    }
    CHECK(library.artists() == 1);
}

TEST_CASE("TXN-01 commit twice, rollback after commit, commit after rollback send nothing") {
    Library library;
    Session session = library->session();
    session.add(Artist{.name = "Miles"});
    session.commit();
    library.log->clear();
    CHECK_NOTHROW(session.commit());
    CHECK_NOTHROW(session.rollback());
    CHECK_NOTHROW(session.commit());
    CHECK(library.log->count() == 0);
    CHECK_FALSE(session.in_transaction());
    CHECK(library.artists() == 1);
}

TEST_CASE("a closed session says so") {
    Library library;
    Session session = library->session();
    const auto artist = session.add(Artist{.name = "Miles"});
    session.commit();
    session.close();
    CHECK_THROWS_AS(session.commit(), StateError);
    CHECK_THROWS_AS(session.rollback(), StateError);
    CHECK_THROWS_AS(session.add(Artist{}), StateError);
    CHECK_THROWS_AS(static_cast<void>(session.query<Artist>().all()), StateError);
    CHECK_THROWS_AS(static_cast<void>(session.get<Artist>(1)), StateError);
    CHECK(artist->name == "Miles");
}

TEST_CASE("a session that was moved from says so, and the new one has all that it had") {
    Backend backend;
    backend->create_all<Artist>();
    Session former = backend->session();
    const auto artist = former.add(Artist{.name = "Nina"});
    Session session = std::move(former);
    CHECK_THROWS_AS(former.flush(), mercator::StateError); // NOLINT(bugprone-use-after-move)
    CHECK_THROWS_AS(static_cast<void>(former.query<Artist>()), mercator::StateError);
    CHECK_THROWS_AS(former.add(Artist{.name = "Ella"}), mercator::StateError);
    CHECK_FALSE(former.in_transaction());
    CHECK_FALSE(former.contains(artist));
    former.close();
    session.commit();
    CHECK(backend->session().query<Artist>().count() == 1);
}

TEST_CASE("an object of one session is refused by another") {
    Library library;
    Session first = library->session();
    Session second = library->session();
    const auto artist = first.add(Artist{.name = "Miles"});
    first.commit();
    CHECK_THROWS_AS(second.add(artist), StateError);
    CHECK_THROWS_AS(second.delete_(artist), StateError);
    CHECK_THROWS_AS(second.refresh(artist), StateError);
    const auto album = second.add(Album{.title = "Kind of Blue"});
    CHECK_THROWS_AS(album->artist = artist, StateError);
    CHECK_THROWS_AS(second.add(Album{.title = "other", .artist = artist}), StateError);
    const auto loose = std::make_shared<Artist>(Artist{.name = "loose"});
    CHECK_THROWS_AS(second.delete_(loose), StateError);
    CHECK_THROWS_AS(album->artist = loose, StateError);
    CHECK(album->artist == nullptr);
}

TEST_CASE(
    "D05 a rollback gives objects their rows back, lets new ones go and brings deleted ones back") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles", .country = "USA"});
    const auto nina = session.add(Artist{.name = "Nina"});
    const auto blue = session.add(Album{.title = "Kind of Blue"});
    blue->artist = miles;
    session.commit();
    const auto key = miles->id;

    bool flushed = false;
    SUBCASE("before a flush") {}
    SUBCASE("after a flush") {
        flushed = true;
    }
    miles->name = "changed";
    miles->country.reset();
    session.delete_(nina);
    const auto fresh = session.add(Artist{.name = "new"});
    const auto album = session.add(Album{.title = "new"});
    album->artist = fresh;
    blue->artist = fresh;
    if (flushed) session.flush();
    session.rollback();

    CHECK(miles->name == "Miles");
    CHECK(miles->country == "USA");
    CHECK(miles->id == key);
    CHECK(blue->artist.handle() == miles);
    CHECK(miles->albums.size() == 1);
    CHECK(session.status(miles) == ObjectStatus::Persistent);
    CHECK(session.status(nina) == ObjectStatus::Persistent);
    CHECK(session.status(fresh) == ObjectStatus::Transient);
    CHECK_FALSE(session.contains(fresh));
    CHECK(fresh->id == 0);
    CHECK_FALSE(session.is_dirty());
    CHECK(session.get<Artist>(key) == miles);
    library.log->clear();
    session.commit();
    CHECK(library.log->count("INSERT") + library.log->count("UPDATE") +
              library.log->count("DELETE") ==
          0);

    // What left the session can be added again, with what it is related to.
    session.add(album);
    session.commit();
    CHECK(session.status(fresh) == ObjectStatus::Persistent);
    CHECK(album->artist_id == fresh->id);
    Session other = library->session();
    CHECK(other.get<Album>(album->id)->artist->name == "new");
    CHECK(other.query<Artist>().count() == 3);
}

TEST_CASE("added and deleted in one transaction: a rollback leaves nothing behind") {
    Library library;
    Session session = library->session();
    const auto artist = session.add(Artist{.name = "Miles"});
    session.flush();
    session.delete_(artist);
    SUBCASE("not flushed") {}
    SUBCASE("flushed") {
        session.flush();
    }
    session.rollback();
    CHECK(session.status(artist) == ObjectStatus::Transient);
    session.commit();
    CHECK(library.artists() == 0);
    session.add(artist);
    session.commit();
    CHECK(library.artists() == 1);
}

TEST_CASE("a failed flush loses nothing: mend and commit again") {
    Library library;
    Session session = library->session();
    session.add(Artist{.name = "Miles"});
    session.commit();

    const auto album = session.add(Album{.title = "Kind of Blue"});
    const auto twin = session.add(Artist{.name = "Miles"});
    const auto song =
        session.add(Song{.title = "So What", .seconds = 562, .price = Decimal("0.99")});
    album->artist = twin;
    album->songs.add(song);
    CHECK_THROWS_AS(session.commit(), UniqueViolation);
    CHECK(session.status(album) == ObjectStatus::Pending);
    CHECK(session.status(twin) == ObjectStatus::Pending);
    CHECK(session.status(song) == ObjectStatus::Pending);
    CHECK_FALSE(session.in_transaction());
    CHECK(library.artists() == 1);
    CHECK_THROWS_AS(session.commit(), UniqueViolation);

    twin->name = "Miles II";
    session.commit();
    Session other = library->session();
    const auto found = other.query<Song>().one();
    CHECK(found->album->artist->name == "Miles II");
    CHECK(found->price == Decimal("0.99"));
    CHECK(other.query<Artist>().count() == 2);
}

TEST_CASE(
    "a failed flush after others in the same transaction puts all of them back to be written") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles"});
    const auto nina = session.add(Artist{.name = "Nina"});
    session.commit();

    miles->country = "USA";
    session.flush();
    const auto ella = session.add(Artist{.name = "Ella"});
    session.flush();
    session.delete_(nina);
    session.flush();
    const auto twin = session.add(Artist{.name = "Ella"});
    CHECK_THROWS_AS(session.flush(), UniqueViolation);
    CHECK(session.is_modified(miles));
    CHECK(session.status(ella) == ObjectStatus::Pending);
    CHECK(session.status(nina) == ObjectStatus::Deleted);
    CHECK(session.status(twin) == ObjectStatus::Pending);
    session.expunge(twin);
    session.commit();

    Session other = library->session();
    CHECK(other.get<Artist>(miles->id)->country == "USA");
    CHECK(other.get<Artist>(ella->id)->name == "Ella");
    CHECK(other.query<Artist>().count() == 2);
}

TEST_CASE("a statement error that was swallowed does not become a silent half of a commit") {
    Library library;
    Session session = library->session();
    const auto artist = session.add(Artist{.name = "Miles"});
    session.flush();
    CHECK_THROWS_AS(session.connection().fetch_all("SELECT nothing FROM nowhere"),
                    ProgrammingError);
    // Either the database goes on and keeps the row, or the commit throws and the object is new
    // again.
    bool committed = false;
    try {
        session.commit();
        committed = true;
    } catch (const Error&) {
        CHECK(session.status(artist) == ObjectStatus::Pending);
        CHECK(library.artists() == 0);
        session.commit();
    }
    CAPTURE(committed);
    CHECK(session.status(artist) == ObjectStatus::Persistent);
    CHECK(library.artists() == 1);
}

TEST_CASE("a query sees what is new, changed and deleted before it runs") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles"});
    CHECK(session.query<Artist>().count() == 1);
    miles->country = "USA";
    CHECK(session.query<Artist>().where(col(&Artist::country) == "USA").count() == 1);
    CHECK(session.execute(select(col(&Artist::country))).scalar_one() == "USA");
    session.delete_(miles);
    CHECK(session.query<Artist>().all().empty());
    CHECK_FALSE(session.query<Artist>().exists());
}

TEST_CASE(
    "a query flushes only when it reads a table with changes, and not at all when asked not to") {
    Library library;
    {
        Session session = library->session();
        session.add(Artist{.name = "Miles"});
        library.log->clear();
        CHECK(session.query<Album>().count() == 0);
        CHECK(library.log->count("INSERT") == 0);
        CHECK(session.query<Artist>().count() == 1);
        CHECK(library.log->count("INSERT") == 1);
    }
    Session session = library->session(SessionOptions{.autoflush = false});
    session.add(Artist{.name = "Miles"});
    CHECK(session.query<Artist>().count() == 0);
    session.commit();
    CHECK(session.query<Artist>().count() == 1);
}

TEST_CASE("a foreign key changed through a relationship is seen by the next query") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles"});
    const auto blue = session.add(Album{.title = "Kind of Blue"});
    session.commit();
    blue->artist = miles;
    CHECK(session.query<Album>().where(col(&Album::artist_id) == miles->id).count() == 1);
}

TEST_CASE("what another session committed is read in the next transaction") {
    Library library;
    Session reader = library->session();
    const auto miles = reader.add(Artist{.name = "Miles"});
    reader.commit();
    {
        Session writer = library->session();
        writer.get<Artist>(miles->id)->country = "USA";
        writer.commit();
    }
    CHECK(reader.get<Artist>(miles->id) == miles);
    CHECK(miles->country == "USA");
}
