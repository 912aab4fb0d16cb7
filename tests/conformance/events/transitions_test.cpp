// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/members.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace mercator;
using namespace fixtures::members;
using test::Backend;

namespace {

using Handle = std::shared_ptr<Member>;

struct Case {
    Transition transition;
    /// Takes an object to the step's beginning; what it does is not told.
    std::function<Handle(Session&)> before;
    std::function<void(Session&, const Handle&)> step;
};

Handle pending(Session& session) {
    return session.add(Member{.email = "new"});
}
Handle persistent(Session& session) {
    const auto member = pending(session);
    session.commit();
    return member;
}
Handle inserted(Session& session) {
    const auto member = pending(session);
    session.flush();
    return member;
}

const std::vector<Case>& cases() {
    static const std::vector<Case> all{
        {Transition::TransientToPending,
         [](Session& session) {
             const auto member = pending(session);
             session.expunge(member);
             return member;
         },
         [](Session& session, const Handle& member) { session.add(member); }},
        {Transition::PendingToTransient, &pending,
         [](Session& session, const Handle& member) { session.expunge(member); }},
        {Transition::PendingToPersistent, &pending,
         [](Session& session, const Handle&) { session.flush(); }},
        {Transition::LoadedAsPersistent,
         [](Session& session) {
             persistent(session);
             session.clear();
             return Handle();
         },
         [](Session& session, const Handle&) { static_cast<void>(session.query<Member>().all()); }},
        {Transition::PersistentToPending, &inserted,
         [](Session& session, const Handle& member) {
             session.add(Member{.email = member->email}); // unique
             CHECK_THROWS_AS(session.commit(), IntegrityError);
         }},
        {Transition::PersistentToTransient, &inserted,
         [](Session& session, const Handle&) { session.rollback(); }},
        {Transition::PersistentToDeleted, &persistent,
         [](Session& session, const Handle& member) { session.delete_(member); }},
        {Transition::PersistentToDetached, &persistent,
         [](Session& session, const Handle& member) { session.expunge(member); }},
        {Transition::DeletedToPersistent,
         [](Session& session) {
             const auto member = persistent(session);
             session.delete_(member);
             session.flush();
             return member;
         },
         [](Session& session, const Handle&) { session.rollback(); }},
        {Transition::DeletedToDetached,
         [](Session& session) {
             const auto member = persistent(session);
             session.delete_(member);
             return member;
         },
         [](Session& session, const Handle&) { session.commit(); }},
        {Transition::DeletedToTransient,
         [](Session& session) {
             const auto member = inserted(session);
             session.delete_(member);
             session.flush();
             return member;
         },
         [](Session& session, const Handle&) { session.rollback(); }},
        {Transition::DetachedToPersistent,
         [](Session& session) {
             const auto member = persistent(session);
             session.expunge(member);
             return member;
         },
         [](Session& session, const Handle& member) { session.add(member); }},
        {Transition::DetachedToTransient,
         [](Session& session) {
             const auto member = inserted(session);
             session.expunge(member);
             return member;
         },
         [](Session& session, const Handle&) { session.rollback(); }},
    };
    return all;
}

} // namespace

TEST_CASE("EVT-10 every step of an object's life is told to listeners of the Database") {
    Backend db;
    db->create_all<Club, Skill, Member>();
    std::vector<std::pair<Transition, std::string>> told;
    db->on().transition([&](Transition step, const AnyObject& object) {
        if (const auto member = object.as<Member>()) told.emplace_back(step, member->email);
    });
    CHECK(cases().size() == 13);
    for (const Case& one : cases()) {
        CAPTURE(name_of(one.transition));
        {
            Session clean = db->session();
            clean.query<Member>().delete_();
            clean.commit();
        }
        Session session = db->session();
        const auto member = one.before(session);
        told.clear();
        one.step(session, member);
        const bool is_told = std::find(told.begin(), told.end(),
                                       std::pair(one.transition, std::string("new"))) != told.end();
        CHECK(is_told);
    }
}
