// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/music.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <stdexcept>
#include <thread>

using namespace mercator;
using namespace fixtures::music;
using test::Backend;
using test::SqlLog;

namespace {

struct Word {
    std::string text;
    int uses{};
};
void describe(Mapping<Word>& word) {
    word.table("words_by_text");
    word.column<&Word::text>(String(30)).primary_key();
    word.column<&Word::uses>();
}

struct Library : Backend {
    Library() {
        database().create_all<Artist, Album, Song, Word>();
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::unique_ptr<SqlLog> log;
};

} // namespace

TEST_CASE(
    "UOW-08 C20 a query sees what is new, changed and deleted; within no_autoflush it does not") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles"});
    session.commit();
    miles->country = "USA";
    session.add(Artist{.name = "Nina"});
    const auto in_usa = session.query<Artist>().where(col(&Artist::country) == "USA");
    {
        const auto guard = session.no_autoflush();
        library.log->clear();
        CHECK(session.query<Artist>().count() == 1);
        CHECK(in_usa.count() == 0);
        {
            const auto inner = session.no_autoflush();
            CHECK(in_usa.all().empty());
        }
        CHECK_FALSE(in_usa.exists()); // still held by the outer one
        CHECK(session.execute(select(col(&Artist::name))).size() == 1);
        CHECK(library.log->count("INSERT") + library.log->count("UPDATE") == 0);
        CHECK(session.new_objects().size() == 1);
    }
    CHECK(in_usa.count() == 1);
    CHECK(session.query<Artist>().count() == 2);
    session.delete_(miles);
    CHECK(in_usa.count() == 0);
}

TEST_CASE("UOW-08 within no_autoflush flush and commit still write, and an exception ends it") {
    Library library;
    Session session = library->session();
    try {
        const auto guard = session.no_autoflush();
        session.add(Artist{.name = "Miles"});
        session.flush();
        CHECK(session.query<Artist>().count() == 1);
        session.add(Artist{.name = "Nina"});
        throw std::runtime_error("out");
    } catch (const std::runtime_error&) {
    }
    CHECK(session.query<Artist>().count() == 2);
    session.commit();
    CHECK(library->session().query<Artist>().count() == 2);
}

TEST_CASE("UOW-08 a guard holds for a session that moves, and may outlive it") {
    Library library;
    std::optional<Session> session(library->session());
    std::optional<Session> moved;
    {
        const auto guard = session->no_autoflush();
        session->add(Artist{.name = "Miles"});
        moved.emplace(std::move(*session));
        CHECK(moved->query<Artist>().count() == 0);
        moved.reset();
    }
    CHECK(library->session().query<Artist>().count() == 0);
}

TEST_CASE(
    "UOW-08 C20 a lazy load and a lookup by key see new objects of the class, and only for these "
    "they flush") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles"});
    const auto album = session.add(Album{.title = "Kind of Blue"});
    album->artist = miles;
    session.commit();
    const auto key = miles->id;

    SUBCASE("a collection, by a foreign key that was set by its member") {
        Session fresh = library->session();
        const auto artist = fresh.get<Artist>(key);
        fresh.add(Album{.title = "Bitches Brew", .artist_id = key});
        CHECK(artist->albums.size() == 2);
    }
    SUBCASE("another class is left alone") {
        Session fresh = library->session();
        const auto artist = fresh.get<Artist>(key);
        const auto nina = fresh.add(Artist{.name = "Nina"});
        CHECK(artist->albums.size() == 1);
        CHECK(fresh.status(nina) == ObjectStatus::Pending);
    }
    SUBCASE("held by no_autoflush") {
        Session fresh = library->session();
        const auto artist = fresh.get<Artist>(key);
        const auto guard = fresh.no_autoflush();
        fresh.add(Album{.title = "Bitches Brew", .artist_id = key});
        CHECK(artist->albums.size() == 1);
    }
    SUBCASE("get finds a new object by the key that it was given") {
        const auto word = session.add(Word{.text = "jazz", .uses = 1});
        CHECK(session.get<Word>("jazz") == word);
        CHECK(session.status(word) == ObjectStatus::Persistent);
        library.log->clear();
        CHECK(session.get<Word>("jazz") == word);
        CHECK(library.log->count() == 0);
        CHECK(session.get<Word>("rock") == nullptr);
    }
}

TEST_CASE("UOW-13 get_one and first_or_throw: an object, or an error that names class and key") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles"});
    session.add(Word{.text = "jazz", .uses = 1});
    session.commit();
    CHECK(session.get_one<Artist>(miles->id) == miles);
    CHECK(session.get<Artist>(miles->id + 1) == nullptr);
    CHECK_THROWS_WITH_AS(static_cast<void>(session.get_one<Artist>(miles->id + 1)),
                         ("there is no Artist with id = " + std::to_string(miles->id + 1) +
                          "; use get() where absence is normal")
                             .c_str(),
                         NoResultFound);
    CHECK(session.get_one<const Word>("jazz")->uses == 1);
    try {
        static_cast<void>(session.get_one<Word>("rock"));
        FAIL("nothing was thrown");
    } catch (const NoResultFound& error) {
        CHECK(std::string(error.what()).find("no Word with text = ") != std::string::npos);
        CHECK(std::string(error.what()).find("rock") != std::string::npos);
        CHECK(error.where() == "Word");
        CHECK(error.code() == ErrorCode::NoResult);
    }

    const auto named = [&](const char* name) {
        return session.query<Artist>().where(col(&Artist::name) == name);
    };
    CHECK(named("Miles").first_or_throw() == miles);
    CHECK(named("nobody").first() == nullptr);
    CHECK_THROWS_WITH_AS(static_cast<void>(named("nobody").first_or_throw()),
                         "first_or_throw() found no Artist; use first() or one_or_none() where "
                         "absence is normal",
                         NoResultFound);
    CHECK_THROWS_AS(static_cast<void>(named("nobody").one()), NoResultFound);
    session.delete_(miles);
    CHECK_THROWS_AS(static_cast<void>(session.get_one<Artist>(miles->id)), NoResultFound);
    session.commit();
    CHECK_THROWS_AS(static_cast<void>(session.get_one<Artist>(miles->id)), NoResultFound);
}

TEST_CASE("UOW-14 a rollback takes back what objects were read anew after an update by query") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles", .country = "USA"});
    const auto nina = session.add(Artist{.name = "Nina", .country = "USA"});
    session.commit();
    session.query<Artist>().update(set(&Artist::country, "France"));
    static_cast<void>(session.query<Artist>().all());
    CHECK(miles->country == "France");

    SUBCASE("as it was read") {
        session.rollback();
    }
    SUBCASE("changed and flushed since") {
        miles->name = "Miles II";
        session.flush();
        session.rollback();
    }
    SUBCASE("updated twice") {
        session.query<Artist>().update(set(&Artist::country, "Spain"));
        session.refresh(nina);
        CHECK(nina->country == "Spain");
        session.rollback();
    }
    CHECK(miles->name == "Miles");
    CHECK(miles->country == "USA");
    CHECK(nina->country == "USA");
    CHECK_FALSE(session.is_dirty());
    library.log->clear();
    session.commit();
    CHECK(library.log->count("UPDATE") == 0);
    CHECK(library->session().get<Artist>(nina->id)->country == "USA");
}

TEST_CASE("UOW-14 a commit that fails after an update by query keeps the user's own changes only") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles", .country = "USA"});
    session.commit();
    session.query<Artist>().update(set(&Artist::country, "France"));
    session.refresh(miles);
    miles->name = "Miles II";
    session.flush();
    const auto twin = session.add(Artist{.name = "Miles II"});
    CHECK_THROWS_AS(session.commit(), UniqueViolation);
    CHECK(miles->country == "USA"); // the update by query is gone with its transaction
    CHECK(miles->name == "Miles II");
    CHECK(session.is_modified(miles));
    session.expunge(twin);
    session.commit();
    const auto found = library->session().get_values<Artist>(miles->id);
    REQUIRE(found);
    CHECK(found->name == "Miles II");
    CHECK(found->country == "USA");
}

TEST_CASE("a query that is kept beyond its session says so") {
    Library library;
    std::optional<Query<Artist>> kept;
    {
        Session session = library->session();
        session.add(Artist{.name = "Miles"});
        session.commit();
        kept.emplace(session.query<Artist>());
        CHECK(kept->count() == 1);
    }
    CHECK_THROWS_AS(static_cast<void>(kept->all()), DetachedError);
    CHECK_THROWS_AS(static_cast<void>(kept->count()), DetachedError);
    CHECK_THROWS_AS(kept->delete_(), DetachedError);
    Session another = library->session();
    CHECK(another.execute(*kept).size() == 1);
}

TEST_CASE("D13 a second thread in a session gets an error, and nothing is torn") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles"});
    const auto from_another_thread = [](auto&& action) {
        bool refused = false;
        std::thread([&] {
            try {
                action();
            } catch (const StateError&) {
                refused = true;
            }
        }).join();
        return refused;
    };
    // Not at the same time, so allowed.
    CHECK_FALSE(from_another_thread([&] { session.flush(); }));
    bool add = false;
    bool flush = false;
    bool query = false;
    bool rollback = false;
    session.stream<Artist>([&](const Artist&) {
        add = from_another_thread([&] { session.add(Artist{.name = "Nina"}); });
        flush = from_another_thread([&] { session.flush(); });
        query = from_another_thread([&] { static_cast<void>(session.query<Album>().all()); });
        rollback = from_another_thread([&] { session.rollback(); });
    });
    CHECK(add);
    CHECK(flush);
    CHECK(query);
    CHECK(rollback);
    session.commit();
    CHECK(library->session().query<Artist>().count() == 1);
    CHECK(session.status(miles) == ObjectStatus::Persistent);
}
