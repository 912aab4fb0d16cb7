// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>

using namespace mercator;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace update_by_query {

struct Ticket {
    std::int64_t id{};
    std::string title;
    int priority{};
    std::optional<std::string> owner;
    std::optional<int> touched;
};

void describe(Mapping<Ticket>& ticket) {
    ticket.table("tickets_by_query");
    ticket.column<&Ticket::id>().primary_key();
    ticket.column<&Ticket::title>(String(40));
    ticket.column<&Ticket::priority>();
    ticket.column<&Ticket::owner>(String(40));
    ticket.column<&Ticket::touched>().on_update([] { return 7; });
}

void add_three(Session& session) {
    session.add(Ticket{.title = "one", .priority = 1, .owner = "ann"});
    session.add(Ticket{.title = "two", .priority = 2, .owner = "ann"});
    session.add(Ticket{.title = "three", .priority = 3});
    session.commit();
}

} // namespace update_by_query

using namespace update_by_query;

TEST_CASE("MOD-20 an update by query writes the on_update value of every row it meets") {
    Backend backend;
    backend->create_all<Ticket>();
    Session session = backend->session();
    add_three(session);
    SqlLog log(backend->engine());

    const auto count = session.query<Ticket>()
                           .where(col(&Ticket::priority) >= 2)
                           .update(set(&Ticket::priority, col(&Ticket::priority) + 10),
                                   set(&Ticket::owner, std::nullopt));

    CHECK(count == 2);
    CHECK(log.count("UPDATE") == 1);
    const auto rows = session.query<Ticket>().order_by(col(&Ticket::id)).all();
    CHECK_FALSE(rows[0]->touched.has_value());
    CHECK(rows[1]->touched == 7);
    CHECK(rows[1]->priority == 12);
    CHECK_FALSE(rows[1]->owner.has_value());
    CHECK(rows[2]->priority == 13);
}

TEST_CASE(
    "C33 an object that was loaded before is renewed when it is met after an update by query") {
    Backend backend;
    backend->create_all<Ticket>();
    Session session = backend->session();
    add_three(session);
    const auto first = session.query<Ticket>().where(col(&Ticket::title) == "one").one();
    const auto id = first->id;

    session.query<Ticket>().where(col(&Ticket::id) == id).update(set(&Ticket::title, "uno"));

    CHECK(session.get<Ticket>(id) == first);
    CHECK(first->title == "uno");
}

TEST_CASE("a delete by query removes the rows it meets and says how many") {
    Backend backend;
    backend->create_all<Ticket>();
    Session session = backend->session();
    add_three(session);
    const auto last = session.query<Ticket>().where(col(&Ticket::title) == "three").one();
    const auto id = last->id;

    CHECK(session.query<Ticket>().where(col(&Ticket::priority) > 1).delete_() == 2);

    CHECK(session.query<Ticket>().count() == 1);
    CHECK(session.get<Ticket>(id) == nullptr);
}

TEST_CASE("an update by query refuses what it cannot narrow by, before anything is sent") {
    Backend backend;
    backend->create_all<Ticket>();
    Session session = backend->session();
    SqlLog log(backend->engine());
    CHECK_THROWS_WITH_AS(
        static_cast<void>(session.query<Ticket>().limit(1).update(set(&Ticket::priority, 1))),
        doctest::Contains("where() only"), CompileError);
    CHECK(log.count() == 0);
}

TEST_CASE("an update by query reads the old values of the columns that it sets") {
    Backend backend;
    backend->create_all<Ticket>();
    Session session = backend->session();
    add_three(session);
    const auto first = [&] { return session.query<Ticket>().order_by(col(&Ticket::id)).first(); };
    static_cast<void>(session.query<Ticket>().update(
        set(&Ticket::priority, col(&Ticket::priority) + 10),
        set(&Ticket::touched, col(&Ticket::priority) + 5), set(&Ticket::owner, "bob")));
    CHECK(first()->priority == 11);
    CHECK(first()->touched == 6);
    CHECK(first()->owner == "bob");
    // In a circle: as standard SQL does it, or not at all.
    try {
        static_cast<void>(session.query<Ticket>().update(set(&Ticket::title, col(&Ticket::owner)),
                                                         set(&Ticket::owner, col(&Ticket::title))));
    } catch (const UnsupportedError& error) {
        CHECK(std::string(error.what()).find("tickets_by_query") != std::string::npos);
        CHECK(first()->title == "one");
        return;
    }
    CHECK(first()->title == "bob");
    CHECK(first()->owner == "one");
}
