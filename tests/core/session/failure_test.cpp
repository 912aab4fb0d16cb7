// SPDX-License-Identifier: MIT
#include "support/fixtures/music.hpp"
#include "support/fixtures/tree.hpp"

#include <mercator/dialect/recording.hpp>

#include <doctest/doctest.h>

using namespace mercator;
using fixtures::music::Album;
using fixtures::music::Artist;
using fixtures::tree::Node;

namespace {

using Texts = std::vector<std::string>;

DatabaseErrorInfo failure(bool lost) {
    DatabaseErrorInfo info;
    info.code = lost ? ErrorCode::Disconnected : ErrorCode::Database;
    info.message = lost ? "the link broke" : "call failed";
    info.connection_lost = lost;
    return info;
}

/// A session in which everything is about to happen in one flush: inserts with parents and a
/// postponed key, an update, a delete, a child that moves.
struct Reference {
    explicit Reference(const std::string& name) :
        recorder(Recorder::named(name)),
        database("ansi://" + name) {
        recorder->clear();
        session.emplace(database.session());
        miles = session->add(Artist{.name = "Miles"});
        gone = session->add(Artist{.name = "gone"});
        blue = session->add(Album{.title = "Kind of Blue"});
        blue->artist = miles;
        session->commit();
        keys = {miles->id, gone->id, blue->id};
        calls_before = recorder->call_count();

        miles->country = "USA";
        session->delete_(gone);
        nina = session->add(Artist{.name = "Nina"});
        debut = session->add(Album{.title = "Debut"});
        debut->artist = nina;
        blue->artist = nina;
        one = session->add(Node{.name = "one"});
        two = session->add(Node{.name = "two"});
        one->parent = two;
        two->parent = one;
    }
    /// What is to be written, whatever failed before.
    void check_nothing_is_saved() {
        CHECK(session->status(nina) == ObjectStatus::Pending);
        CHECK(session->status(debut) == ObjectStatus::Pending);
        CHECK(session->status(one) == ObjectStatus::Pending);
        CHECK(session->status(two) == ObjectStatus::Pending);
        CHECK(session->status(gone) == ObjectStatus::Deleted);
        CHECK(session->status(miles) == ObjectStatus::Persistent);
        CHECK(session->is_modified(miles));
        CHECK(session->is_dirty());
        CHECK_FALSE(session->in_transaction());
        CHECK(miles->country == "USA");
        CHECK(blue->artist.handle() == nina);
        CHECK(debut->artist.handle() == nina);
        CHECK(nina->albums.size() == 2);
        CHECK(nina->id == 0);
        CHECK(one->id == 0);
    }
    void check_everything_is_saved() {
        for (const auto& status :
             {session->status(nina), session->status(debut), session->status(one),
              session->status(two), session->status(miles), session->status(blue)}) {
            CHECK(status == ObjectStatus::Persistent);
        }
        CHECK(session->status(gone) == ObjectStatus::Detached);
        CHECK(nina->id > 0);
        CHECK(debut->artist_id == nina->id);
        CHECK(blue->artist_id == nina->id);
        CHECK(one->parent_id == two->id);
        CHECK(two->parent_id == one->id);
        CHECK_FALSE(session->is_dirty());
    }
    [[nodiscard]] std::uint64_t calls() const { return recorder->call_count() - calls_before; }
    /// The texts of the last transaction that was sent.
    [[nodiscard]] Texts last_transaction() const {
        auto texts = recorder->statements();
        std::size_t begin = 0;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            if (texts[i] == "BEGIN") begin = i;
        }
        texts.erase(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(begin));
        return texts;
    }

    std::shared_ptr<Recorder> recorder;
    Database database;
    std::optional<Session> session;
    std::shared_ptr<Artist> miles, gone, nina;
    std::shared_ptr<Album> blue, debut;
    std::shared_ptr<Node> one, two;
    std::array<std::int64_t, 3> keys{};
    std::uint64_t calls_before = 0;
};

} // namespace

TEST_CASE(
    "C16 whatever call of a flush fails, nothing counts as saved, and a second commit writes all "
    "of it") {
    Reference undisturbed("fail-reference");
    undisturbed.session->commit();
    undisturbed.check_everything_is_saved();
    const auto expected = undisturbed.last_transaction();
    const auto calls = undisturbed.calls();
    REQUIRE(calls > 10);

    bool give_up = false;
    SUBCASE("a second commit") {}
    SUBCASE("a rollback") {
        give_up = true;
    }
    for (const bool lost : {false, true}) {
        for (std::uint64_t call = 1; call <= calls; ++call) {
            CAPTURE(lost);
            CAPTURE(call);
            Reference reference("fail-reference");
            reference.recorder->fail_call(call, failure(lost));
            try {
                reference.session->commit();
                FAIL("the failure of a call was not reported");
            } catch (const DatabaseError& error) {
                CHECK(error.connection_lost() == lost);
            }
            reference.check_nothing_is_saved();

            if (!give_up) {
                reference.session->commit();
                reference.check_everything_is_saved();
                CHECK(reference.last_transaction() == expected);
            } else {
                reference.session->rollback();
                CHECK(reference.session->status(reference.nina) == ObjectStatus::Transient);
                CHECK(reference.session->status(reference.gone) == ObjectStatus::Persistent);
                CHECK_FALSE(reference.miles->country.has_value());
                CHECK(reference.blue->artist_id == reference.keys[0]);
                CHECK_FALSE(reference.session->is_dirty());
                CHECK(reference.session->get<Artist>(reference.keys[0]) ==
                      nullptr); // the recorder knows no rows
                reference.session->commit();
            }
        }
    }
}

TEST_CASE("a flush may fail at one call after the other and still be finished") {
    Reference reference("fail-often");
    int failures = 0;
    while (true) {
        reference.recorder->fail_call(static_cast<std::uint64_t>(failures) + 2,
                                      failure(failures % 2 == 1));
        try {
            reference.session->commit();
            break;
        } catch (const DatabaseError&) {
            reference.check_nothing_is_saved();
            REQUIRE(++failures < 100);
        }
    }
    CHECK(failures > 8);
    reference.check_everything_is_saved();
}

TEST_CASE("C18 COMMIT fails, and ROLLBACK fails as well: the first error is the one that is told") {
    Reference undisturbed("fail-commit");
    undisturbed.session->commit();
    const auto calls = undisturbed.calls();

    Reference reference("fail-commit");
    auto second = failure(false);
    second.message = "rollback failed";
    reference.recorder->fail_call(calls, failure(false));
    reference.recorder->fail_call(calls + 1, second);
    try {
        reference.session->commit();
        FAIL("a failed commit was not reported");
    } catch (const DatabaseError& error) {
        CHECK(std::string(error.what()).find("call failed") != std::string::npos);
    }
    reference.check_nothing_is_saved();
    reference.session->commit();
    reference.check_everything_is_saved();
}

TEST_CASE("BEGIN fails: the connection is not lost to the pool") {
    const auto recorder = Recorder::named("fail-begin");
    recorder->clear();
    Database database(Config{.uri = "ansi://fail-begin",
                             .pool_size = 1,
                             .pool_timeout = std::chrono::milliseconds(100)});
    Session session = database.session();
    const auto node = session.add(Node{.name = "one"});
    for (int i = 0; i < 3; ++i) {
        recorder->fail_call(1, failure(false));
        CHECK_THROWS_AS(session.commit(), DatabaseError);
        CHECK(session.status(node) == ObjectStatus::Pending);
    }
    session.commit();
    CHECK(session.status(node) == ObjectStatus::Persistent);
}

TEST_CASE("a query that fails leaves the session usable") {
    const auto recorder = Recorder::named("fail-query");
    recorder->clear();
    Database database("ansi://fail-query");
    Session session = database.session();
    for (std::uint64_t call = 1; call <= 3; ++call) {
        for (const bool lost : {false, true}) {
            session.rollback();
            recorder->fail_call(call, failure(lost));
            bool failed = false;
            try {
                static_cast<void>(session.query<Node>().all());
            } catch (const DatabaseError&) {
                failed = true;
            }
            session.rollback();
            if (failed) CHECK(session.query<Node>().all().empty());
        }
    }
}
