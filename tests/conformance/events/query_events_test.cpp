// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/members.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace mercator;
using namespace fixtures::members;
using test::Backend;
using test::SqlLog;

namespace {

using Lines = std::vector<std::string>;

struct TwoMembers : Backend {
    TwoMembers() {
        database().create_all<Club, Skill, Member>();
        Session session = database().session();
        const auto chess = session.add(Club{.name = "Chess"});
        session.add(Member{.email = "ada", .points = 1})->club = chess;
        session.add(Member{.email = "bob", .points = 2})->club = chess;
        session.commit();
    }
};

} // namespace

TEST_CASE("EVT-11 orm_execute sees every query of the user's, and may narrow it") {
    TwoMembers db;
    std::vector<QueryKind> kinds;
    const ScopedSubscription listening = db->on().orm_execute([&](OrmExecution& query) {
        kinds.push_back(query.kind());
        if (query.is_of<Member>()) query.where(col(&Member::points) > 1);
    });
    Session session = db->session();
    const auto kind = [&] { return std::exchange(kinds, {}).at(0); };
    CHECK(session.query<Member>().all().size() == 1);
    CHECK(kind() == QueryKind::Objects);
    CHECK(session.query<Member>().one()->email == "bob");
    CHECK(kind() == QueryKind::Objects);
    CHECK(session.query<Member>().count() == 1);
    CHECK(kind() == QueryKind::Count);
    CHECK_FALSE(session.query<Member>().where(col(&Member::email) == "ada").exists());
    CHECK(kind() == QueryKind::Exists);
    CHECK(session.query<Member>().values().size() == 1);
    CHECK(kind() == QueryKind::Values);
    std::size_t streamed = 0;
    session.query<Member>().yield_per(10).each([&](const auto&) { ++streamed; });
    CHECK(streamed == 1);
    CHECK(kind() == QueryKind::Values);
    CHECK(session.execute(select(col(&Member::email))).all().size() == 2);
    CHECK(kind() == QueryKind::Columns);
    CHECK(session.execute(select(entity<Member>(), col(&Member::points))).all().size() == 2);
    CHECK(kind() == QueryKind::Columns);
    CHECK(session.query<Member>().update(set(&Member::nick, "seen")) == 1);
    CHECK(kind() == QueryKind::Update);
    CHECK(session.query<Member>().delete_() == 1);
    CHECK(kind() == QueryKind::Delete);
    session.rollback();
    // Not the session's own: by key, and what loads.
    const auto chess = session.query<Club>().one();
    kinds.clear();
    CHECK(chess->members.size() == 2);
    CHECK(session.get<Member>(chess->members[0]->id) != nullptr);
    CHECK(kinds.empty());
}

TEST_CASE("EVT-11 orm_execute adds options, rewrites the statement, and refuses") {
    TwoMembers db;
    Session session = db->session();
    SqlLog log(db->engine());
    {
        const ScopedSubscription eager = session.on().orm_execute([](OrmExecution& query) {
            if (query.kind() == QueryKind::Objects && query.is_of<Member>())
                query.options<Member>(selectin<&Member::club>());
        });
        const auto members = session.query<Member>().all();
        CHECK(log.count() == 2);
        CHECK(members[0]->club->name == "Chess");
        CHECK(log.count() == 2);
        const ScopedSubscription wrong = session.on().orm_execute(
            [](OrmExecution& query) { query.options<Member>(selectin<&Member::club>()); });
        CHECK_THROWS_AS(static_cast<void>(session.query<Member>().count()), ListenerError);
    }
    const ScopedSubscription limited = session.on().orm_execute([&](OrmExecution& query) {
        CHECK(&query.session() == &session);
        query.statement().limit = row_count(1, "limit");
    });
    log.clear();
    CHECK(session.query<Member>().all().size() == 1);
    CHECK_MESSAGE(log.count() == 1, log.dump());
    const ScopedSubscription veto = session.on().orm_execute([](OrmExecution& query) {
        if (query.is_of<Club>()) throw StateError("clubs are closed");
    });
    CHECK_THROWS_WITH_AS(static_cast<void>(session.query<Club>().all()),
                         doctest::Contains("clubs are closed"), ListenerError);
}

TEST_CASE("EVT-11 orm_execute answers a query without the database") {
    TwoMembers db;
    Session session = db->session();
    std::vector<std::shared_ptr<Member>> known;
    const ScopedSubscription cache = session.on().orm_execute([&](OrmExecution& query) {
        if (query.kind() == QueryKind::Objects && query.is_of<Member>() && !known.empty())
            query.answer(known);
    });
    known = session.query<Member>().order_by(col(&Member::email)).all();
    CHECK(known.size() == 2);
    SqlLog log(db->engine());
    CHECK(session.query<Member>().where(col(&Member::points) > 5).all() == known);
    CHECK(session.query<Member>().first() == known.front());
    CHECK(log.count() == 0);
    CHECK(session.query<Member>().count() == 2); // not a query for objects
    CHECK(log.count() == 1);
    Session other = db->session();
    const ScopedSubscription foreign =
        other.on().orm_execute([&](OrmExecution& query) { query.answer(known); });
    CHECK_THROWS_AS(static_cast<void>(other.query<Member>().all()), StateError);
    CHECK_THROWS_AS(static_cast<void>(other.query<Club>().all()), ListenerError);
}

TEST_CASE(
    "EVT-07 load is told of objects that rows became, refresh of those that were read again") {
    TwoMembers db;
    Lines told;
    db->on<Member>().load([&](Session& session, Member& member) {
        // All rows are read: a query is all right.
        told.push_back("load " + *member.email + " of " +
                       std::to_string(session.query<Club>().count()));
    });
    db->on<Member>().refresh([&](Member& member) { told.push_back("refresh " + *member.email); });
    Session session = db->session();
    const auto members = session.query<Member>().order_by(col(&Member::email)).all();
    CHECK(std::exchange(told, {}) == Lines{"load ada of 1", "load bob of 1"});
    CHECK(session.query<Member>().all().size() == 2); // known by now
    CHECK(session.get<Member>(members[0]->id) == members[0]);
    CHECK(told.empty());
    session.refresh(members[1]);
    CHECK(std::exchange(told, {}) == Lines{"refresh bob"});
    session.rollback();
    db.run("update " + db.quoted("member") + " set " + db.quoted("points") + " = 5 where " +
           db.quoted("email") + " = 'ada'");
    CHECK(session.query<Member>().all().size() == 2); // in another transaction
    CHECK(std::exchange(told, {}) == Lines{"refresh ada"});
    CHECK(members[0]->points == 5);
    // By key, along a relationship, and beside columns.
    Session second = db->session();
    static_cast<void>(second.get<Member>(members[0]->id));
    CHECK(std::exchange(told, {}) == Lines{"load ada of 1"});
    CHECK(second.query<Club>().one()->members.size() == 2);
    CHECK(std::exchange(told, {}) == Lines{"load bob of 1"});
    Session third = db->session();
    static_cast<void>(third.execute(select(entity<Member>())).all());
    CHECK(std::exchange(told, {}).size() == 2);
    third.add(Member{.email = "new"}); // an object, but no row
    third.flush();
    CHECK(told.empty());
}

TEST_CASE("EVT-07 expire is told of objects whose rows are to be read again") {
    TwoMembers db;
    Lines told;
    db->on<Member>().expire([&](Session& session, const std::shared_ptr<Member>& member) {
        CHECK(session.contains(member));
        told.push_back(*member->email); // which reads it again
    });
    auto options = db->session_options();
    options.expire_on_commit = true;
    Session session = db->session(options);
    const auto members = session.query<Member>().order_by(col(&Member::email)).all();
    session.expire(members[1]);
    CHECK(std::exchange(told, {}) == Lines{"bob"});
    session.expire<&Member::points>(members[0]);
    CHECK(std::exchange(told, {}) == Lines{"ada"});
    session.expire_all();
    CHECK(std::exchange(told, {}) == Lines{"ada", "bob"});
    session.commit();
    CHECK(std::exchange(told, {}) == Lines{"ada", "bob"});
    session.rollback();
    CHECK(told.empty());
}
