// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/members.hpp"
#include "support/sql_log.hpp"

#include <mercator/mapping/attribute_format.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <sstream>
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

struct Clubs : Backend {
    Clubs() { database().create_all<Club, Skill, Member>(); }
};

void lower(std::string& text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
}

} // namespace

TEST_CASE("EVT-03 an Attribute is a column like its T: queries, defaults, history, text") {
    Clubs db;
    Session session = db->session();
    session.add_all(
        std::vector<Member>{{.email = "ada", .points = 3}, {.email = "bob", .points = 5}});
    session.commit();
    const auto ada = session.query<Member>().where(col(&Member::email) == "ada").one();
    CHECK(ada->email == "ada");
    CHECK(ada->email->size() == 3);
    CHECK("ada" == ada->email);
    CHECK(ada->points < 4);
    const std::string copy = ada->email;
    CHECK(copy == "ada");
    const Attribute<std::string> other = ada->email;
    CHECK(other == ada->email);
    CHECK(session.scalar(select(func::sum(col(&Member::points)))) == 8);
    CHECK(session.query<Member>().order_by(col(&Member::points).desc()).first()->email == "bob");
    CHECK(session.query<Member>().where(col(&Member::points).in({3, 4})).count() == 1);
    session.query<Member>().update(set(&Member::points, 9));
    session.refresh(ada);
    CHECK(ada->points == 9);
    ada->points += 2;
    ++ada->points;
    const auto history = session.history(ada, &Member::points);
    CHECK(history.added == std::vector<std::int64_t>{12});
    CHECK(history.deleted == std::vector<std::int64_t>{9});
    CHECK(session.is_modified(ada));
    session.rollback();
    CHECK(ada->points == 3);
    CHECK(fmt::format("{:>5}|{}", ada->email, ada->points) == "  ada|3");
    std::ostringstream text;
    text << ada->email << ada->points;
    CHECK(text.str() == "ada3");
    const auto values = session.get_values<Member>(ada->id);
    REQUIRE(values);
    CHECK(values->email == "ada");
    Member plain = *ada; // a copy outside of the session
    plain.email = "eve";
    CHECK(ada->email == "ada");
}

TEST_CASE("EVT-03 set is told of old and new value, and replaces or refuses the new one") {
    Clubs db;
    Lines told;
    db->on<Member>().set<&Member::email>(
        [&](Member& member, std::string& value, const std::string& old) {
            told.push_back(member.email.get() + ": " + old + " -> " + value);
            if (value.empty()) throw std::invalid_argument("an address is needed");
            lower(value);
        });
    Session session = db->session();
    // What comes with a new object counts as set.
    const auto ada = session.add(Member{.email = "ADA"});
    CHECK(std::exchange(told, {}) == Lines{"ADA:  -> ADA"});
    CHECK(ada->email == "ada");
    ada->email = "Ada@Example";
    CHECK(std::exchange(told, {}) == Lines{"ada: ada -> Ada@Example"});
    CHECK(ada->email == "ada@example");
    CHECK_THROWS_AS(ada->email = "", std::invalid_argument);
    CHECK(ada->email == "ada@example");
    session.commit();
    told.clear();
    // Neither rows nor the session's own work are assignments.
    session.refresh(ada);
    session.rollback();
    Session again = db->session();
    const auto loaded = again.query<Member>().one();
    CHECK(told.empty());
    loaded->email = std::string("NEW");
    CHECK(std::exchange(told, {}) == Lines{"ada@example: ada@example -> NEW"});
    SqlLog log(db->engine());
    again.commit();
    CHECK(log.count("UPDATE") == 1);
    CHECK(db->session().query<Member>().one()->email == "new");
    // Outside of a session nobody listens.
    Member plain{.email = "X"};
    plain.email = "Y";
    plain = *loaded;
    CHECK(told.empty());
}

TEST_CASE("EVT-03 a listener that assigns its own member is not called for that") {
    Clubs db;
    Session session = db->session();
    int emails = 0;
    int points = 0;
    session.on<Member>().set<&Member::email>(
        [&](Member& member, std::string& value, const std::string&, const Initiator& initiator) {
            ++emails;
            CHECK(initiator.member == "email");
            CHECK(initiator.operation == ChangeOperation::Set);
            member.email = "from the listener"; // overwritten by `value`
            member.points = 5;                  // another member's listeners are called
            value += "!";
        });
    session.on<Member>().set<&Member::points>(
        [&](Member& member, std::int64_t& value, std::int64_t old) {
            ++points;
            CHECK(old == 0);
            member.email = "in a circle";
            value = 6;
        });
    const auto ada = session.add(Member{});
    ada->email = "ada";
    CHECK(ada->email == "ada!");
    CHECK(ada->points == 6);
    CHECK(emails == 1);
    CHECK(points == 1);
}

TEST_CASE("EVT-03 the former value of a deferred attribute is loaded for its listeners") {
    Clubs db;
    Lines told;
    db->on<Member>().set<&Member::notes>([&](Member&, std::string& value, const std::string& old) {
        told.push_back(old + ">" + value);
    });
    Session session = db->session();
    const auto ada = session.add(Member{.email = "ada", .notes = "first"});
    session.commit();
    told.clear();
    Session again = db->session();
    const auto loaded = again.get<Member>(ada->id);
    SqlLog log(db->engine());
    loaded->notes = "second";
    CHECK(told == Lines{"first>second"});
    CHECK_MESSAGE(log.count("SELECT") == 1, log.dump());
    again.commit();
    CHECK(db->session().get<Member>(ada->id)->notes.get() == "second");
}

TEST_CASE("EVT-08 append, remove and bulk_replace are told, with the other side and who began") {
    Clubs db;
    Session session = db->session();
    Lines told;
    const auto club = [](const std::shared_ptr<Club>& it) { return it ? it->name : "none"; };
    session.on<Club>().append<&Club::members>(
        [&](Club& owner, std::shared_ptr<Member>& member, const Initiator& initiator) {
            told.push_back("append " + owner.name + " " + *member->email + " by " +
                           std::string(initiator.member));
        });
    session.on<Club>().remove<&Club::members>(
        [&](Club& owner, const std::shared_ptr<Member>& member, const Initiator& initiator) {
            told.push_back("remove " + owner.name + " " + *member->email + " by " +
                           std::string(initiator.member));
        });
    session.on<Member>().set<&Member::club>([&](Member& member, std::shared_ptr<Club>& now,
                                                const std::shared_ptr<Club>& old,
                                                const Initiator& initiator) {
        told.push_back("set " + *member.email + " " + club(old) + ">" + club(now) + " by " +
                       std::string(initiator.member));
    });
    const auto chess = session.add(Club{.name = "Chess"});
    const auto go = session.add(Club{.name = "Go"});
    const auto ada = session.add(Member{.email = "ada"});
    const auto bob = session.add(Member{.email = "bob"});
    chess->members.add(ada);
    CHECK(std::exchange(told, {}) ==
          Lines{"append Chess ada by members", "set ada none>Chess by members"});
    chess->members.add(ada); // is there
    CHECK(told.empty());
    ada->club = go;
    CHECK(std::exchange(told, {}) ==
          Lines{"set ada Chess>Go by club", "remove Chess ada by club", "append Go ada by club"});
    ada->club = go;
    CHECK(told.empty());
    chess->members.add(ada); // moves
    CHECK(std::exchange(told, {}) == Lines{"append Chess ada by members",
                                           "set ada Go>Chess by members",
                                           "remove Go ada by members"});
    chess->members.remove(ada);
    CHECK(std::exchange(told, {}) ==
          Lines{"remove Chess ada by members", "set ada Chess>none by members"});
    chess->members.remove(bob); // is not there
    CHECK(told.empty());
    session.on<Club>().bulk_replace<&Club::members>(
        [&](Club& owner, std::vector<std::shared_ptr<Member>>& members) {
            told.push_back("replace " + owner.name + " " + std::to_string(members.size()));
            std::erase(members, bob);
        });
    chess->members = Many<Member>{ada, bob};
    CHECK(std::exchange(told, {}) ==
          Lines{"replace Chess 2", "append Chess ada by members", "set ada none>Chess by members"});
    CHECK(chess->members.size() == 1);
    session.commit();
    // From rows: the former club is not in memory, and is loaded for the listener.
    session.clear();
    const auto back = session.query<Member>().where(col(&Member::email) == "ada").one();
    CHECK(told.empty());
    back->club = nullptr;
    CHECK(std::exchange(told, {}) ==
          Lines{"set ada Chess>none by club", "remove Chess ada by club"});
    session.commit();
    CHECK(told.empty());
    CHECK_FALSE(db->session().get<Member>(back->id)->club_id);
}

TEST_CASE("EVT-08 a listener of a collection may refuse a member, or put another in its place") {
    Clubs db;
    Session session = db->session();
    const auto chess = session.add(Club{.name = "Chess"});
    const auto ada = session.add(Member{.email = "ada"});
    const auto bob = session.add(Member{.email = "bob"});
    const auto skill = session.add(Skill{.word = "blitz"});
    session.commit();
    {
        const ScopedSubscription exchanging = session.on<Club>().append<&Club::members>(
            [&](Club&, std::shared_ptr<Member>& member) { member = bob; });
        chess->members.add(ada);
        CHECK(chess->members.size() == 1);
        CHECK(chess->members.contains(bob));
        CHECK(ada->club == nullptr);
    }
    {
        // Refused by the side that is reached last: nothing is half done.
        const ScopedSubscription refusing = session.on<Club>().remove<&Club::members>(
            [](Club&, const std::shared_ptr<Member>&) { throw std::logic_error("stays"); });
        const auto go = session.add(Club{.name = "Go"});
        CHECK_THROWS_AS(bob->club = go, std::logic_error);
        CHECK(bob->club == chess);
        CHECK(go->members.empty());
        CHECK(chess->members.size() == 1);
        CHECK_THROWS_AS(session.add(Club{.name = "Late", .members = {bob}}), std::logic_error);
        CHECK(bob->club == chess);
        session.delete_(go);
    }
    session.commit();
    CHECK(db->session().query<Club>().count() == 1);

    // Many-to-many: both sides, and no circle when the listener does the same again.
    Lines told;
    session.on<Member>().append<&Member::skills>(
        [&](Member& member, std::shared_ptr<Skill>& added) {
            told.push_back("learns " + added->word);
            added->members.add(std::static_pointer_cast<Member>(ada));
            CHECK(*member.email == "ada");
        });
    session.on<Skill>().append<&Skill::members>([&](Skill& owner, std::shared_ptr<Member>& member) {
        told.push_back(owner.word + " by " + *member->email);
    });
    ada->skills.add(skill);
    CHECK(ada->skills.size() == 1);
    CHECK(skill->members.size() == 1);
    CHECK(told.size() <= 3);
    session.commit();
    CHECK(db->session().get<Member>(ada->id)->skills.size() == 1);
    told.clear();
    session.on<Member>().remove<&Member::skills>([&](Member&, const std::shared_ptr<Skill>& lost) {
        told.push_back("loses " + lost->word);
    });
    skill->members.clear();
    CHECK(told == Lines{"loses blitz"});
}
