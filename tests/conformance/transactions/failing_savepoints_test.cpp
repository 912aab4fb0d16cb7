// SPDX-License-Identifier: MIT
// Every driver call of work with savepoints fails once: the work outside is never lost, and what
// was done inside is never kept by half.
#include "support/backend.hpp"
#include "support/faulty_dialect.hpp"
#include "support/fixtures/music.hpp"

#include <mercator/support/url.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace mercator;
using fixtures::music::Album;
using fixtures::music::Artist;
using fixtures::music::Song;
using test::Backend;
using testing::Faults;

namespace {

using Rows = std::vector<std::string>;

const Rows before{"Miles/-", "gone/-", "Kind of Blue of Miles"};
const Rows outside{"Miles/USA", "Nina/-", "gone/-", "Kind of Blue of Nina"};
const Rows everything{"Inside/-", "Miles/France", "Nina/-", "Debut of Nina",
                      "Kind of Blue of Inside"};

/// A session on a driver that fails as told, with work outside of a savepoint and inside.
struct Nested {
    explicit Nested(Backend& on) :
        backend(on),
        engine(Url::parse(on.uri()), testing::make_faulty_dialect(on.uri(), faults)),
        session(engine) {
        miles = session.add(Artist{.name = "Miles"});
        gone = session.add(Artist{.name = "gone"});
        blue = session.add(Album{.title = "Kind of Blue"});
        blue->artist = miles;
        session.commit();
        miles->country = "USA";
        nina = session.add(Artist{.name = "Nina"});
        blue->artist = nina;
    }
    ~Nested() {
        faults->fail_nothing();
        session.close();
        auto cleaning = backend->session();
        cleaning.query<Album>().delete_();
        cleaning.query<Artist>().delete_();
        cleaning.commit();
    }
    void work_inside() {
        miles->country = "France";
        session.delete_(gone);
        inside = session.add(Artist{.name = "Inside"});
        debut = session.add(Album{.title = "Debut"});
        debut->artist = nina;
        blue->artist = inside;
        session.flush();
        nina->name = "Nobody"; // and a second flush of the same rows
        session.flush();
        nina->name = "Nina";
    }
    [[nodiscard]] Rows rows() const {
        auto other = backend->session();
        Rows list;
        for (const auto& artist : other.query<Artist>().order_by(col(&Artist::name)).all())
            list.push_back(artist->name + "/" + artist->country.value_or("-"));
        for (const auto& album : other.query<Album>().order_by(col(&Album::title)).all())
            list.push_back(album->title + " of " + album->artist->name);
        std::sort(list.begin(), list.end(), [](const std::string& a, const std::string& b) {
            const auto album = [](const std::string& row) { return row.find(" of ") != row.npos; };
            return std::pair(album(a), a) < std::pair(album(b), b);
        });
        return list;
    }
    /// What was done outside is in the transaction or to be written; what was done inside is not.
    void check_only_outside() {
        CHECK(miles->country == "USA");
        CHECK(blue->artist.handle() == nina);
        CHECK(nina->name == "Nina");
        CHECK(session.status(gone) == ObjectStatus::Persistent);
        for (const auto& status : {inside ? session.status(inside) : ObjectStatus::Transient,
                                   debut ? session.status(debut) : ObjectStatus::Transient}) {
            CHECK(status == ObjectStatus::Transient);
        }
        CHECK(session.contains(nina));
    }

    Backend& backend;
    std::shared_ptr<Faults> faults = std::make_shared<Faults>();
    Engine engine;
    Session session;
    std::shared_ptr<Artist> miles, gone, nina, inside;
    std::shared_ptr<Album> blue, debut;
};

/// How many driver calls the work makes when nothing fails.
template <class Work>
std::uint64_t calls_of(Backend& backend, Work&& work) {
    Nested undisturbed(backend);
    const auto first = undisturbed.faults->count();
    work(undisturbed);
    return undisturbed.faults->count() - first;
}

} // namespace

TEST_CASE("TXN-02 C17 whatever driver call fails inside nested(), nothing of it is kept, and the "
          "work outside is committed") {
    Backend backend;
    backend->create_all<Artist, Album, Song>();
    const auto work = [](Nested& nested) { nested.session.nested([&] { nested.work_inside(); }); };
    const auto calls = calls_of(backend, work);
    REQUIRE(calls > 10);
    std::map<std::string, int> failed;
    for (const bool lost : {false, true}) {
        for (std::uint64_t call = 1; call <= calls; ++call) {
            CAPTURE(lost);
            CAPTURE(call);
            Nested nested(backend);
            nested.faults->fail(call, lost);
            bool thrown = false;
            try {
                work(nested);
            } catch (const DatabaseError& error) {
                thrown = true;
                CHECK(error.connection_lost() == lost);
            }
            CHECK(thrown);
            ++failed[nested.faults->failed()];
            CAPTURE(nested.faults->failed());
            CHECK(nested.rows() == before);
            if (nested.inside) nested.check_only_outside();
            CHECK(nested.session.is_dirty() != nested.session.in_transaction());
            nested.session.commit();
            CHECK(nested.rows() == outside);
            nested.check_only_outside();
        }
    }
    for (const char* what : {"savepoint", "release savepoint", "execute", "prepare"})
        CHECK_MESSAGE(failed[what] > 0, std::string(what));
}

TEST_CASE("TXN-02 C17 a flush that fails in a savepoint can be tried again inside of it, whatever "
          "call failed") {
    Backend backend;
    backend->create_all<Artist, Album, Song>();
    const auto calls = calls_of(backend, [](Nested& nested) {
        Savepoint savepoint = nested.session.begin_nested();
        nested.work_inside();
        savepoint.commit();
    });
    for (std::uint64_t call = 1; call <= calls; ++call) {
        CAPTURE(call);
        Nested nested(backend);
        nested.faults->fail(call, false);
        std::optional<Savepoint> savepoint;
        int failures = 0;
        const auto attempt = [&](auto&& action) {
            try {
                action();
            } catch (const DatabaseError&) {
                REQUIRE(++failures == 1);
                CAPTURE(nested.faults->failed());
                if (savepoint) CHECK(savepoint->is_open());
                action();
            }
        };
        attempt([&] { savepoint.emplace(nested.session.begin_nested()); });
        nested.miles->country = "France";
        nested.session.delete_(nested.gone);
        nested.inside = nested.session.add(Artist{.name = "Inside"});
        nested.debut = nested.session.add(Album{.title = "Debut"});
        nested.debut->artist = nested.nina;
        nested.blue->artist = nested.inside;
        attempt([&] { nested.session.flush(); });
        attempt([&] { savepoint->commit(); });
        nested.faults->fail_nothing(); // it may have been one of a second flush
        nested.session.commit();
        CHECK(nested.rows() == everything);
    }
}

TEST_CASE("TXN-02 C17 a rollback to a savepoint that fails loses the transaction: told at once or, "
          "at the end of a scope, by the next statement; nothing outside is lost") {
    Backend backend;
    backend->create_all<Artist, Album, Song>();
    for (const bool lost : {false, true}) {
        for (const bool by_scope : {false, true}) {
            CAPTURE(lost);
            CAPTURE(by_scope);
            Nested nested(backend);
            {
                Savepoint savepoint = nested.session.begin_nested();
                nested.work_inside();
                nested.faults->fail(1, lost);
                if (!by_scope) {
                    CHECK_THROWS_AS(savepoint.rollback(), DatabaseError);
                    CHECK_FALSE(savepoint.is_open());
                    savepoint.rollback();
                    CHECK_THROWS_AS(savepoint.commit(), StateError);
                }
            }
            CHECK(nested.faults->failed() == "rollback to savepoint");
            CHECK_FALSE(nested.session.in_transaction());
            nested.check_only_outside();
            CHECK(nested.session.status(nested.nina) == ObjectStatus::Pending);
            CHECK(nested.rows() == before);
            if (by_scope) CHECK_THROWS_AS(nested.session.commit(), DatabaseError);
            nested.check_only_outside();
            nested.session.commit();
            CHECK(nested.rows() == outside);
        }
    }
}

TEST_CASE("TXN-02 C17 a failure two savepoints deep takes back the inner one, or both when the "
          "transaction is gone") {
    Backend backend;
    backend->create_all<Artist, Album, Song>();
    for (const bool lost : {false, true}) {
        CAPTURE(lost);
        Nested nested(backend);
        Savepoint outer = nested.session.begin_nested();
        const auto first = nested.session.add(Artist{.name = "first"});
        Savepoint inner = nested.session.begin_nested();
        const auto second = nested.session.add(Artist{.name = "second"});
        nested.faults->fail(1, lost);
        CHECK_THROWS_AS(nested.session.flush(), DatabaseError);
        CHECK(outer.is_open() != lost);
        CHECK(inner.is_open() != lost);
        CHECK(nested.session.status(nested.nina) ==
              (lost ? ObjectStatus::Pending : ObjectStatus::Persistent));
        CHECK(nested.session.status(first) ==
              (lost ? ObjectStatus::Transient : ObjectStatus::Persistent));
        inner.rollback();
        CHECK(nested.session.status(second) == ObjectStatus::Transient);
        outer.rollback();
        CHECK(nested.session.status(first) == ObjectStatus::Transient);
        nested.session.commit();
        CHECK(nested.rows() == outside);
    }
}
