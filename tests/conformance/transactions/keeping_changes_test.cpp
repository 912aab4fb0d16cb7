// SPDX-License-Identifier: MIT
#include "support/backend.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <functional>

using namespace mercator;
using mercator::test::Backend;

namespace {

struct Lens;

struct Firm {
    std::int64_t tenant = 0;
    std::int64_t number = 0;
    std::string name;
};
void describe(Mapping<Firm>& mapping) {
    mapping.table("keeping_firm");
    mapping.column<&Firm::tenant>();
    mapping.column<&Firm::number>();
    mapping.column<&Firm::name>();
    mapping.primary_key<&Firm::tenant, &Firm::number>();
}

/// Two composite keys that begin with the same column, as in databases of many tenants.
struct Contract {
    std::int64_t id = 0;
    std::int64_t tenant = 0;
    std::optional<std::int64_t> buyer_number;
    std::optional<std::int64_t> seller_number;
    One<Firm> buyer;
    One<Firm> seller;
};
void describe(Mapping<Contract>& mapping) {
    mapping.table("keeping_contract");
    mapping.column<&Contract::id>().primary_key();
    mapping.column<&Contract::tenant>();
    mapping.column<&Contract::buyer_number>();
    mapping.column<&Contract::seller_number>();
    mapping.foreign_key(members<&Contract::tenant, &Contract::buyer_number>,
                        members<&Firm::tenant, &Firm::number>, "keeping_contract_buyer");
    mapping.foreign_key(members<&Contract::tenant, &Contract::seller_number>,
                        members<&Firm::tenant, &Firm::number>, "keeping_contract_seller");
    mapping.relationship<&Contract::buyer>()
        .foreign_keys<&Contract::tenant, &Contract::buyer_number>();
    mapping.relationship<&Contract::seller>()
        .foreign_keys<&Contract::tenant, &Contract::seller_number>();
}

struct Keeper {
    std::int64_t id = 0;
    std::string name;
    std::string state;
    Many<Lens> lenses;
};
struct Lens {
    std::int64_t id = 0;
    std::string name;
    std::optional<std::int64_t> keeper_id;
    One<Keeper> keeper;
};
void describe(Mapping<Keeper>& mapping) {
    mapping.table("keeping_keeper");
    mapping.column<&Keeper::id>().primary_key();
    mapping.column<&Keeper::name>(String(40)).unique();
    mapping.column<&Keeper::state>(String(20)).server_default("new");
    mapping.relationship<&Keeper::lenses>().back_populates<&Lens::keeper>().cascade_delete();
}

void describe(Mapping<Lens>& mapping) {
    mapping.table("keeping_lens");
    mapping.column<&Lens::id>().primary_key();
    mapping.column<&Lens::name>();
    mapping.column<&Lens::keeper_id>().references<&Keeper::id>();
    mapping.relationship<&Lens::keeper>().back_populates<&Keeper::lenses>();
}

struct Word {
    std::string text;
    int uses = 0;
};
void describe(Mapping<Word>& mapping) {
    mapping.table("keeping_word");
    mapping.column<&Word::text>(String(40)).primary_key();
    mapping.column<&Word::uses>();
}

struct Ticket {
    std::int64_t id = -1;
    std::string name;
};
void describe(Mapping<Ticket>& mapping) {
    mapping.table("keeping_ticket");
    mapping.column<&Ticket::id>().primary_key().sentinel(-1);
    mapping.column<&Ticket::name>(String(40)).unique();
}

/// Makes the next flush fail after everything before it was written, then takes the cause away.
void fail_once(Session& session, const std::function<void()>& change = {}) {
    if (change) change();
    auto first = session.add(Word{.text = "the same", .uses = 1});
    auto second = session.add(Word{.text = "the same", .uses = 2});
    CHECK_THROWS_AS(session.commit(), Error);
    session.expunge(first);
    session.expunge(second);
}

} // namespace

TEST_CASE("two relationships whose composite keys share a column keep both changes") {
    Backend backend;
    backend->create_all<Firm, Contract>();
    {
        auto session = backend->session();
        auto buyer = session.add(Firm{.tenant = 7, .number = 1, .name = "buyer"});
        auto seller = session.add(Firm{.tenant = 7, .number = 2, .name = "seller"});
        auto contract = session.add(Contract{.tenant = 7});
        contract->buyer = buyer;
        contract->seller = seller;
        session.commit();
        CHECK(contract->buyer_number == 1);
        CHECK(contract->seller_number == 2);
        contract->buyer = nullptr;
        session.commit();
        CHECK(contract->tenant == 7);
        CHECK_FALSE(contract->buyer_number.has_value());
        CHECK(contract->seller_number == 2);
    }
}

TEST_CASE("a delete that was flushed after an update of the same object is to be deleted again "
          "when the commit fails") {
    Backend backend;
    backend->create_all<Keeper, Lens, Word>();
    auto session = backend->session();
    auto lens = session.add(Lens{.name = "wide"});
    session.commit();
    lens->name = "wider";
    session.flush();
    session.delete_(lens);
    session.flush();
    fail_once(session);
    CHECK(session.status(lens) == ObjectStatus::Deleted);
    session.commit();
    CHECK(backend->session().query<Lens>().count() == 0);
}

TEST_CASE("a value set after the database had filled it in survives a failed flush") {
    Backend backend;
    backend->create_all<Keeper, Lens, Word>();
    auto session = backend->session();
    auto written = session.add(Keeper{.name = "written"});
    auto unwritten = session.add(Keeper{.name = "unwritten"});
    auto untouched = session.add(Keeper{.name = "untouched"});
    session.flush();
    CHECK(written->state == "new");
    written->state = "old";
    session.flush();
    unwritten->state = "odd";
    fail_once(session);
    CHECK(written->state == "old");
    CHECK(unwritten->state == "odd");
    session.commit();
    CHECK(untouched->state == "new");
    auto other = backend->session();
    CHECK(other.get<Keeper>(written->id)->state == "old");
    CHECK(other.get<Keeper>(unwritten->id)->state == "odd");
}

TEST_CASE("a foreign key set by its member after its relationship survives a failed flush") {
    Backend backend;
    backend->create_all<Keeper, Lens, Word>();
    auto session = backend->session();
    auto first = session.add(Keeper{.name = "first"});
    auto second = session.add(Keeper{.name = "second"});
    auto third = session.add(Keeper{.name = "third"});
    auto lens = session.add(Lens{.name = "lens"});
    auto other = session.add(Lens{.name = "other"});
    lens->keeper = first;
    other->keeper = first;
    session.commit();
    lens->keeper = second;
    other->keeper = second;
    session.flush();
    lens->keeper_id = third->id;
    SUBCASE("not written before") {}
    SUBCASE("written before") {
        session.flush();
    }
    fail_once(session);
    CHECK(lens->keeper_id == third->id);
    session.commit();
    CHECK(lens->keeper_id == third->id);
    CHECK(other->keeper_id == second->id);
    CHECK(lens->keeper.handle() == third);
}

TEST_CASE("an initial state of one's own comes back when an insert is undone") {
    Backend backend;
    backend->create_all<Ticket, Word>();
    auto session = backend->session();
    auto ticket = session.add(Ticket{.name = "a"});
    session.flush();
    CHECK(ticket->id > 0);
    session.rollback();
    CHECK(ticket->id == -1);
    auto second = session.add(Ticket{.name = "b"});
    session.add(ticket);
    session.commit();
    CHECK(ticket->id > 0);
    CHECK(second->id > 0);
}

TEST_CASE("an object expunged after its flush stays out of the session after a rollback") {
    Backend backend;
    backend->create_all<Word>();
    auto session = backend->session();
    auto word = session.add(Word{.text = "word", .uses = 1});
    session.commit();
    word->uses = 2;
    session.flush();
    session.expunge(word);
    auto again = session.get<Word>("word");
    REQUIRE(again);
    CHECK(again != word);
    session.rollback();
    CHECK(session.status(word) == ObjectStatus::Detached);
    CHECK(session.get<Word>("word") == again);
    CHECK(again->uses == 1);
}

TEST_CASE("a rollback of a delete prevails over a row of the same key that was read in between") {
    Backend backend;
    backend->create_all<Word>();
    auto session = backend->session();
    auto word = session.add(Word{.text = "word", .uses = 1});
    session.add(Word{.text = "other", .uses = 5});
    session.commit();
    session.delete_(word);
    session.flush();
    session.query<Word>().where(col(&Word::text) == "other").update(set(&Word::text, "word"));
    auto usurper = session.query<Word>().where(col(&Word::uses) == 5).one();
    CHECK(usurper->text == "word");
    session.rollback();
    CHECK(session.get<Word>("word") == word);
    CHECK(session.query<Word>().count() == 2);
}

TEST_CASE("deleting an object whose key was changed in memory deletes its own row") {
    Backend backend;
    backend->create_all<Word>();
    auto session = backend->session();
    auto one = session.add(Word{.text = "one", .uses = 1});
    session.add(Word{.text = "two", .uses = 2});
    session.commit();
    one->text = "two";
    session.delete_(one);
    session.commit();
    auto left = backend->session().query<Word>().all();
    REQUIRE(left.size() == 1);
    CHECK(left[0]->text == "two");
    CHECK(one->text == "two");
}

TEST_CASE("an object that add() refused is not inserted later") {
    Backend backend;
    backend->create_all<Keeper, Lens>();
    auto mine = backend->session();
    auto theirs = backend->session();
    auto foreign = theirs.add(Keeper{.name = "foreign"});
    Lens lens{.name = "refused"};
    lens.keeper = foreign;
    CHECK_THROWS_AS(static_cast<void>(mine.add(std::move(lens))), StateError);
    CHECK_FALSE(mine.is_dirty());
    mine.commit();
    CHECK(backend->session().query<Lens>().count() == 0);
}

TEST_CASE("a query meets no row that a cascade is about to delete") {
    Backend backend;
    backend->create_all<Keeper, Lens>();
    auto session = backend->session();
    auto keeper = session.add(Keeper{.name = "keeper"});
    keeper->lenses.add(session.add(Lens{.name = "lens"}));
    session.commit();
    session.delete_(keeper);
    CHECK(session.query<Lens>().count() == 0);
    CHECK(session.query<Keeper>().count() == 0);
}

TEST_CASE("refresh drops a relationship change that was not written") {
    Backend backend;
    backend->create_all<Keeper, Lens>();
    auto session = backend->session();
    auto first = session.add(Keeper{.name = "first"});
    auto second = session.add(Keeper{.name = "second"});
    auto lens = session.add(Lens{.name = "lens"});
    lens->keeper = first;
    session.commit();
    lens->keeper = second;
    session.refresh(lens);
    CHECK(lens->keeper.handle() == first);
    session.commit();
    CHECK(lens->keeper_id == first->id);
    CHECK(first->lenses.size() == 1);
    CHECK(second->lenses.size() == 0);
}

TEST_CASE(
    "a child whose foreign key already names the parent enters the parent's loaded collection") {
    Backend backend;
    backend->create_all<Keeper, Lens>();
    auto session = backend->session();
    auto keeper = session.add(Keeper{.name = "keeper"});
    session.commit();
    CHECK(keeper->lenses.size() == 0);
    auto lens = session.add(Lens{.name = "lens", .keeper_id = keeper->id});
    keeper->lenses.add(lens);
    CHECK(keeper->lenses.size() == 1);
    CHECK(keeper->lenses.contains(lens));
    keeper->lenses.add(lens);
    CHECK(keeper->lenses.size() == 1);
}

TEST_CASE(
    "a key freed by a delete can be used again, also when both are written again after a failure") {
    Backend backend;
    backend->create_all<Word>();
    auto session = backend->session();
    auto old = session.add(Word{.text = "word", .uses = 1});
    session.commit();
    session.delete_(old);
    SUBCASE("in one flush") {
        session.add(Word{.text = "word", .uses = 2});
        session.commit();
    }
    SUBCASE("in two flushes, of which the second fails") {
        session.flush();
        auto fresh = session.add(Word{.text = "word", .uses = 2});
        session.flush();
        fail_once(session);
        CHECK(session.status(old) == ObjectStatus::Deleted);
        CHECK(session.status(fresh) == ObjectStatus::Pending);
        session.commit();
    }
    auto check = backend->session();
    CHECK(check.query<Word>().count() == 1);
    CHECK(check.get<Word>("word")->uses == 2);
}

TEST_CASE(
    "an object read anew in a later transaction shows the parent that its row refers to now") {
    Backend backend;
    backend->create_all<Keeper, Lens>();
    auto session = backend->session();
    auto first = session.add(Keeper{.name = "first"});
    auto second = session.add(Keeper{.name = "second"});
    auto lens = session.add(Lens{.name = "lens"});
    lens->keeper = first;
    session.commit();
    {
        auto other = backend->session();
        other.get<Lens>(lens->id)->keeper = other.get<Keeper>(second->id);
        other.commit();
    }
    CHECK(session.get<Lens>(lens->id) == lens);
    CHECK(lens->keeper_id == second->id);
    CHECK(lens->keeper.handle() == second);
}

TEST_CASE("a query over the collection of a new object inserts the object first") {
    Backend backend;
    backend->create_all<Keeper, Lens>();
    auto session = backend->session();
    auto keeper = session.add(Keeper{.name = "keeper"});
    keeper->lenses.add(session.add(Lens{.name = "lens"}));
    CHECK(keeper->lenses.query().all().size() == 1);
}

TEST_CASE("an expunged object that comes back brings its changes along") {
    Backend backend;
    backend->create_all<Keeper, Lens, Word>();
    auto session = backend->session();
    auto first = session.add(Keeper{.name = "first"});
    auto second = session.add(Keeper{.name = "second"});
    auto lens = session.add(Lens{.name = "lens"});
    auto word = session.add(Word{.text = "word", .uses = 1});
    lens->keeper = first;
    session.commit();
    lens->keeper = second;
    session.expunge(lens);
    word->text = "sword";
    session.expunge(word);
    first->state = "seen";
    session.commit();
    CHECK_FALSE(session.is_dirty());
    session.add(lens);
    session.add(word);
    CHECK(session.get<Word>("word") == word);
    session.commit();
    auto check = backend->session();
    CHECK(check.get<Lens>(lens->id)->keeper_id == second->id);
    CHECK(check.get<Word>("sword"));
}

TEST_CASE("a new object added again after a rollback still finds the parent of its foreign key") {
    Backend backend;
    backend->create_all<Keeper, Lens>();
    auto session = backend->session();
    auto keeper = session.add(Keeper{.name = "keeper"});
    session.commit();
    auto lens = session.add(Lens{.name = "lens", .keeper_id = keeper->id});
    session.rollback();
    session.add(lens);
    CHECK(lens->keeper.handle() == keeper);
    session.commit();
    CHECK(lens->keeper_id == keeper->id);
}

TEST_CASE("a stream whose transaction ends under it says so instead of starting again") {
    Backend backend;
    backend->create_all<Word>();
    auto session = backend->session();
    for (int i = 0; i < 5; ++i) session.add(Word{.text = std::to_string(i), .uses = i});
    session.commit();
    int rows = 0;
    SUBCASE("by commit") {
        CHECK_THROWS_AS(session.stream<Word>([&](const Word&) {
            if (++rows == 2) session.commit();
        }),
                        StateError);
    }
    SUBCASE("by rollback") {
        CHECK_THROWS_AS(session.stream<Word>([&](const Word&) {
            if (++rows == 2) session.rollback();
        }),
                        StateError);
    }
    SUBCASE("by the end of the session") {
        CHECK_THROWS_AS(session.stream<Word>([&](const Word&) {
            if (++rows == 2) session.close();
        }),
                        StateError);
    }
    CHECK(rows == 2);
}
