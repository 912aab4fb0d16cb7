// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/members.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace mercator;
using namespace fixtures::members;
using test::Backend;
using test::SqlLog;

namespace {

using Lines = std::vector<std::string>;

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

struct Club9 : Backend {
    Club9() { database().create_all<Club, Skill, Member>(); }
};

struct Refused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

} // namespace

TEST_CASE(
    "EVT-02 before_insert edits the object after its defaults, and the INSERT has the change") {
    Club9 db;
    std::string nick_then;
    db->on<Member>().before_insert([&](Session&, Member& member) {
        nick_then = member.nick;
        member.email = lower(member.email);
        member.nick += "!";
    });
    Session session = db->session();
    const auto ada = session.add(Member{.email = "ADA@Example.org"});
    session.add(Club{.name = "Chess"}); // of another class: not told
    SqlLog log(db->engine());
    session.commit();
    CHECK(nick_then == "nobody");
    CHECK(ada->email == "ada@example.org");
    CHECK_MESSAGE(log.count("INSERT") == 2, log.dump());
    CHECK(log.count("UPDATE") == 0);
    const auto stored = db->session().get<Member>(ada->id);
    REQUIRE(stored);
    CHECK(stored->email == "ada@example.org");
    CHECK(stored->nick == "nobody!");
}

TEST_CASE(
    "EVT-02 a listener of a flush may relate objects, and may not add, delete, flush or end") {
    Club9 db;
    Session session = db->session();
    const auto chess = session.add(Club{.name = "Chess"});
    session.commit();
    const auto refused = [&](auto&& act) {
        const ScopedSubscription listening =
            session.on<Member>().before_insert([&](Session& now, Member&) { act(now); });
        const auto bob = session.add(Member{.email = "bob"});
        CHECK_THROWS_AS(session.flush(), ListenerError);
        CHECK_THROWS_WITH_AS(session.flush(), doctest::Contains("before_insert"), StateError);
        CHECK(session.status(bob) == ObjectStatus::Pending);
        CHECK(session.status(chess) == ObjectStatus::Persistent);
        session.delete_(bob);
        CHECK(session.new_objects().empty());
    };
    refused([](Session& now) { now.add(Member{.email = "eve"}); });
    refused([&](Session& now) { now.delete_(chess); });
    refused([](Session& now) { now.delete_(now.new_objects<Member>().front()); });
    refused([](Session& now) { now.flush(); });
    refused([](Session& now) { now.commit(); });
    refused([](Session& now) { now.rollback(); });
    refused([](Session& now) { static_cast<void>(now.begin_nested()); });

    session.on<Member>().before_insert([&](Session& now, const std::shared_ptr<Member>& member) {
        CHECK(now.query<Club>().count() == 1); // queries are all right, and flush nothing
        member->club = chess;
    });
    const auto carl = session.add(Member{.email = "carl"});
    session.commit();
    CHECK(carl->club_id == chess->id);
    CHECK(db->session().get<Member>(carl->id)->club->name == "Chess");
}

TEST_CASE("EVT-04 before_update is told of what really changed, and its own changes are written") {
    Club9 db;
    Session session = db->session();
    const auto ada = session.add(Member{.email = "ada", .points = 1});
    const auto bob = session.add(Member{.email = "bob", .points = 1});
    session.commit();
    Lines told;
    session.on<Member>().before_update([&](Session& now, const std::shared_ptr<Member>& member) {
        const auto history = now.history(member, &Member::points);
        told.push_back(member->email.get() + " was " +
                       (history.deleted.empty() ? "same" : std::to_string(history.deleted[0])));
        member->nick = "changed";
        if (member == ada) bob->nick = "along"; // of another object, which is told as well
    });
    session.on<Member>().after_update(
        [&](Member& member) { told.push_back("after " + *member.email); });
    ada->points = 5;
    bob->points = 1; // the same value
    SqlLog log(db->engine());
    session.commit();
    CHECK(told == Lines{"ada was 1", "bob was same", "after ada", "after bob"});
    const auto again = db->session();
    CHECK(db->session().get<Member>(ada->id)->nick == "changed");
    CHECK(db->session().get<Member>(bob->id)->nick == "changed");
    told.clear();
    log.clear();
    session.commit();
    CHECK(told.empty());
    CHECK(log.count("UPDATE") == 0);
}

TEST_CASE("EVT-04 all events of a flush come in the documented order") {
    Club9 db;
    Lines told;
    const auto note = [&](std::string what) {
        return [&told, what](Session&, Member& member) {
            told.push_back(what + " " + member.email.get());
        };
    };
    const auto simply = [&](std::string what) {
        return [&told, what](Session&) { told.push_back(what); };
    };
    const auto listening = db->on<Member>();
    listening.before_insert(note("before_insert"));
    listening.after_insert(note("after_insert"));
    listening.before_update(note("before_update"));
    listening.after_update(note("after_update"));
    listening.before_delete(note("before_delete"));
    listening.after_delete(note("after_delete"));
    listening.load(note("load"));
    listening.refresh(note("refresh"));
    const auto all = db->on();
    all.before_flush(simply("before_flush"));
    all.after_flush([&](Session&, std::span<const ModelChange> changes) {
        told.push_back("after_flush of " + std::to_string(changes.size()));
    });
    all.after_begin([&](Session&, Connection& connection) {
        told.push_back(connection.in_transaction() ? "after_begin" : "too early");
    });
    all.before_commit(simply("before_commit"));
    all.after_commit(simply("after_commit"));
    all.after_rollback(simply("after_rollback"));
    all.transition(
        [&](Transition step, const AnyObject&) { told.push_back(std::string(name_of(step))); });
    Session session = db->session();
    const auto ada = session.add(Member{.email = "ada"});
    const auto bob = session.add(Member{.email = "bob"});
    CHECK(std::exchange(told, {}) == Lines{"TransientToPending", "TransientToPending"});
    session.commit();
    CHECK(std::exchange(told, {}) ==
          Lines{"before_commit", "before_flush", "before_insert ada", "before_insert bob",
                "after_begin", "after_insert ada", "after_insert bob", "after_flush of 2",
                "PendingToPersistent", "PendingToPersistent", "after_commit"});
    ada->nick = "a";
    session.delete_(bob);
    session.add(Member{.email = "carl"});
    told.clear();
    session.commit();
    std::erase(told, "after_begin"); // a cascade may have read before
    CHECK(std::exchange(told, {}) ==
          Lines{"before_commit", "before_flush", "before_delete bob", "before_insert carl",
                "before_update ada", "after_insert carl", "after_update ada", "after_delete bob",
                "after_flush of 3", "PendingToPersistent", "DeletedToDetached", "after_commit"});
    session.rollback();
    CHECK(std::exchange(told, {}).empty()); // nothing was open
    Session other = db->session();
    CHECK(other.query<Member>().order_by(col(&Member::email)).all().size() == 2);
    CHECK(std::exchange(told, {}) == Lines{"after_begin", "LoadedAsPersistent", "load ada",
                                           "LoadedAsPersistent", "load carl"});
    other.refresh(other.query<Member>().order_by(col(&Member::email)).first());
    CHECK(std::exchange(told, {}) == Lines{"refresh ada"});
    other.rollback();
    CHECK(std::exchange(told, {}) == Lines{"after_rollback"});
}

TEST_CASE("EVT-04 a listener that throws names itself and the object, and leaves all as it was") {
    Club9 db;
    Session session = db->session();
    const auto ada = session.add(Member{.email = "ada"});
    session.commit();
    SqlLog log(db->engine());
    const auto refuse = [](Session&, Member& member) { throw Refused("no " + *member.email); };

    SUBCASE("before anything is sent") {
        const ScopedSubscription listening = session.on<Member>().before_update(refuse);
        ada->nick = "new";
        const auto bob = session.add(Member{.email = "bob"});
        try {
            session.commit();
            FAIL("the listener throws");
        } catch (const ListenerError& error) {
            const std::string text = error.what();
            CHECK(text.find("before_update") != std::string::npos);
            CHECK(text.find("flush_events_test.cpp:") != std::string::npos);
            CHECK(text.find("Member(id=1)") != std::string::npos);
            CHECK(text.find("no ada") != std::string::npos);
            CHECK_THROWS_AS(error.rethrow_cause(), Refused);
        }
        CHECK(log.count("INSERT") + log.count("UPDATE") == 0);
        CHECK(session.status(bob) == ObjectStatus::Pending);
        CHECK(ada->nick == "new");
    }
    SUBCASE("when everything is written") {
        const ScopedSubscription listening = session.on<Member>().after_insert(refuse);
        ada->nick = "new";
        const auto bob = session.add(Member{.email = "bob"});
        CHECK_THROWS_AS(session.commit(), ListenerError);
        CHECK(log.count("INSERT") == 1);
        CHECK(session.status(bob) == ObjectStatus::Pending);
        CHECK(bob->id == 0);
        CHECK_FALSE(session.in_transaction());
        CHECK(db->session().query<Member>().count() == 1);
    }
    SUBCASE("what a listener had written before goes, too") {
        const ScopedSubscription writing =
            session.on<Member>().before_insert([](Session& now, Member&) {
                now.connection().execute_script("insert into skill (word) values ('by hand')");
            });
        const ScopedSubscription listening = session.on<Member>().before_update(refuse);
        ada->nick = "new";
        session.add(Member{.email = "bob"});
        CHECK_THROWS_AS(session.commit(), ListenerError);
        CHECK_FALSE(session.in_transaction());
        CHECK(db->session().query<Skill>().count() == 0);
    }
    session.commit(); // the cause is gone: nothing was forgotten
    CHECK(db->session().get<Member>(ada->id)->nick == "new");
    CHECK(db->session().query<Member>().count() == 2);
}

TEST_CASE("EVT-01 a listener stays without its handle, and goes by remove, or at a scope's end") {
    Club9 db;
    int calls = 0;
    const auto count = [&](Session&, Member&) { ++calls; };
    const Subscription for_good = db->on<Member>().before_insert(count);
    {
        const ScopedSubscription for_a_while = db->on<Member>().before_insert(count);
        CHECK(for_a_while.active());
        Session session = db->session();
        session.add(Member{.email = "ada"});
        session.flush();
        CHECK(std::exchange(calls, 0) == 2);
    }
    Session session = db->session();
    session.add(Member{.email = "bob"});
    session.flush();
    CHECK(std::exchange(calls, 0) == 1);
    ScopedSubscription first = session.on<Member>().before_insert(count);
    ScopedSubscription second = std::move(first);
    CHECK_FALSE(first.active()); // NOLINT(bugprone-use-after-move): it is defined
    for_good.remove();
    for_good.remove();
    CHECK_FALSE(for_good.active());
    session.add(Member{.email = "carl"});
    session.flush();
    CHECK(std::exchange(calls, 0) == 1);
    // A listener may take itself out.
    Subscription self;
    self = session.on<Member>().before_insert([&](Session&, Member&) {
        ++calls;
        self.remove();
    });
    second.remove();
    session.add(Member{.email = "dora"});
    session.add(Member{.email = "emil"});
    session.flush();
    CHECK(calls == 1);
    Subscription outlives;
    {
        Session short_lived = db->session();
        outlives = short_lived.on<Member>().before_insert(count);
    }
    CHECK_FALSE(outlives.active());
    outlives.remove();
}

TEST_CASE("EVT-01 listeners of all classes, of one session, and of sessions made before") {
    Club9 db;
    Lines told;
    Session before = db->session();
    db->on().before_insert([&](Session&, const AnyObject& object) {
        told.push_back("all " + std::string(object.class_name()));
    });
    Session one = db->session();
    Session other = db->session();
    one.on().before_insert([&](Session&, const AnyObject& object) {
        CHECK(object.as<Club>() != nullptr);
        told.push_back("one " + std::string(object.class_name()));
    });
    one.add(Club{.name = "Chess"});
    one.commit();
    CHECK(std::exchange(told, {}) == Lines{"all Club", "one Club"});
    other.add(Skill{.word = "Go"});
    other.commit();
    CHECK(std::exchange(told, {}) == Lines{"all Skill"});
    Session moved = std::move(one); // listeners go with it, and are given it
    Session* given = nullptr;
    moved.on().before_flush([&](Session& now) { given = &now; });
    moved.add(Club{.name = "Go"});
    moved.flush();
    CHECK(given == &moved);
}

TEST_CASE("EVT-09 C19 before_flush may add, change and delete; after_flush makes another flush") {
    Club9 db;
    Session session = db->session();
    const auto ada = session.add(Member{.email = "ada"});
    const auto bob = session.add(Member{.email = "bob"});
    session.commit();
    int flushes = 0;
    ScopedSubscription before = session.on().before_flush([&](Session& now) {
        ++flushes;
        CHECK(now.query<Member>().count() == 2); // does not flush
        CHECK_THROWS_AS(now.flush(), StateError);
        CHECK_THROWS_AS(now.rollback(), StateError);
        if (now.new_objects().empty()) now.add(Club{.name = "from the listener"});
        now.delete_(bob);
        ada->points = 7;
    });
    ada->nick = "changed";
    session.commit();
    CHECK(flushes == 1);
    CHECK(session.query<Club>().one()->name == "from the listener");
    CHECK(session.query<Member>().one()->points == 7);
    flushes = 0;
    session.commit(); // nothing to write: nobody is told
    CHECK(flushes == 0);

    before.remove();
    int left = 3;
    const ScopedSubscription after =
        session.on().after_flush([&](Session& now, std::span<const ModelChange>) {
            CHECK_THROWS_AS(now.flush(), StateError);
            if (left-- > 0) now.add(Skill{.word = "skill " + std::to_string(left)});
        });
    session.add(Skill{.word = "first"});
    session.commit();
    CHECK(db->session().query<Skill>().count() == 4);
    left = 1'000; // never ends
    session.add(Skill{.word = "last"});
    CHECK_THROWS_WITH_AS(session.commit(), doctest::Contains("100 times"), StateError);
    session.rollback();
    CHECK(db->session().query<Skill>().count() == 4);
}

TEST_CASE("EVT-09 a commit can be refused, and a rollback is told of, also one by a failed flush") {
    Club9 db;
    Session session = db->session();
    Lines told;
    session.on().after_rollback(
        [&](Session& now) { told.push_back(now.in_transaction() ? "open" : "rolled back"); });
    ScopedSubscription veto =
        session.on().before_commit([](Session&) { throw Refused("not today"); });
    session.add(Member{.email = "ada"});
    CHECK_THROWS_AS(session.commit(), ListenerError);
    CHECK(told.empty());
    veto.remove();
    session.commit();
    session.add(Member{.email = "ada"}); // unique
    CHECK_THROWS_AS(session.commit(), IntegrityError);
    CHECK(std::exchange(told, {}) == Lines{"rolled back"});
    session.rollback();
    CHECK(told.empty()); // nothing was open any more
    ScopedSubscription doubtful =
        session.on().after_begin([](Session&, Connection&) { throw Refused("no"); });
    CHECK_THROWS_AS(static_cast<void>(session.query<Member>().all()), ListenerError);
    CHECK_FALSE(session.in_transaction());
    doubtful.remove();
    CHECK(session.query<Member>().count() == 1);
    const ScopedSubscription late =
        session.on().after_commit([](Session&) { throw Refused("too late"); });
    session.add(Member{.email = "bob"});
    CHECK_THROWS_AS(session.commit(), ListenerError);
    CHECK(db->session().query<Member>().count() == 2); // it is committed all the same
}
