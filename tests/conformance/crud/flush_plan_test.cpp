// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/loading/query.hpp>
#include <mercator/mapping/describe.hpp>
#include <mercator/session/session.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace {

struct PlannedSeat {
    std::int64_t id{};
    std::optional<std::string> label;
    std::string secret;
    int version{};
    Many<struct PlannedGuest> guests;
};
struct PlannedGuest {
    std::string code;
    std::optional<std::int64_t> seat_id;
    One<PlannedSeat> seat;
    Many<struct PlannedDish> dishes;
};
struct PlannedDish {
    std::int64_t id{};
    std::string name;
};
void describe(Mapping<PlannedSeat>& seat) {
    seat.table("planned_seats");
    seat.column<&PlannedSeat::id>().primary_key();
    seat.column<&PlannedSeat::label>(String(20)).unique();
    seat.column<&PlannedSeat::secret>(String(20)).sensitive();
    seat.version<&PlannedSeat::version>();
    seat.relationship<&PlannedSeat::guests>().back_populates<&PlannedGuest::seat>();
}
void describe(Mapping<PlannedGuest>& guest) {
    guest.table("planned_guests");
    guest.column<&PlannedGuest::code>(String(20)).primary_key();
    guest.column<&PlannedGuest::seat_id>().references<&PlannedSeat::id>();
    guest.relationship<&PlannedGuest::seat>().back_populates<&PlannedSeat::guests>();
    guest.relationship<&PlannedGuest::dishes>().secondary(
        Table("planned_orders",
              Column("guest_code", String(20)).references("planned_guests.code").primary_key(),
              Column("dish_id", BigInteger()).references("planned_dishes.id").primary_key()));
}
void describe(Mapping<PlannedDish>& dish) {
    dish.table("planned_dishes");
    dish.column<&PlannedDish::id>().primary_key();
    dish.column<&PlannedDish::name>(String(20));
}

/// "INSERT planned_seats" for each statement, equal neighbours once.
std::vector<std::string> shape(const std::vector<std::string>& texts) {
    std::vector<std::string> list;
    for (const auto& text : texts) {
        const std::string verb = text.substr(0, text.find(' '));
        if (verb == "SELECT") continue;
        std::string table;
        std::size_t first = text.size();
        for (const char* name :
             {"planned_seats", "planned_guests", "planned_orders", "planned_dishes"}) {
            if (const auto at = text.find(name); at < first) {
                first = at;
                table = name;
            }
        }
        const auto entry = verb + ' ' + table;
        if (list.empty() || list.back() != entry) list.push_back(entry);
    }
    return list;
}

std::vector<std::string> texts(const std::vector<FlushStep>& plan) {
    std::vector<std::string> list;
    for (const auto& step : plan) {
        for (const auto& statement : step.statements) list.push_back(statement.sql);
    }
    return list;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string all;
    for (const auto& line : lines) all += line + '\n';
    return all;
}

struct Party {
    Party() { backend->create_all<PlannedSeat, PlannedGuest, PlannedDish>(); }
    Backend backend;
};

/// The plan names the statements of the flush in their order.
void check_order(Party& party, Session& session) {
    const auto plan = session.flush_plan();
    INFO(to_string(plan));
    const SqlLog log(party.backend->engine());
    session.flush();
    INFO(log.dump());
    CHECK(joined(shape(texts(plan))) == joined(shape(log.texts())));
}

} // namespace

TEST_CASE("UOW-26 a plan has the statements in their order, with their parameters") {
    Party party;
    Session session = party.backend->session();
    const auto seat = session.add(PlannedSeat{.label = "A1", .secret = "hidden"});
    const auto soup = session.add(PlannedDish{.name = "soup"});
    session.commit();

    seat->label = "A2";
    const auto ada = session.add(PlannedGuest{.code = "ada"});
    ada->seat = seat;
    ada->dishes.add(soup);
    const auto bob = session.add(PlannedGuest{.code = "bob"});
    bob->seat = session.add(PlannedSeat{.label = "B1", .secret = "hidden"});
    const SqlLog log(party.backend->engine());
    const auto plan = session.flush_plan();
    CHECK(log.count() == log.count("SELECT"));
    const std::string text = to_string(plan);
    INFO(text);
    CHECK(text.find("insert 2 PlannedGuest (code, seat_id)\n    INSERT INTO ") != text.npos);
    CHECK(text.find("        ('ada', " + std::to_string(seat->id) + ")\n") != text.npos);
    CHECK(text.find("        ('bob', NULL)\n") != text.npos);    // the key is not made yet
    CHECK(text.find("        ('B1', '***', 0)\n") != text.npos); // defaults are not called
    CHECK(text.find("hidden") == text.npos);
    // What is written, the key, and the version that was loaded.
    CHECK(text.find("        ('A2', 2, " + std::to_string(seat->id) + ", 1)\n") != text.npos);
    CHECK(text.find("        ('ada', " + std::to_string(soup->id) + ")\n") != text.npos);
    CHECK(seat->version == 1);
    check_order(party, session);
    CHECK(session.flush_plan().empty());
    session.commit();
}

TEST_CASE("UOW-26 updates that hand a unique value on stand where the flush sends them") {
    Party party;
    Session session = party.backend->session();
    const auto one = session.add(PlannedSeat{.label = "one"});
    const auto two = session.add(PlannedSeat{.label = "two"});
    const auto three = session.add(PlannedSeat{.label = "three"});
    session.commit();

    SUBCASE("to a new object") {
        one->label = "former one";
        session.add(PlannedSeat{.label = "one"});
        const auto plan = session.flush_plan();
        REQUIRE(plan.size() == 2);
        CHECK(plan[0].action == FlushStep::Action::Update);
        CHECK(plan[1].action == FlushStep::Action::Insert);
        check_order(party, session);
    }
    SUBCASE("from row to row") {
        one->label = "two";
        two->label = "three";
        three->label = "four";
        const auto plan = session.flush_plan();
        REQUIRE(plan.size() == 3);
        CHECK(plan[0].objects[0] == three);
        CHECK(plan[1].objects[0] == two);
        CHECK(plan[2].objects[0] == one);
        CHECK(plan[2].statements[0].binds[0][0] == Value("two"));
        session.flush();
    }
    SUBCASE("in a circle, which one row leaves for a moment") {
        std::swap(one->label, two->label);
        const auto plan = session.flush_plan();
        REQUIRE(plan.size() == 3);
        CHECK(plan[0].statements[0].binds[0][0].is_null());
        const SqlLog log(party.backend->engine());
        session.flush();
        CHECK(log.count("UPDATE") == 3);
    }
    SUBCASE("from a row that is deleted") {
        session.delete_(one);
        session.add(PlannedSeat{.label = "one"});
        const auto plan = session.flush_plan();
        REQUIRE(plan.size() == 2);
        CHECK(plan[0].action == FlushStep::Action::Delete);
        check_order(party, session);
    }
    session.commit();
}

TEST_CASE("UOW-26 deletes and rows of a table between are told with the keys that they go by") {
    Party party;
    Session session = party.backend->session();
    const auto seat = session.add(PlannedSeat{.label = "A1"});
    const auto ada = session.add(PlannedGuest{.code = "ada"});
    ada->seat = seat;
    const auto soup = session.add(PlannedDish{.name = "soup"});
    ada->dishes.add(soup);
    session.commit();
    session.delete_(ada);
    session.delete_(seat);
    const std::string text = to_string(session.flush_plan());
    INFO(text);
    CHECK(
        text.find("delete all rows of PlannedGuest.dishes for 1 PlannedGuest\n    DELETE FROM ") !=
        text.npos);
    CHECK(text.find("        ('ada')\n") != text.npos);
    CHECK(text.find("        (" + std::to_string(seat->id) + ", 1)\n") != text.npos); // and version
    check_order(party, session);
    session.commit();
    CHECK(session.query<PlannedGuest>().count() == 0);
}
