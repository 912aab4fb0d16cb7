// SPDX-License-Identifier: MIT
// A session that lets all its objects go, and goes on.
#include "support/backend.hpp"
#include "support/fixtures/music.hpp"

#include <doctest/doctest.h>

#include <malloc.h>

#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace mercator;
using namespace fixtures::music;
using test::Backend;

namespace {

struct Library : Backend {
    Library() { database().create_all<Artist, Album, Song>(); }
};

/// Bytes of this process that lie in memory.
std::size_t resident() {
    malloc_trim(0);
    std::size_t total = 0;
    std::size_t pages = 0;
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    REQUIRE(file != nullptr);
    REQUIRE(std::fscanf(file, "%zu %zu", &total, &pages) == 2);
    std::fclose(file);
    return pages * 4096;
}

} // namespace

TEST_CASE("D12 clear() lets all objects go: handles can be read, rows load anew, what was not "
          "flushed is not written") {
    Library library;
    Session session = library->session();
    const auto miles = session.add(Artist{.name = "Miles"});
    const auto blue = session.add(Album{.title = "Kind of Blue"});
    blue->artist = miles;
    const auto doomed = session.add(Artist{.name = "doomed"});
    session.commit();
    const auto seen = session.get<Artist>(miles->id);
    CHECK(seen->albums.size() == 1);
    miles->country = "USA";
    session.delete_(doomed);
    const auto pending = session.add(Artist{.name = "pending"});

    session.clear();
    CHECK_FALSE(session.is_dirty());
    CHECK(session.status(miles) == ObjectStatus::Detached);
    CHECK(session.status(doomed) == ObjectStatus::Detached);
    CHECK(session.status(pending) == ObjectStatus::Transient);
    CHECK_FALSE(session.contains(miles));
    CHECK(miles->country == "USA"); // as it was
    CHECK(blue->artist->name == "Miles");
    CHECK_THROWS_AS(session.refresh(miles), StateError);
    CHECK_THROWS_AS(session.add(pending), StateError);
    CHECK_THROWS_AS(session.add(Album{.title = "x", .artist = miles}), StateError);
    const auto again = session.get<Artist>(miles->id);
    CHECK(again != miles);
    CHECK_FALSE(again->country.has_value());
    session.add(Artist{.name = pending->name}); // a copy
    session.commit();
    CHECK(library->session().query<Artist>().count() == 3);
    session.clear();
    CHECK_THROWS_AS(static_cast<void>(again->albums.size()), DetachedError); // never loaded
}

TEST_CASE("D12 a transaction goes on when its objects are let go; what they stand for follows it "
          "while somebody holds them") {
    Library library;
    Session session = library->session();
    const auto old = session.add(Artist{.name = "old"});
    session.commit();
    const auto fresh = session.add(Artist{.name = "fresh"});
    session.delete_(old);
    session.flush();
    session.clear();
    CHECK(session.in_transaction());
    CHECK(session.status(fresh) == ObjectStatus::Detached);
    CHECK(session.status(old) == ObjectStatus::Detached);
    bool kept = true;
    SUBCASE("committed") {
        session.commit();
    }
    SUBCASE("rolled back") {
        session.rollback();
        kept = false;
    }
    SUBCASE("a flush that fails") {
        session.add(Artist{.name = "fresh"});
        CHECK_THROWS_AS(session.flush(), UniqueViolation);
        kept = false;
        session.rollback();
    }
    CHECK(session.status(fresh) == (kept ? ObjectStatus::Detached : ObjectStatus::Transient));
    CHECK(session.status(old) == ObjectStatus::Detached);
    std::set<std::string> names;
    for (const auto& artist : library->session().query<Artist>().values())
        names.insert(artist.name);
    CHECK(names == std::set<std::string>{kept ? "fresh" : "old"});
}

TEST_CASE("D12 clear() inside of a savepoint: its rollback still takes back the rows") {
    Library library;
    Session session = library->session();
    const auto outside = session.add(Artist{.name = "outside"});
    Savepoint savepoint = session.begin_nested();
    const auto inside = session.add(Artist{.name = "inside"});
    session.flush();
    session.clear();
    const auto later = session.add(Artist{.name = "later"});
    savepoint.rollback();
    CHECK(session.status(inside) == ObjectStatus::Transient);
    CHECK(session.status(later) == ObjectStatus::Transient);
    CHECK(session.status(outside) == ObjectStatus::Detached);
    CHECK(session.query<Artist>().one()->name == "outside");
    session.rollback();
    CHECK(session.status(outside) == ObjectStatus::Transient);
    CHECK(library->session().query<Artist>().count() == 0);
}

TEST_CASE("D12 listeners hear of objects that are let go, and hear on; clear() within another "
          "operation is refused") {
    Library library;
    std::vector<std::string> told;
    bool refused = false;
    Session session = library->session();
    session.on<Artist>(
        Transition::PersistentToDetached,
        [&](const std::shared_ptr<Artist>& artist) { told.push_back(artist->name); });
    session.on<Artist>(Transition::PendingToPersistent, [&](const std::shared_ptr<Artist>&) {
        try {
            session.clear();
        } catch (const StateError&) {
            refused = true;
        }
    });
    session.add(Artist{.name = "Miles"});
    {
        const auto guard = session.no_autoflush();
        CHECK(session.query<Artist>().count() == 0);
        session.flush();
        CHECK(refused);
        session.clear();
        CHECK(told == std::vector<std::string>{"Miles"});
        session.add(Artist{.name = "Nina"});
        CHECK(session.query<Artist>().count() == 1); // the guard holds on
    }
    CHECK(session.query<Artist>().count() == 2);
    session.clear();
    CHECK(told == std::vector<std::string>{"Miles", "Nina"});
}

TEST_CASE("D10 D12 objects live until their session lets them go, and no longer than that or their "
          "last handle") {
    Library library;
    Session session = library->session();
    std::weak_ptr<Artist> gone = session.add(Artist{.name = "Miles"});
    CHECK_FALSE(gone.expired()); // nobody holds it, and it is to be written
    session.flush();
    CHECK_FALSE(gone.expired());
    session.clear();
    CHECK(gone.expired()); // its transaction is still open
    session.commit();
    CHECK(library->session().query<Artist>().one()->name == "Miles");
    std::shared_ptr<Artist> held = session.query<Artist>().one();
    const std::weak_ptr<Artist> watched = held;
    session.clear();
    CHECK_FALSE(watched.expired());
    CHECK(held->name == "Miles");
    held.reset();
    CHECK(watched.expired());
}

TEST_CASE("D12 the memory of what was loaded comes back, and an object costs a few hundred bytes") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    test::skip("sanitizers keep memory of their own");
    return;
#endif
    Library library;
    Session session = library->session();
    constexpr std::size_t count = 100'000;
    for (std::size_t i = 0; i < count; ++i) {
        session.add(Album{.title = "album number " + std::to_string(i)});
        if (i % 5000 == 4999) {
            session.flush();
            session.clear();
        }
    }
    session.commit();
    session.clear();
    static_cast<void>(session.query<Album>().all()); // what libraries keep for the next time
    session.clear();
    const std::size_t before = resident();
    for (int round = 0; round < 3; ++round) {
        static_cast<void>(session.query<Album>().all());
        const std::size_t full = resident();
        session.clear();
        const std::size_t after = resident();
        const double each =
            (static_cast<double>(full) - static_cast<double>(before)) / static_cast<double>(count);
        CAPTURE(each);
        CHECK(each > 100); // it was there
        CHECK(each < 600); // a struct of 184 bytes with a short text, its state, image and entry
        CHECK(after < before + (full - before) / 4);
    }
}
