// SPDX-License-Identifier: MIT
// What applications build of events, as it stands in the guide.
#include "support/backend.hpp"
#include "support/fixtures/members.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace mercator;
using namespace fixtures::members;
using test::Backend;

namespace {

using Lines = std::vector<std::string>;

/// One changed value of one row, written in the transaction that changes it.
struct MemberHistory {
    std::int64_t id{};
    std::int64_t member_id{};
    std::string column;
    std::string before;
    std::string after;
};

inline void describe(Mapping<MemberHistory>& history) {
    history.table("member_history");
    history.column<&MemberHistory::id>().primary_key();
    history.column<&MemberHistory::member_id>();
    history.column<&MemberHistory::column>(String(40));
    history.column<&MemberHistory::before>(String(80));
    history.column<&MemberHistory::after>(String(80));
}

template <class V>
void note_change(Session& session, const std::shared_ptr<Member>& member, std::string_view column,
                 V Member::*value) {
    const auto history = session.history(member, value);
    if (!history.has_changes()) return;
    session.add(MemberHistory{.member_id = member->id,
                              .column = std::string(column),
                              .before = history.deleted.empty() ? "" : history.deleted[0],
                              .after = history.added.empty() ? "" : history.added[0]});
}

void keep_history(Database& db) {
    db.on().before_flush([](Session& session) {
        for (const auto& member : session.dirty<Member>()) {
            note_change(session, member, "email", &Member::email);
            note_change(session, member, "nick", &Member::nick);
        }
    });
}

/// A message for others, which is there if and only if what it tells of is.
struct OutboxMessage {
    std::int64_t id{};
    std::string text;
};

inline void describe(Mapping<OutboxMessage>& message) {
    message.table("outbox_message");
    message.column<&OutboxMessage::id>().primary_key();
    message.column<&OutboxMessage::text>(String(80));
}

void keep_outbox(Database& db) {
    db.on<Member>().after_insert([](Session& session, Member& member) {
        session.execute(insert_into(mapper_of<OutboxMessage>().table())
                            .values({{"text", Value("member " + std::to_string(member.id))}}));
    });
}

/// Hands messages on and forgets them, in one transaction: what fails stays.
std::size_t relay(Database& db, Lines& sent, bool fails = false) {
    Session session = db.session();
    const auto messages = session.query<OutboxMessage>().order_by(col(&OutboxMessage::id)).all();
    Lines batch;
    for (const auto& message : messages) {
        batch.push_back(message->text);
        session.delete_(message);
    }
    session.flush();
    if (fails) throw std::runtime_error("the receiver is away");
    session.commit();
    sent.insert(sent.end(), batch.begin(), batch.end());
    return batch.size();
}

struct Audit {
    Lines* told;
    void before_insert(Session&, Member& member) { told->push_back("insert " + *member.email); }
    void after_update(Member& member) const { told->push_back("updated " + *member.email); }
    void after_delete(Session&, const std::shared_ptr<Member>& member) {
        told->push_back("deleted " + *member->email);
    }
    void unrelated() {}
};

} // namespace

TEST_CASE("EVT-19 a history row per changed value is written in the same transaction") {
    Backend db;
    db->create_all<Club, Skill, Member, MemberHistory>();
    keep_history(*db);
    Session session = db->session();
    const auto ada = session.add(Member{.email = "ada", .nick = "a"});
    session.commit();
    CHECK(session.query<MemberHistory>().count() == 0);
    ada->email = "ada@example.org";
    ada->nick = "countess";
    ada->points = 3; // not kept
    session.flush();
    CHECK(session.query<MemberHistory>().count() == 2);
    session.rollback();
    CHECK(session.query<MemberHistory>().count() == 0);
    ada->nick = "lady";
    session.commit();
    ada->nick = "countess";
    session.commit();
    const auto rows =
        db->session().query<MemberHistory>().order_by(col(&MemberHistory::id)).values();
    Lines lines;
    for (const auto& row : rows) {
        CHECK(row.member_id == ada->id);
        lines.push_back(row.column + ": " + row.before + " -> " + row.after);
    }
    CHECK(lines == Lines{"nick: a -> lady", "nick: lady -> countess"});
}

TEST_CASE("EVT-20 an outbox message is there with its row, and handed on exactly once") {
    Backend db;
    db->create_all<Club, Skill, Member, OutboxMessage>();
    keep_outbox(*db);
    Lines sent;
    Session session = db->session();
    const auto ada = session.add(Member{.email = "ada"});
    session.commit();
    session.add(Member{.email = "never"});
    session.flush();
    session.rollback();
    session.add(Member{.email = "ada"}); // unique: nothing of it stays
    CHECK_THROWS_AS(session.commit(), IntegrityError);
    session.rollback();
    const auto bob = session.add(Member{.email = "bob"});
    session.commit();
    CHECK_THROWS_AS(relay(*db, sent, true), std::runtime_error);
    CHECK(sent.empty());
    CHECK(relay(*db, sent) == 2);
    CHECK(relay(*db, sent) == 0);
    CHECK(sent == Lines{"member " + std::to_string(ada->id), "member " + std::to_string(bob->id)});
}

TEST_CASE("EVT-21 an observer is a class with a function for each event that it wants") {
    Backend db;
    db->create_all<Club, Skill, Member>();
    Lines told;
    const Subscription audit = db->observe<Member>(Audit{&told});
    const auto shared = std::make_shared<Audit>(Audit{&told});
    const Subscription twice = db->observe<Member>(shared);
    CHECK(shared.use_count() > 1);
    twice.remove(); // all its functions together
    Session session = db->session();
    const auto ada = session.add(Member{.email = "ada"});
    session.commit();
    ada->nick = "a";
    session.commit();
    session.delete_(ada);
    session.commit();
    CHECK(std::exchange(told, {}) == Lines{"insert ada", "updated ada", "deleted ada"});
    audit.remove();
    session.add(Member{.email = "bob"});
    session.commit();
    CHECK(told.empty());
}
