// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/faulty_dialect.hpp"
#include "support/fixtures/music.hpp"
#include "support/fixtures/tree.hpp"

#include <mercator/support/url.hpp>

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace mercator;
using fixtures::music::Album;
using fixtures::music::Artist;
using fixtures::music::Song;
using fixtures::tree::Node;
using test::Backend;
using testing::Faults;

namespace {

/// A session on a driver that fails as told, about to write everything at once: inserts with
/// parents, rows that refer to each other, an update, a delete, a child that moves.
struct Reference {
    explicit Reference(Backend& on) :
        backend(on),
        engine(Url::parse(on.uri()), testing::make_faulty_dialect(on.uri(), faults)),
        session(engine) {
        miles = session.add(Artist{.name = "Miles"});
        gone = session.add(Artist{.name = "gone"});
        blue = session.add(Album{.title = "Kind of Blue"});
        blue->artist = miles;
        session.commit();

        miles->country = "USA";
        session.delete_(gone);
        nina = session.add(Artist{.name = "Nina"});
        debut = session.add(Album{.title = "Debut"});
        debut->artist = nina;
        blue->artist = nina;
        one = session.add(Node{.name = "one"});
        two = session.add(Node{.name = "two"});
        one->parent = two;
        two->parent = one;
    }
    ~Reference() {
        faults->fail_nothing();
        session.close();
        auto cleaning = backend->session();
        for (const auto& node : cleaning.query<Node>().all()) cleaning.delete_(node);
        cleaning.query<Album>().delete_();
        cleaning.query<Artist>().delete_();
        cleaning.commit();
    }
    /// The rows, as another connection sees them: "Miles/USA", "Debut of Nina".
    [[nodiscard]] std::vector<std::string> rows() const {
        auto other = backend->session();
        std::vector<std::string> list;
        for (const auto& artist : other.query<Artist>().order_by(col(&Artist::name)).all())
            list.push_back(artist->name + "/" + artist->country.value_or("-"));
        for (const auto& album : other.query<Album>().order_by(col(&Album::title)).all())
            list.push_back(album->title + " of " + album->artist->name);
        for (const auto& node : other.query<Node>().order_by(col(&Node::name)).all())
            list.push_back(node->name + " below " + node->parent->name);
        return list;
    }
    void check_nothing_is_saved() {
        CHECK(rows() == std::vector<std::string>{"Miles/-", "gone/-", "Kind of Blue of Miles"});
        for (const auto& status : {session.status(nina), session.status(debut), session.status(one),
                                   session.status(two)}) {
            CHECK(status == ObjectStatus::Pending);
        }
        CHECK(session.status(gone) == ObjectStatus::Deleted);
        CHECK(session.is_modified(miles));
        CHECK(session.is_modified(blue));
        CHECK(session.new_objects().size() == 4);
        CHECK(session.dirty().size() == 2);
        CHECK(session.deleted().size() == 1);
        CHECK_FALSE(session.in_transaction());
        CHECK(nina->id == 0);
        CHECK(one->id == 0);
    }
    void check_everything_is_saved() {
        CHECK(rows() == std::vector<std::string>{"Miles/USA", "Nina/-", "Debut of Nina",
                                                 "Kind of Blue of Nina", "one below two",
                                                 "two below one"});
        CHECK(session.status(nina) == ObjectStatus::Persistent);
        CHECK(session.status(gone) == ObjectStatus::Detached);
        CHECK_FALSE(session.is_dirty());
    }
    void check_everything_is_back() {
        CHECK(rows() == std::vector<std::string>{"Miles/-", "gone/-", "Kind of Blue of Miles"});
        CHECK(session.status(nina) == ObjectStatus::Transient);
        CHECK(session.status(gone) == ObjectStatus::Persistent);
        CHECK_FALSE(miles->country.has_value());
        CHECK(blue->artist_id == miles->id);
        CHECK(blue->artist.handle() == miles);
        CHECK_FALSE(session.is_dirty());
    }

    Backend& backend;
    std::shared_ptr<Faults> faults = std::make_shared<Faults>();
    Engine engine;
    Session session;
    std::shared_ptr<Artist> miles, gone, nina;
    std::shared_ptr<Album> blue, debut;
    std::shared_ptr<Node> one, two;
};

} // namespace

TEST_CASE(
    "UOW-14 UOW-15 C16 whatever driver call of a commit fails, the database holds nothing of it, "
    "nothing counts as saved, and it can be committed or dropped afterwards") {
    Backend backend;
    backend->create_all<Artist, Album, Song, Node>();
    std::uint64_t calls = 0;
    {
        Reference undisturbed(backend);
        const auto before = undisturbed.faults->count();
        undisturbed.session.commit();
        undisturbed.check_everything_is_saved();
        calls = undisturbed.faults->count() - before;
    }
    REQUIRE(calls > 10);
    bool give_up = false;
    SUBCASE("a second commit") {}
    SUBCASE("a rollback") {
        give_up = true;
    }
    std::map<std::string, int> failed;
    for (const bool lost : {false, true}) {
        for (std::uint64_t call = 1; call <= calls; ++call) {
            CAPTURE(lost);
            CAPTURE(call);
            Reference reference(backend);
            reference.faults->fail(call, lost);
            try {
                reference.session.commit();
                FAIL("the failure of a call was not reported");
            } catch (const DatabaseError& error) {
                CHECK(error.connection_lost() == lost);
            }
            ++failed[reference.faults->failed()];
            CAPTURE(reference.faults->failed());
            reference.check_nothing_is_saved();
            if (!give_up) {
                reference.session.commit();
                reference.check_everything_is_saved();
            } else {
                reference.session.rollback();
                reference.check_everything_is_back();
                reference.session.add(reference.nina);
                reference.session.commit();
                CHECK(reference.session.status(reference.nina) == ObjectStatus::Persistent);
            }
        }
    }
    CHECK(failed["begin"] > 0);
    CHECK(failed["prepare"] > 0);
    CHECK(failed["execute"] > 0);
    CHECK(failed["commit"] > 0);
}

TEST_CASE(
    "UOW-15 C18 a flush fails and the ROLLBACK fails as well: the first error is told, and the "
    "session goes on") {
    Backend backend;
    backend->create_all<Artist, Album, Song, Node>();
    Reference reference(backend);
    const auto twin = reference.session.add(Artist{.name = "Miles"});
    // The database refuses the name; the call after that is the rollback.
    const auto calls_of_a_refused_commit = [&] {
        const auto before = reference.faults->count();
        CHECK_THROWS_AS(reference.session.commit(), UniqueViolation);
        return reference.faults->count() - before;
    };
    for (const bool lost : {false, true}) {
        CAPTURE(lost);
        calls_of_a_refused_commit(); // prepares the statements on a link that the last round lost
        reference.faults->fail(calls_of_a_refused_commit(), lost);
        CHECK_THROWS_AS(reference.session.commit(), UniqueViolation);
        CHECK(reference.faults->failed() == "rollback");
        CHECK(reference.session.status(twin) == ObjectStatus::Pending);
        CHECK_FALSE(reference.session.in_transaction());
    }
    reference.session.expunge(twin);
    reference.session.commit();
    reference.check_everything_is_saved();
}

TEST_CASE("UOW-15 a commit that the database answers with a rollback is a failure, also when the "
          "error that caused it was swallowed") {
    Backend backend;
    backend->create_all<Artist, Album, Song>();
    Session session = backend->session();
    const auto artist = session.add(Artist{.name = "Miles"});
    session.flush();
    // Behind our back: nobody but the driver itself can notice.
    CHECK_THROWS_AS(session.connection().driver().execute_script("this is no statement"),
                    DatabaseError);
    bool committed = true;
    try {
        session.commit();
    } catch (const Error&) {
        committed = false;
    }
    const auto stored = backend.another()->session().query<Artist>().count();
    CHECK(stored == (committed ? 1 : 0));
    CHECK(session.status(artist) == (committed ? ObjectStatus::Persistent : ObjectStatus::Pending));
    if (!committed) session.commit();
    CHECK(backend->session().query<Artist>().count() == 1);
}

TEST_CASE("UOW-15 what fails inside a savepoint of the connection leaves the work outside intact") {
    Backend backend;
    backend->create_all<Artist, Album, Song>();
    Session session = backend->session();
    const auto miles = session.add(Artist{.name = "Miles"});
    session.flush();
    auto& connection = session.connection();
    connection.savepoint("attempt");
    CHECK_THROWS_AS(connection.execute_script("INSERT INTO " + backend.quoted("artists") + " (" +
                                              backend.quoted("name") + ") VALUES ('Miles')"),
                    UniqueViolation);
    connection.rollback_to_savepoint("attempt");
    connection.release_savepoint("attempt");
    session.commit();
    CHECK(session.status(miles) == ObjectStatus::Persistent);
    CHECK(backend->session().query<Artist>().count() == 1);
}

TEST_CASE(
    "UOW-15 a full disk in the middle of a flush: nothing of it is stored, and it goes on when "
    "there is room") {
    Backend backend;
    if (!Url::parse(backend.uri()).hosts.empty()) {
        test::skip("the disk of a server cannot be filled from here");
        return;
    }
    backend->create_all<Artist, Album, Song>();
    Session session = backend->session();
    std::vector<std::shared_ptr<Album>> albums;
    for (int i = 0; i < 5000; ++i)
        albums.push_back(session.add(Album{.title = std::string(100, 'x')}));
    // Holds as long as the link, which does not outlive the failure.
    session.connection().execute_script("PRAGMA max_page_count = 40");
    CHECK_THROWS_AS(session.commit(), OperationalError);
    CHECK_FALSE(session.in_transaction());
    CHECK(session.new_objects().size() == 5000);
    CHECK(albums.front()->id == 0);
    CHECK(backend.another()->session().query<Album>().count() == 0);
    session.commit();
    CHECK(backend.another()->session().query<Album>().count() == 5000);
}
