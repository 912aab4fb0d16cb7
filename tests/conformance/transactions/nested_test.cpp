// SPDX-License-Identifier: MIT
// Savepoints of a session: what is taken back, in the database and in memory, and what is not.
#include "support/backend.hpp"
#include "support/fixtures/music.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

using namespace mercator;
using namespace fixtures::music;
using test::Backend;
using test::SqlLog;

namespace {

using Names = std::vector<std::string>;

struct Library : Backend {
    Library() { database().create_all<Artist, Album, Song>(); }
    /// As another connection sees them.
    Names names() {
        Names found;
        for (const auto& artist :
             database().session().query<Artist>().order_by(col(&Artist::name)).values())
            found.push_back(artist.name);
        return found;
    }
};

Names titles(const std::shared_ptr<Artist>& artist) {
    std::set<std::string> sorted;
    for (const auto& album : artist->albums) sorted.insert(album->title);
    return {sorted.begin(), sorted.end()};
}

} // namespace

TEST_CASE("TXN-02 D05 D06 a rollback to a savepoint takes back what was done since, in the "
          "database and in memory, and leaves what was done before") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles"});
    const auto doomed = session.add(Artist{.name = "doomed"});
    const auto blue = session.add(Album{.title = "Kind of Blue", .year = 1959});
    blue->artist = miles;
    session.commit();

    miles->country = "USA"; // before the savepoint, not flushed by hand
    const auto nina = session.add(Artist{.name = "Nina"});
    Savepoint savepoint = session.begin_nested();
    CHECK(session.status(nina) == ObjectStatus::Persistent);
    const auto inside = session.add(Artist{.name = "inside"});
    const auto debut = session.add(Album{.title = "Debut"});
    debut->artist = nina;
    blue->artist = inside;
    miles->country = "France";
    nina->name = "Eunice";
    session.delete_(doomed);
    bool flushed = false;
    SUBCASE("flushed") {
        flushed = true;
        session.flush();
        CHECK(inside->id != 0);
    }
    SUBCASE("not flushed") {}
    const auto later = session.add(Artist{.name = "later"});
    CAPTURE(flushed);

    savepoint.rollback();
    CHECK_FALSE(savepoint.is_open());
    CHECK(session.in_transaction());
    for (const auto& artist : {inside, later}) {
        CHECK(session.status(artist) == ObjectStatus::Transient);
        CHECK(artist->id == 0);
    }
    CHECK(session.status(debut) == ObjectStatus::Transient);
    CHECK(session.status(doomed) == ObjectStatus::Persistent);
    CHECK(session.status(nina) == ObjectStatus::Persistent);
    CHECK(miles->country == "USA");
    CHECK(nina->name == "Nina");
    CHECK(blue->artist.handle() == miles);
    CHECK(titles(miles) == Names{"Kind of Blue"});
    CHECK(nina->albums.empty());
    CHECK_FALSE(session.is_dirty());
    CHECK(session.query<Artist>().count() == 3);
    CHECK(session.get<Artist>(doomed->id) == doomed);

    session.add(later);
    session.commit();
    CHECK(library.names() == Names{"Miles", "Nina", "doomed", "later"});
    CHECK(library->session().get<Artist>(miles->id)->country == "USA");
    CHECK(library->session().get<Album>(blue->id)->artist_id == miles->id);
}

TEST_CASE("TXN-02 D06 savepoints two and ten deep: each rollback goes back to its own, each commit "
          "hands on to the one outside") {
    Library library;
    Session session = library->session();
    const auto artist = session.add(Artist{.name = "0"});
    session.commit();
    {
        Savepoint outer = session.begin_nested();
        artist->name = "1";
        const auto first = session.add(Album{.title = "first"});
        first->artist = artist;
        {
            Savepoint inner = session.begin_nested();
            artist->name = "2";
            const auto second = session.add(Album{.title = "second"});
            artist->albums.add(second);
            session.delete_(first);
            inner.rollback();
            CHECK(session.status(first) == ObjectStatus::Persistent);
            CHECK(session.status(second) == ObjectStatus::Transient);
        }
        CHECK(artist->name == "1");
        CHECK(titles(artist) == Names{"first"});
        {
            Savepoint inner = session.begin_nested();
            artist->name = "3";
            artist->albums.add(session.add(Album{.title = "third"}));
            inner.commit();
        }
        CHECK(artist->name == "3");
        outer.rollback(); // also what was committed inside of it
        CHECK(artist->name == "0");
        CHECK(artist->albums.empty());
        CHECK(session.status(first) == ObjectStatus::Transient);
    }
    std::vector<Savepoint> all;
    for (int i = 0; i < 10; ++i) {
        all.push_back(session.begin_nested());
        artist->name = "level " + std::to_string(i);
        session.add(Artist{.name = std::to_string(i)});
    }
    for (int i = 9; i >= 0; --i) {
        if (i % 4 == 3) {
            all.back().rollback();
            CHECK(artist->name == "level " + std::to_string(i - 1));
        } else {
            all.back().commit();
        }
        all.pop_back();
    }
    session.commit();
    CHECK(artist->name == "level 2");
    CHECK(library.names() == Names{"0", "1", "2", "level 2"});
    CHECK(library->session().query<Album>().count() == 0);
}

TEST_CASE("TXN-02 an outer savepoint ends those inside of it, the session's commit and rollback "
          "end all") {
    Library library;
    Session session = library->session();
    const auto add = [&](const char* name) { return session.add(Artist{.name = name}); };
    Savepoint outer = session.begin_nested();
    add("outer");
    Savepoint inner = session.begin_nested();
    const auto artist = add("inner");
    SUBCASE("commit of the outer") {
        outer.commit();
        CHECK_FALSE(inner.is_open());
        CHECK_THROWS_AS(inner.commit(), StateError);
        CHECK_THROWS_AS(inner.rollback(), StateError); // too late to be heard
        session.commit();
        CHECK(library.names() == Names{"inner", "outer"});
    }
    SUBCASE("rollback of the outer") {
        outer.rollback();
        CHECK_FALSE(inner.is_open());
        CHECK_THROWS_AS(inner.commit(), StateError);
        inner.rollback(); // what it asks for has happened
        outer.rollback();
        CHECK(session.status(artist) == ObjectStatus::Transient);
        session.commit();
        CHECK(library.names().empty());
    }
    SUBCASE("commit of the session") {
        session.commit();
        CHECK_FALSE(outer.is_open());
        CHECK_THROWS_AS(outer.commit(), StateError);
        CHECK(library.names() == Names{"inner", "outer"});
        CHECK(session.status(artist) == ObjectStatus::Persistent);
    }
    SUBCASE("rollback of the session") {
        session.rollback();
        CHECK_FALSE(outer.is_open());
        CHECK_THROWS_AS(outer.commit(), StateError);
        CHECK(session.status(artist) == ObjectStatus::Transient);
        session.commit();
        CHECK(library.names().empty());
    }
    SUBCASE("the end of the session") {
        session.close();
        CHECK_FALSE(outer.is_open());
        CHECK_THROWS_AS(outer.commit(), StateError);
        outer.rollback();
        CHECK(library.names().empty());
        CHECK(session.status(artist) == ObjectStatus::Transient);
    }
    SUBCASE("a savepoint that was moved") {
        Savepoint same(std::move(inner));
        same.rollback();
        outer.commit();
        session.commit();
        CHECK(library.names() == Names{"outer"});
    }
}

TEST_CASE(
    "TXN-02 nested() commits when its function returns and rolls back when it throws; the end "
    "of a scope rolls back") {
    Library library;
    Session session = library->session();
    session.add(Artist{.name = "before"});
    CHECK(session.nested([&] { return session.add(Artist{.name = "kept"}); })->name == "kept");
    std::shared_ptr<Artist> dropped;
    CHECK_THROWS_AS(session.nested([&] {
        dropped = session.add(Artist{.name = "dropped"});
        session.flush();
        throw std::logic_error("mine");
    }),
                    std::logic_error);
    CHECK(session.status(dropped) == ObjectStatus::Transient);
    CHECK_THROWS_AS(session.nested([&] { session.add(Artist{.name = "kept"}); }), UniqueViolation);
    {
        const Savepoint savepoint = session.begin_nested();
        session.add(Artist{.name = "scope"});
    }
    session.nested([&] {
        session.add(Artist{.name = "outer"});
        try {
            session.nested([&] {
                session.add(Artist{.name = "inner"});
                throw 1;
            });
        } catch (int) {
        }
    });
    CHECK_FALSE(session.is_dirty());
    session.commit();
    CHECK(library.names() == Names{"before", "kept", "outer"});
}

TEST_CASE("TXN-02 C17 what the database refuses inside a savepoint is pending there, and can be "
          "mended or dropped; the work outside goes on") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles"});
    Savepoint savepoint = session.begin_nested();
    const auto good = session.add(Album{.title = "Kind of Blue"});
    good->artist = miles;
    session.flush();
    const auto twin = session.add(Artist{.name = "Miles"});
    CHECK_THROWS_AS(session.flush(), UniqueViolation);
    CHECK(savepoint.is_open());
    CHECK(session.in_transaction());
    CHECK(session.status(twin) == ObjectStatus::Pending);
    CHECK(session.status(good) == ObjectStatus::Pending); // written since the savepoint
    CHECK(good->id == 0);
    CHECK(session.status(miles) == ObjectStatus::Persistent);
    CHECK_THROWS_AS(savepoint.commit(), UniqueViolation);
    CHECK_THROWS_AS(session.commit(), UniqueViolation);
    CHECK(session.in_transaction());
    SUBCASE("mended") {
        twin->name = "Nina";
        savepoint.commit();
        session.commit();
        CHECK(library.names() == Names{"Miles", "Nina"});
        CHECK(session.status(good) == ObjectStatus::Persistent);
        CHECK(library->session().get_one<Album>(good->id)->artist_id == miles->id);
    }
    SUBCASE("dropped") {
        savepoint.rollback();
        CHECK(session.status(twin) == ObjectStatus::Transient);
        CHECK(miles->albums.empty());
        session.commit();
        CHECK(library.names() == Names{"Miles"});
        CHECK(library->session().query<Album>().count() == 0);
    }
}

TEST_CASE("TXN-02 rows read inside a savepoint that is rolled back are read again; those written "
          "without objects, too") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles"});
    session.add(Artist{.name = "Nina"});
    session.commit();
    std::shared_ptr<Artist> ghost;
    std::shared_ptr<Artist> nina;
    {
        const Savepoint savepoint = session.begin_nested();
        session.query<Artist>().update(set(&Artist::country, std::optional<std::string>("USA")));
        session.connection().execute_script("INSERT INTO " + library.quoted("artists") + " (" +
                                            library.quoted("name") + ") VALUES ('ghost')");
        ghost = session.query<Artist>().where(col(&Artist::name) == "ghost").one();
        nina = session.query<Artist>().where(col(&Artist::name) == "Nina").one();
        session.refresh(miles);
        CHECK(miles->country == "USA");
        CHECK(nina->country == "USA");
    }
    CHECK_FALSE(miles->country.has_value());
    CHECK(session.get<Artist>(miles->id) == miles);
    CHECK_FALSE(session.get<Artist>(nina->id)->country.has_value());
    CHECK_FALSE(session.get<Artist>(ghost->id));
    session.commit();
    CHECK(library.names() == Names{"Miles", "Nina"});
}

TEST_CASE("TXN-02 C12 keys that change inside a savepoint come back: the object is found by the "
          "one that its row has") {
    Library library;
    Session session = library->session();
    const auto one = session.add(Artist{.id = 10, .name = "one"});
    const auto two = session.add(Artist{.id = 20, .name = "two"});
    Savepoint outer = session.begin_nested();
    two->id = 30;
    Savepoint inner = session.begin_nested();
    one->id = 20;
    session.delete_(two);
    const auto other = session.add(Artist{.id = 10, .name = "other"});
    session.flush();
    CHECK(session.get<Artist>(20) == one);
    CHECK(session.get<Artist>(10) == other);
    inner.rollback();
    CHECK(one->id == 10);
    CHECK(session.get<Artist>(10) == one);
    CHECK(session.get<Artist>(30) == two);
    CHECK_FALSE(session.get<Artist>(20));
    outer.rollback();
    CHECK(session.get<Artist>(20) == two);
    session.commit();
    CHECK(library.names() == Names{"one", "two"});
}

TEST_CASE("TXN-02 listeners are told what became of objects when a savepoint is rolled back, and "
          "nothing of what stays") {
    Library library;
    Names told; // outlives the session
    Session session = library->session();
    const auto doomed = session.add(Artist{.name = "doomed"});
    session.commit();
    session.on_transition([&](Transition transition, const AnyObject& object) {
        told.push_back(object.as<Artist>()->name + " " + std::string(name_of(transition)));
    });
    const auto outside = session.add(Artist{.name = "outside"});
    Savepoint savepoint = session.begin_nested();
    session.add(Artist{.name = "inside"});
    session.delete_(doomed);
    session.flush();
    session.add(Artist{.name = "pending"});
    told.clear();
    savepoint.rollback();
    CHECK(std::set<std::string>(told.begin(), told.end()) ==
          std::set<std::string>{"inside PersistentToTransient", "doomed DeletedToPersistent",
                                "pending PendingToTransient"});
    told.clear();
    session.nested([&] { outside->country = "USA"; });
    session.commit();
    CHECK(told.empty());
}

TEST_CASE("TXN-02 what a savepoint sends is what lies in it, and nothing for objects") {
    Library library;
    SqlLog log(library->engine());
    Session session = library->session();
    session.add(Artist{.name = "Miles"});
    log.clear();
    Savepoint savepoint = session.begin_nested();
    CHECK(log.count() == 1); // the INSERT before it
    const auto nina = session.add(Artist{.name = "Nina"});
    savepoint.commit();
    CHECK(log.count("INSERT") == 2);
    log.clear();
    { const Savepoint idle = session.begin_nested(); }
    CHECK(nina->name == "Nina");
    CHECK_MESSAGE(log.count() == 0, log.dump());
    session.commit();
    CHECK(library.names() == Names{"Miles", "Nina"});
}

TEST_CASE(
    "TXN-02 a commit that fails after savepoints were committed or rolled back has all of the "
    "rest to write again") {
    Library library;
    Session session = library->session();
    const auto artist = session.add(Artist{.name = "Miles"});
    const auto blue = session.add(Album{.title = "Kind of Blue"});
    artist->albums.add(blue);
    session.nested([&] { artist->albums.add(session.add(Album{.title = "Debut"})); });
    {
        const Savepoint dropped = session.begin_nested();
        artist->albums.add(session.add(Album{.title = "dropped"}));
        blue->artist = nullptr;
        session.flush();
    }
    const auto twin = session.add(Artist{.name = "Miles"});
    CHECK_THROWS_AS(session.commit(), UniqueViolation);
    CHECK_FALSE(session.in_transaction());
    CHECK(session.status(artist) == ObjectStatus::Pending);
    CHECK(blue->artist.handle() == artist);
    CHECK(titles(artist) == Names{"Debut", "Kind of Blue"});
    twin->name = "Nina";
    session.commit();
    CHECK(library.names() == Names{"Miles", "Nina"});
    Session other = library->session();
    CHECK(titles(other.get_one<Artist>(artist->id)) == Names{"Debut", "Kind of Blue"});
}

TEST_CASE("TXN-02 a listener that throws while a savepoint begins or ends leaves none behind") {
    Library library;
    bool throwing = false;
    Session session = library->session();
    session.on<Artist>(Transition::PendingToPersistent, [&](const std::shared_ptr<Artist>&) {
        if (throwing) throw std::runtime_error("no room");
    });
    const auto outside = session.add(Artist{.name = "outside"});
    throwing = true;
    CHECK_THROWS_WITH_AS(static_cast<void>(session.begin_nested()), "no room", std::runtime_error);
    CHECK(session.status(outside) == ObjectStatus::Persistent); // written before it
    throwing = false;
    Savepoint savepoint = session.begin_nested();
    const auto inside = session.add(Artist{.name = "inside"});
    throwing = true;
    CHECK_THROWS_WITH_AS(savepoint.commit(), "no room", std::runtime_error);
    CHECK_FALSE(savepoint.is_open()); // it is committed all the same
    CHECK(session.status(inside) == ObjectStatus::Persistent);
    session.commit();
    CHECK(library.names() == Names{"inside", "outside"});
}

TEST_CASE(
    "TXN-02 nested() gives back what its function gives, references and what cannot be copied") {
    Library library;
    Session session = library->session();
    int counter = 0;
    int& same = session.nested([&]() -> int& { return counter; });
    CHECK(&same == &counter);
    const std::unique_ptr<int> made = session.nested([] { return std::make_unique<int>(7); });
    CHECK(*made == 7);
    static_assert(std::is_void_v<decltype(session.nested([] {}))>);
}

TEST_CASE("TXN-02 a session that is moved takes its savepoints along") {
    Library library;
    std::optional<Session> first(library->session());
    first->add(Artist{.name = "outside"});
    Savepoint savepoint = first->begin_nested();
    first->add(Artist{.name = "inside"});
    Session second(std::move(*first));
    first.reset();
    CHECK(savepoint.is_open());
    savepoint.rollback();
    second.commit();
    CHECK(library.names() == Names{"outside"});
}
