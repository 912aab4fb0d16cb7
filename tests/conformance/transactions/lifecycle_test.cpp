// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/music.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <stdexcept>
#include <utility>

using namespace mercator;
using namespace fixtures::music;
using test::Backend;

namespace {

using Steps = std::vector<std::string>;

/// A session whose steps are written down: "PendingToPersistent Miles".
struct Watched : Backend {
    Watched() {
        database().create_all<Artist, Album, Song>();
        session.emplace(database().session());
        session->on_transition([this](Transition transition, const AnyObject& object) {
            const auto artist = object.as<Artist>();
            const auto album = object.as<Album>();
            steps.push_back(std::string(name_of(transition)) + " " +
                            (artist  ? artist->name
                             : album ? album->title
                                     : std::string(object.class_name())));
        });
    }
    /// The steps since the last call.
    Steps take() { return std::exchange(steps, {}); }
    Steps steps;
    std::optional<Session> session; // its end is told as well
};

} // namespace

TEST_CASE("UOW-07 each step of an object's life is told, when status() has changed") {
    Watched watched;
    Session& session = *watched.session;
    const auto miles = session.add(Artist{.name = "Miles"});
    CHECK(session.status(miles) == ObjectStatus::Pending);
    CHECK(watched.take() == Steps{"TransientToPending Miles"});
    session.flush();
    CHECK(session.status(miles) == ObjectStatus::Persistent);
    CHECK(watched.take() == Steps{"PendingToPersistent Miles"});
    session.commit();
    CHECK(watched.take().empty());

    SUBCASE("a new object is taken back by expunge, by delete_ or by a rollback") {
        const auto nina = session.add(Artist{.name = "Nina"});
        watched.take();
        SUBCASE("expunge") {
            session.expunge(nina);
        }
        SUBCASE("delete_") {
            session.delete_(nina);
        }
        SUBCASE("rollback") {
            session.rollback();
        }
        CHECK(session.status(nina) == ObjectStatus::Transient);
        CHECK(watched.take() == Steps{"PendingToTransient Nina"});
        session.add(nina);
        CHECK(watched.take() == Steps{"TransientToPending Nina"});
    }
    SUBCASE("an inserted object is taken back by a rollback") {
        const auto nina = session.add(Artist{.name = "Nina"});
        session.flush();
        watched.take();
        session.rollback();
        CHECK(session.status(nina) == ObjectStatus::Transient);
        CHECK(watched.take() == Steps{"PersistentToTransient Nina"});
    }
    SUBCASE("deleted, and gone with the commit") {
        session.delete_(miles);
        CHECK(session.status(miles) == ObjectStatus::Deleted);
        CHECK(watched.take() == Steps{"PersistentToDeleted Miles"});
        session.flush();
        CHECK(watched.take().empty());
        session.commit();
        CHECK(session.status(miles) == ObjectStatus::Detached);
        CHECK(watched.take() == Steps{"DeletedToDetached Miles"});
    }
    SUBCASE("deleted, and back by a rollback or by add") {
        session.delete_(miles);
        watched.take();
        SUBCASE("rollback") {
            session.rollback();
        }
        SUBCASE("rollback of the flush") {
            session.flush();
            session.rollback();
        }
        SUBCASE("add") {
            session.add(miles);
        }
        CHECK(session.status(miles) == ObjectStatus::Persistent);
        CHECK(watched.take() == Steps{"DeletedToPersistent Miles"});
    }
    SUBCASE("added, flushed, deleted, and rolled back") {
        const auto nina = session.add(Artist{.name = "Nina"});
        session.flush();
        session.delete_(nina);
        watched.take();
        session.rollback();
        CHECK(session.status(nina) == ObjectStatus::Transient);
        CHECK(watched.take() == Steps{"DeletedToTransient Nina"});
    }
    SUBCASE("let go and taken back") {
        session.expunge(miles);
        CHECK(session.status(miles) == ObjectStatus::Detached);
        CHECK(watched.take() == Steps{"PersistentToDetached Miles"});
        session.add(miles);
        CHECK(session.status(miles) == ObjectStatus::Persistent);
        CHECK(watched.take() == Steps{"DetachedToPersistent Miles"});
    }
    SUBCASE("let go after its INSERT, which is then rolled back") {
        const auto nina = session.add(Artist{.name = "Nina"});
        session.flush();
        session.expunge(nina);
        watched.take();
        session.rollback();
        CHECK(session.status(nina) == ObjectStatus::Transient);
        CHECK(watched.take() == Steps{"DetachedToTransient Nina"});
    }
    SUBCASE("the session ends") {
        const auto nina = session.add(Artist{.name = "Nina"});
        const auto ella = session.add(Artist{.name = "Ella"});
        session.flush();
        const auto sarah = session.add(Artist{.name = "Sarah"});
        watched.take();
        session.close();
        CHECK(session.status(miles) == ObjectStatus::Detached);
        CHECK(session.status(nina) == ObjectStatus::Transient); // its INSERT was rolled back
        CHECK(session.status(sarah) == ObjectStatus::Transient);
        CHECK(watched.take() == Steps{"PendingToTransient Sarah", "PersistentToTransient Nina",
                                      "PersistentToTransient Ella", "PersistentToDetached Miles"});
    }
}

TEST_CASE("UOW-07 what is read is told once, after all rows are read, so a listener may query") {
    Watched watched;
    {
        Session writer = watched->session();
        const auto miles = writer.add(Artist{.name = "Miles"});
        writer.add(Album{.title = "Kind of Blue"})->artist = miles;
        writer.add(Album{.title = "Bitches Brew"})->artist = miles;
        writer.commit();
    }
    Session& session = *watched.session;
    std::vector<std::string> artists;
    session.on<Album>(Transition::LoadedAsPersistent, [&](const std::shared_ptr<Album>& album) {
        artists.push_back(album->artist->name); // loads the artist the first time
    });
    const auto albums = session.query<Album>().order_by(col(&Album::title)).all();
    CHECK(artists == std::vector<std::string>{"Miles", "Miles"});
    CHECK(watched.take() == Steps{"LoadedAsPersistent Bitches Brew",
                                  "LoadedAsPersistent Kind of Blue", "LoadedAsPersistent Miles"});
    static_cast<void>(session.query<Album>().all());
    CHECK(session.get<Artist>(albums.front()->artist->id));
    CHECK(watched.take().empty());
}

TEST_CASE(
    "UOW-07 a flush that fails tells no step, and one that undoes earlier flushes tells that") {
    Watched watched;
    Session& session = *watched.session;
    session.add(Artist{.name = "Miles"});
    session.commit();
    const auto nina = session.add(Artist{.name = "Nina"});
    session.flush();
    const auto ella = session.add(Artist{.name = "Ella"});
    const auto twin = session.add(Artist{.name = "Miles"});
    watched.take();
    CHECK_THROWS_AS(session.flush(), UniqueViolation);
    CHECK(watched.take() == Steps{"PersistentToPending Nina"});
    CHECK(session.status(ella) == ObjectStatus::Pending);
    twin->name = "Miles II";
    session.commit();
    CHECK(watched.take() == Steps{"PendingToPersistent Nina", "PendingToPersistent Ella",
                                  "PendingToPersistent Miles II"});
}

TEST_CASE("UOW-07 a listener may use the session: what it causes is told after what it was told") {
    Watched watched;
    Session& session = *watched.session;
    session.on<Artist>(Transition::PendingToPersistent, [&](const std::shared_ptr<Artist>& artist) {
        session.add(Album{.title = "First of " + artist->name})->artist = artist;
        session.flush();
    });
    session.add(Artist{.name = "Miles"});
    session.add(Artist{.name = "Nina"});
    watched.take();
    session.flush();
    CHECK(watched.take() ==
          Steps{"PendingToPersistent Miles", "PendingToPersistent Nina",
                "TransientToPending First of Miles", "PendingToPersistent First of Miles",
                "TransientToPending First of Nina", "PendingToPersistent First of Nina"});
    session.commit();
    CHECK(watched->session().query<Album>().count() == 2);
}

TEST_CASE("UOW-07 what a listener throws arrives, and the operation is complete all the same") {
    Watched watched;
    Session& session = *watched.session;
    bool angry = true;
    session.on(Transition::PendingToPersistent, [&](const AnyObject&) {
        if (angry) throw std::runtime_error("no");
    });
    const auto miles = session.add(Artist{.name = "Miles"});
    CHECK_THROWS_WITH_AS(session.flush(), "no", std::runtime_error);
    CHECK(session.status(miles) == ObjectStatus::Persistent);
    angry = false;
    session.commit();
    CHECK(watched->session().query<Artist>().count() == 1);
}

TEST_CASE("UOW-07 a moved session keeps its listeners") {
    Watched watched;
    Session session = std::move(*watched.session);
    session.add(Artist{.name = "Miles"});
    CHECK(watched.take() == Steps{"TransientToPending Miles"});
}
