// SPDX-License-Identifier: MIT
#include "backend.hpp"
#include "sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

using mercator::col;
using mercator::NativeEnum;
using mercator::Value;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

enum class OrderStatus { open, paid, sent };
enum class Mood { happy, sad };
enum class OtherMood { good, bad };

} // namespace

/// Native in every model.
template <>
struct mercator::EnumNames<Mood> {
    static constexpr std::string_view native_name = "native_mood";
    static constexpr std::array<mercator::EnumEntry<Mood>, 2> entries{
        {{Mood::happy, "it's fine"}, {Mood::sad, "sad"}}};
};

namespace {

struct NativeOrder {
    std::int64_t id{};
    OrderStatus status = OrderStatus::open;
    std::optional<OrderStatus> before;
    Mood mood = Mood::happy;

    static void describe(mercator::Mapping<NativeOrder>& order) {
        order.table("native_orders");
        order.column<&NativeOrder::id>().primary_key();
        order.column<&NativeOrder::status>(NativeEnum("Order_Status"));
        order.column<&NativeOrder::before>(NativeEnum("Order_Status"));
        order.column<&NativeOrder::mood>();
    }
};

struct NativeLog {
    std::int64_t id{};
    OrderStatus status = OrderStatus::open;

    static void describe(mercator::Mapping<NativeLog>& log) {
        log.table("native_logs");
        log.column<&NativeLog::id>().primary_key();
        log.column<&NativeLog::status>(NativeEnum("Order_Status"));
    }
};

struct ClashingMood {
    std::int64_t id{};
    OtherMood mood = OtherMood::good;

    static void describe(mercator::Mapping<ClashingMood>& row) {
        row.table("clashing_moods");
        row.column<&ClashingMood::id>().primary_key();
        row.column<&ClashingMood::mood>(NativeEnum("native_mood"));
    }
};

std::size_t first_with(const std::vector<std::string>& texts, const std::string& word) {
    const auto found = std::find_if(texts.begin(), texts.end(), [&](const std::string& text) {
        return text.find(word) != text.npos;
    });
    return static_cast<std::size_t>(found - texts.begin());
}

std::size_t count_with(const std::vector<std::string>& texts, const std::string& word) {
    return static_cast<std::size_t>(
        std::count_if(texts.begin(), texts.end(),
                      [&](const std::string& text) { return text.find(word) != text.npos; }));
}

} // namespace

TEST_CASE("TYP-20 CUS-15 a native enum is made once, before its tables, and dropped after them") {
    Backend backend;
    SqlLog log(backend->engine());
    backend->create_all<NativeOrder, NativeLog>();
    const auto made = log.texts("CREATE");
    const bool has_types = count_with(made, "CREATE TYPE") != 0;
    if (has_types) {
        CHECK(count_with(made, "CREATE TYPE \"Order_Status\" AS ENUM ('open', 'paid', 'sent')") ==
              1);
        CHECK(count_with(made, "CREATE TYPE") == 2);
        CHECK(first_with(made, "CREATE TYPE") < first_with(made, "CREATE TABLE"));
    } else {
        // Part of the column: a list of names, or a check of them.
        CHECK(count_with(made, "('open', 'paid', 'sent')") == 2);
        CHECK(count_with(made, "('it''s fine', 'sad')") == 1);
    }
    CHECK(backend->verify().empty());
    log.clear();
    backend->create_all<NativeOrder, NativeLog>(); // all is there
    CHECK(log.texts("CREATE").empty());
    log.clear();
    backend.run("drop table native_logs");
    backend->create_all<NativeOrder, NativeLog>();
    CHECK(log.texts("CREATE").size() == 1); // the table alone: its type is there
    log.clear();
    backend->drop_all();
    const auto dropped = log.texts("DROP");
    CHECK(count_with(dropped, "DROP TYPE") == (has_types ? 2 : 0));
    if (has_types) CHECK(dropped.back().starts_with("DROP TYPE"));
    log.clear();
    backend->create_all<NativeOrder, NativeLog>();
    CHECK(count_with(log.texts("CREATE"), "CREATE TYPE") == (has_types ? 2 : 0));
    backend->drop_all();
}

TEST_CASE("TYP-20 members of a native enum are written, read, compared and checked") {
    Backend backend;
    backend->create_all<NativeOrder, NativeLog>();
    {
        mercator::Session session = backend->session();
        for (int i = 0; i < 12; ++i) {
            session.add(NativeOrder{.status = i % 2 == 0 ? OrderStatus::paid : OrderStatus::sent,
                                    .mood = Mood::happy});
        }
        session.commit();
    }
    mercator::Session session = backend->session();
    const auto orders = session.query<NativeOrder>().order_by(col(&NativeOrder::id)).all();
    REQUIRE(orders.size() == 12);
    CHECK(orders[0]->status == OrderStatus::paid);
    CHECK(orders[1]->status == OrderStatus::sent);
    CHECK(!orders[1]->before);
    CHECK(orders[1]->mood == Mood::happy);
    for (const auto& order : orders) {
        order->before = order->status;
        order->mood = Mood::sad;
    }
    session.commit();
    CHECK(session.query<NativeOrder>().where(col(&NativeOrder::mood) == Mood::sad).count() == 12);
    CHECK(session.query<NativeOrder>()
              .where(col(&NativeOrder::before).in({OrderStatus::paid, OrderStatus::open}))
              .count() == 6);
    CHECK(session.query<NativeOrder>()
              .where(col(&NativeOrder::before) == col(&NativeOrder::status))
              .count() == 12);
    CHECK(session
              .execute(select(col(&NativeOrder::status), mercator::func::count())
                           .group_by(col(&NativeOrder::status))
                           .order_by(col(&NativeOrder::status)))
              .first() == std::tuple(OrderStatus::paid, 6));
    session.query<NativeOrder>()
        .where(col(&NativeOrder::status) == OrderStatus::paid)
        .update(mercator::set(&NativeOrder::status, OrderStatus::open));
    session.commit();
    if (backend.can().check_constraints)
        CHECK_THROWS_AS(backend.run("update native_orders set status = 'lost'"),
                        mercator::DatabaseError);
    CHECK(session.query<NativeOrder>()
              .where(col(&NativeOrder::status) == OrderStatus::open)
              .count() == 6);
    session.close();
    backend->drop_all();
}

TEST_CASE("TYP-20 a native enum is reflected with its names, and a difference is told") {
    Backend backend;
    backend->create_all<NativeLog>();
    const auto table = mercator::inspect(backend->engine()).reflect("native_logs");
    const mercator::SqlType& type = table.column("status").type;
    if (!mercator::is_enum_type(type)) {
        CHECK(backend->verify().empty());
        backend->drop_all();
        return;
    }
    CHECK(type.rules->native == "Order_Status");
    CHECK(mercator::labels_of(type)->count == 3);
    backend.run("alter type \"Order_Status\" add value 'lost'");
    const auto differences = backend->verify();
    REQUIRE(differences.size() == 1);
    CHECK(differences[0].name == "status");
    CHECK(differences[0].found.find("lost") != std::string::npos);
    backend->drop_all();
}

TEST_CASE("TYP-20 two enums of different names in one type are refused") {
    Backend backend;
    try {
        backend->create_all<NativeOrder, ClashingMood>();
        FAIL("it was made");
    } catch (const mercator::CompileError& error) {
        CHECK(std::string(error.what()).find("native_mood") != std::string::npos);
        CHECK(error.where() == "clashing_moods.mood");
    }
}

TEST_CASE("TYP-20 text that nobody described reads a native enum as its label") {
    Backend backend;
    backend->create_all<NativeOrder>();
    {
        mercator::Session session = backend->session();
        session.add(NativeOrder{.status = OrderStatus::sent});
        session.commit();
    }
    const auto rows = backend.rows("SELECT status, mood FROM native_orders");
    REQUIRE(rows.size() == 1);
    CHECK(rows[0][0] == mercator::Value("sent"));
    CHECK(rows[0][1] == mercator::Value("it's fine"));
}
