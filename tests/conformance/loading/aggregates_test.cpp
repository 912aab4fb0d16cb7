// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/fixtures/tree.hpp"
#include "support/sql_log.hpp"

#include <mercator/loading/correlated.hpp>
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace mercator;
using fixtures::tree::Node;
using test::Backend;
using test::SqlLog;

namespace {

struct Item;
struct Label;

struct Order {
    std::int64_t id{};
    std::string customer;
    Many<Item> items;
    Many<Label> labels;
    // Filled by queries that ask for it.
    std::int64_t item_count = -1;
    Decimal total;
    std::optional<int> dearest;
    std::string shout;
};
struct Item {
    std::int64_t id{};
    std::int64_t order_id{};
    Decimal price;
    int pieces{};
    One<Order> order;
    std::int64_t siblings = 0;
};
struct Label {
    std::int64_t id{};
    std::string text;
    Many<Order> orders;
};

void describe(Mapping<Label>& label) {
    label.table("labels");
    label.column<&Label::id>().primary_key();
    label.column<&Label::text>(String(40));
    label.relationship<&Label::orders>().back_populates<&Order::labels>();
}
void describe(Mapping<Order>& order) {
    order.table("orders");
    order.column<&Order::id>().primary_key();
    order.column<&Order::customer>(String(40));
    order.relationship<&Order::items>().back_populates<&Item::order>();
    order.relationship<&Order::labels>()
        .secondary(Table("order_labels",
                         Column("order_id", BigInteger()).references("orders.id").primary_key(),
                         Column("label_id", BigInteger()).references("labels.id").primary_key()))
        .back_populates<&Label::orders>();
}
void describe(Mapping<Item>& item) {
    item.table("items");
    item.column<&Item::id>().primary_key();
    item.column<&Item::order_id>().references<&Order::id>();
    item.column<&Item::price>(Numeric(10, 2));
    item.column<&Item::pieces>();
    item.relationship<&Item::order>().back_populates<&Order::items>();
}

/// Ada's order has two items and two labels, Bob's one and one, Cid's none.
struct Shop : Backend {
    Shop() {
        database().create_all<Order, Item, Label, Node>();
        Session session = database().session();
        const auto red = session.add(Label{.text = "red"});
        const auto blue = session.add(Label{.text = "blue"});
        const auto ada = session.add(Order{.customer = "Ada"});
        const auto bob = session.add(Order{.customer = "Bob"});
        session.add(Order{.customer = "Cid"});
        ada->items.add(session.add(Item{.price = Decimal("19.99"), .pieces = 1}));
        ada->items.add(session.add(Item{.price = Decimal("0.02"), .pieces = 7}));
        bob->items.add(session.add(Item{.price = Decimal("5.50"), .pieces = 2}));
        ada->labels.add(red);
        ada->labels.add(blue);
        bob->labels.add(red);
        session.commit();
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::unique_ptr<SqlLog> log;
};

} // namespace

TEST_CASE("LOAD-36 the number and the sum of related rows come with their owner") {
    Shop shop;
    Session session = shop->session();
    const auto orders = session.query<Order>()
                            .order_by(col(&Order::customer))
                            .options(with_count<&Order::items>(&Order::item_count),
                                     with_sum<&Order::items>(col(&Item::price), &Order::total),
                                     with_max<&Order::items>(col(&Item::pieces), &Order::dearest))
                            .all();
    REQUIRE(orders.size() == 3);
    CHECK(orders[0]->item_count == 2);
    CHECK(orders[0]->total == Decimal("20.01"));
    CHECK(orders[0]->dearest == 7);
    CHECK(orders[1]->item_count == 1);
    CHECK(orders[1]->total == Decimal("5.50"));
    CHECK(orders[2]->item_count == 0);
    CHECK(orders[2]->total == Decimal("0"));
    CHECK(orders[2]->dearest == std::nullopt);
    CHECK_FALSE(orders[0]->items.loaded());
    CHECK_MESSAGE(shop.log->count() == 1, shop.log->dump());
    // What was read so is no column: nothing to write.
    CHECK_FALSE(session.is_dirty());
    orders[0]->item_count = 77;
    session.commit();
    CHECK(shop.log->count("UPDATE") == 0);
}

TEST_CASE("LOAD-36 conditions count some of them, over tables between and within one table") {
    Shop shop;
    Session session = shop->session();
    const auto by_labels =
        session.query<Order>()
            .where(count_of<&Order::labels>() > 0)
            .order_by(count_of<&Order::labels>(col(&Label::text) == "blue").desc())
            .options(with_count<&Order::labels>(&Order::item_count, col(&Label::text) == "red"))
            .all();
    REQUIRE(by_labels.size() == 2);
    CHECK(by_labels[0]->customer == "Ada");
    CHECK(by_labels[0]->item_count == 1);
    CHECK(by_labels[1]->item_count == 1);

    const auto root = session.add(Node{.name = "root"});
    for (const char* name : {"left", "right"}) root->children.add(session.add(Node{.name = name}));
    const auto rows = session.execute(select(col(&Node::name), count_of<&Node::children>(),
                                             count_of<&Node::children>(col(&Node::name) == "left"),
                                             count_of<&Node::parent>())
                                          .order_by(col(&Node::id)));
    REQUIRE(rows.size() == 3);
    CHECK(rows[0] ==
          std::tuple(std::string("root"), std::int64_t{2}, std::int64_t{1}, std::int64_t{0}));
    CHECK(std::get<3>(rows[1]) == 1);
    const auto sums = session.execute(
        select(col(&Order::customer), sum_of<&Order::items>(col(&Item::pieces)),
               min_of<&Order::items>(col(&Item::price)), avg_of<&Order::items>(col(&Item::pieces)))
            .order_by(col(&Order::customer)));
    REQUIRE(sums.size() == 3);
    CHECK(std::get<1>(sums[0]) == 8);
    CHECK(std::get<2>(sums[0]) == Decimal("0.02"));
    CHECK(std::get<3>(sums[0]) == doctest::Approx(4.0));
    CHECK_FALSE(std::get<1>(sums[2]).has_value());
}

TEST_CASE("LOAD-19 an expression fills a member only when the query says so") {
    Shop shop;
    Session session = shop->session();
    const auto plain = session.query<Order>().where(col(&Order::customer) == "Ada").one();
    CHECK(plain->shout.empty());
    CHECK(plain->item_count == -1);
    const auto loud =
        session.query<Order>()
            .where(col(&Order::customer) == "Ada")
            .options(with_expression<&Order::shout>(func::upper(col(&Order::customer))))
            .one();
    CHECK(loud == plain); // read again into the object that was there
    CHECK(plain->shout == "ADA");
    plain->customer = "Adele";
    session.flush();
    static_cast<void>(session.query<Order>().all());
    CHECK(plain->shout == "ADA");
    static_cast<void>(
        session.query<Order>()
            .options(with_expression<&Order::shout>(func::upper(col(&Order::customer))))
            .all());
    CHECK(plain->shout == "ADELE");
    CHECK_THROWS_AS(
        static_cast<void>(
            session.query<Order>().options(with_count<&Order::items>(&Order::item_count)).values()),
        CompileError);
    CHECK_THROWS_AS(
        static_cast<void>(with_expression<&Order::customer>(func::upper(col(&Order::customer)))),
        ArgumentError);
}

TEST_CASE("LOAD-19 LOAD-36 with joined collections, LIMIT, and below other relationships") {
    Shop shop;
    Session session = shop->session();
    const auto page = session.query<Order>()
                          .order_by(col(&Order::customer))
                          .limit(2)
                          .options(joined<&Order::items>(), joined<&Order::labels>(),
                                   with_count<&Order::items>(&Order::item_count))
                          .all();
    REQUIRE(page.size() == 2);
    CHECK(page[0]->items.size() == 2);
    CHECK(page[0]->labels.size() == 2);
    CHECK(page[0]->item_count == 2);
    CHECK(page[1]->item_count == 1);
    CHECK_MESSAGE(shop.log->count() == 1, shop.log->dump());

    Session below = shop->session();
    shop.log->clear();
    const auto labels =
        below.query<Label>()
            .order_by(col(&Label::text))
            .options(selectin<&Label::orders>().then(with_count<&Order::items>(&Order::item_count)))
            .all();
    REQUIRE(labels.size() == 2);
    CHECK(labels[0]->orders[0]->item_count == 2);
    REQUIRE(labels[1]->orders.size() == 2);
    CHECK(labels[1]->orders[1]->item_count == 1);
    CHECK_MESSAGE(shop.log->count() == 2, shop.log->dump());

    // Also into objects that a join brings, new ones and known ones.
    for (const bool known : {false, true}) {
        Session by_join = shop->session();
        std::vector<std::shared_ptr<Order>> there;
        if (known) there = by_join.query<Order>().all();
        shop.log->clear();
        const auto joined_labels =
            by_join.query<Label>()
                .order_by(col(&Label::text))
                .limit(2)
                .options(joined<&Label::orders>().then(
                    with_count<&Order::items>(&Order::item_count, col(&Item::pieces) > 0),
                    with_expression<&Order::shout>(func::upper(col(&Order::customer)))))
                .all();
        REQUIRE(joined_labels.size() == 2);
        CHECK(joined_labels[0]->orders[0]->item_count == 2);
        CHECK(joined_labels[0]->orders[0]->shout == "ADA");
        CHECK(joined_labels[1]->orders[1]->item_count == 1);
        CHECK(joined_labels[1]->orders[1]->shout == "BOB");
        CHECK_MESSAGE(shop.log->count() == 1, shop.log->dump());
    }
    Session contained = shop->session();
    const auto items = contained.query<Item>()
                           .join<&Item::order>()
                           .order_by(col(&Item::id))
                           .options(contains_eager<&Item::order>().then(
                               with_count<&Order::items>(&Order::item_count)))
                           .all();
    REQUIRE(items.size() == 3);
    CHECK(items[0]->order->item_count == 2);
    CHECK(items[2]->order->item_count == 1);
}
