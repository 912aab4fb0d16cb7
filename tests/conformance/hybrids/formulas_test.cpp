// SPDX-License-Identifier: MIT
#include "counter.hpp"

#include <doctest/doctest.h>

#include <string>
#include <tuple>
#include <vector>

using namespace mercator;
using namespace counter;
using test::SqlLog;

namespace {

/// The value of a hybrid of every object is what the database computes for its row; gives them as
/// text, in the order of the keys.
template <class Class, class H, class Key>
std::string same_in_both(Session& session, const H& hybrid, Key Class::*key) {
    std::string texts;
    for (const auto& object : session.query<Class>().order_by(col(key).asc()).all()) {
        const auto in_memory = hybrid(*object);
        const auto in_sql = session.execute(select(hybrid()).where(col(key) == (*object).*key));
        const auto value = std::get<0>(in_sql.one());
        static_assert(std::same_as<decltype(value), decltype(in_memory)>);
        CHECK(value == in_memory);
        CHECK(session.query<Class>()
                  .where(hybrid() == in_memory, col(key) == (*object).*key)
                  .count() == 1);
        if constexpr (std::same_as<std::remove_const_t<decltype(value)>, Decimal>) {
            CHECK(value.to_string() == in_memory.to_string());
            texts += value.to_string() + ' ';
        } else if constexpr (std::same_as<std::remove_const_t<decltype(value)>, std::string>) {
            texts += value + ' ';
        } else {
            texts += std::to_string(value) + ' ';
        }
    }
    return texts;
}

std::string plain(std::string sql) {
    std::erase_if(sql, [](char c) { return c == '"' || c == '`'; });
    return sql;
}

constexpr auto dearest_line = hybrid<Order>([](auto e) {
    return max(e(&Order::items), [](auto i) { return i(item_subtotal); }).value_or(Decimal(0));
});
constexpr auto cheapest_piece = hybrid<Order>([](auto e) {
    return min(e(&Order::items), [](auto i) { return i(&OrderItem::price); }).value_or(Decimal(0));
});
constexpr auto mean_pieces = hybrid<Order>([](auto e) {
    return avg(e(&Order::items), [](auto i) { return i(&OrderItem::quantity); }).value_or(0.0);
});
constexpr auto line_count = hybrid<Order>([](auto e) { return count(e(&Order::items)); });
constexpr auto small_lines = hybrid<Order>(
    [](auto e) { return count(e(&Order::items), [](auto i) { return i(item_subtotal) < 1; }); });
constexpr auto is_empty = hybrid<Order>([](auto e) { return !exists(e(&Order::items)); });
constexpr auto has_bulk = hybrid<Order>([](auto e) {
    return any(e(&Order::items), [](auto i) { return i(&OrderItem::quantity) >= 3; });
});
constexpr auto all_available = hybrid<Order>([](auto e) {
    return all(e(&Order::items), [](auto i) { return i(&OrderItem::product)(is_in_stock); });
});
constexpr auto spent = hybrid<User>(
    [](auto e) { return sum(e(&User::orders), [](auto order) { return order(order_total); }); });
constexpr auto at_least_my_price = hybrid<Product>([](auto e) {
    return count(e(&Product::predecessors),
                 [&](auto old) { return old(&Product::price) <= e(&Product::price); });
});
constexpr auto successor_price = hybrid<Product>(
    [](auto e) { return e(&Product::successor)(&Product::price).value_or(Decimal("0.00")); });
constexpr auto plus = hybrid<OrderItem>(
    [](auto e, const Decimal& fee, int times) { return e(item_subtotal) + fee * times; });

template <int depth>
constexpr auto deeper = hybrid<Order>([](auto e) { return e(deeper<depth - 1>) + 1; });
template <>
constexpr auto deeper<0> = order_total;

} // namespace

TEST_CASE(
    "HYB-04 HYB-06 HYB-07 HYB-05 hybrids of a row's own columns have one value in both worlds") {
    Counter shop;
    Session session = shop->session();
    CHECK(same_in_both(session, full_name, &User::id) == "Ada Lovelace bob ");
    CHECK(same_in_both(session, is_in_stock, &Product::id) == "1 0 ");
    CHECK(same_in_both(session, item_subtotal, &OrderItem::id) == "55.50 0.07 ");
    // Not yet written: 5 in this column is 5.00.
    CHECK(item_subtotal(OrderItem{.quantity = 3, .price = Decimal(5)}).to_string() == "15.00");
}

TEST_CASE("HYB-08 a hybrid reads a related object: the query's own join in SQL") {
    Counter shop;
    Session session = shop->session();
    CHECK(same_in_both(session, cart_subtotal, &CartItem::id) == "59.97 10.00 ");
    CHECK(same_in_both(session, successor_price, &Product::id) == "0.00 19.99 ");

    SqlLog log(shop->engine());
    CHECK(session.query<CartItem>()
              .where(cart_subtotal() > 20)
              .order_by(cart_subtotal().asc())
              .all()
              .size() == 1);
    REQUIRE(log.count() == 1);
    const std::string sql = plain(log.texts().front());
    CAPTURE(sql);
    CHECK(sql.find("JOIN products AS cart_items__product ON") != std::string::npos);
    CHECK(sql.find("JOIN", sql.find("JOIN") + 1) == std::string::npos); // once for both uses
    CHECK(sql.find("cart_items__product.price * cart_items.quantity") != std::string::npos);
}

TEST_CASE(
    "HYB-08 a hybrid across an empty relationship is empty, or an error where it must not be") {
    Counter shop;
    CHECK_THROWS_WITH_AS(static_cast<void>(cart_subtotal(CartItem{})),
                         doctest::Contains("CartItem.product is empty"), StateError);
    constexpr auto price =
        hybrid<CartItem>([](auto e) { return e(&CartItem::product)(&Product::price); });
    CHECK(price(CartItem{}) == std::nullopt);
    constexpr auto sellable =
        hybrid<CartItem>([](auto e) { return e(&CartItem::product)(is_in_stock); });
    CHECK_FALSE(sellable(CartItem{}));
    constexpr auto orphan =
        hybrid<Product>([](auto e) { return e(&Product::successor).is_null(); });
    Session session = shop->session();
    CHECK(same_in_both(session, orphan, &Product::id) == "1 0 ");
    // A condition over nothing is unknown, which is not true.
    constexpr auto dear_successor =
        hybrid<Product>([](auto e) { return e(&Product::successor)(&Product::price) > 5; });
    const auto answers = session.execute(select(dear_successor()).order_by(col(&Product::id)));
    CHECK(answers.scalars() == std::vector<bool>{false, true});
    const auto products = session.query<Product>().order_by(col(&Product::id)).all();
    CHECK_FALSE(dear_successor(*products[0]));
    CHECK(dear_successor(*products[1]));
}

TEST_CASE("HYB-08 HYB-09 formulas go over several relationships, and back to the same table") {
    Counter shop;
    Session session = shop->session();
    constexpr auto elder = hybrid<CartItem>(
        [](auto e) { return count(e(&CartItem::product)(&Product::predecessors)); });
    CHECK(same_in_both(session, elder, &CartItem::id) == "1 0 ");
    constexpr auto price_at_end = hybrid<CartItem>([](auto e) {
        return e(&CartItem::product)(&Product::successor)(&Product::price)
            .value_or(Decimal("0.00"));
    });
    CHECK(same_in_both(session, price_at_end, &CartItem::id) == "0.00 19.99 ");
    constexpr auto owner_items = hybrid<CartItem>([](auto e) {
        return sum(e.required(&CartItem::user)(&User::cart),
                   [&](auto other) { return other(&CartItem::quantity) + e(&CartItem::quantity); });
    });
    CHECK(same_in_both(session, owner_items, &CartItem::id) == "11 9 ");
}

namespace {

struct Named {
    std::string first;
    std::string last;
};
constexpr auto whole_name =
    hybrid<Named>([](auto e) { return concat(e(&Named::first), " ", e(&Named::last)); });
struct Clerk : Named {
    std::int64_t id{};
};
constexpr auto greeting_of_clerk =
    hybrid<Clerk>([](auto e) { return concat("Dear ", e(whole_name), e(&Clerk::first)); });
void describe(Mapping<Clerk>& clerk) {
    clerk.table("clerks");
    clerk.column<&Clerk::id>().primary_key();
    clerk.column<&Clerk::first>(String(20));
    clerk.column<&Clerk::last>(String(20));
}

} // namespace

TEST_CASE("HYB-10 a hybrid of a base holds for the classes that inherit it") {
    test::Backend backend;
    backend->create_all<Clerk>();
    Session session = backend->session();
    Clerk given;
    given.first = "Bob";
    given.last = "Cratchit";
    const auto bob = session.add(std::move(given));
    session.commit();
    CHECK(whole_name(*bob) == "Bob Cratchit");
    CHECK(session.query<Clerk>().where(whole_name.of<Clerk>() == "Bob Cratchit").count() == 1);
    CHECK(same_in_both(session, greeting_of_clerk, &Clerk::id) == "Dear Bob CratchitBob ");
    const auto other = alias<Clerk>("other");
    CHECK(session.execute(select(whole_name(other))).scalars().front() == "Bob Cratchit");
}

TEST_CASE("HYB-09 aggregates over a collection are a loop in memory and a subquery in SQL") {
    Counter shop;
    Session session = shop->session();
    CHECK(same_in_both(session, line_count, &Order::id) == "2 0 ");
    CHECK(same_in_both(session, small_lines, &Order::id) == "1 0 ");
    CHECK(same_in_both(session, is_empty, &Order::id) == "0 1 ");
    CHECK(same_in_both(session, has_bulk, &Order::id) == "1 0 ");
    CHECK(same_in_both(session, all_available, &Order::id) == "0 1 ");
    CHECK(same_in_both(session, mean_pieces, &Order::id) == "2.000000 0.000000 ");
    CHECK(same_in_both(session, at_least_my_price, &Product::id) == "1 0 ");
    for (const auto& order : session.query<Order>().all()) {
        const auto row = session.execute(select(order_subtotal(), dearest_line(), cheapest_piece())
                                             .where(col(&Order::id) == order->id));
        CHECK(row.one() ==
              std::tuple(order_subtotal(*order), dearest_line(*order), cheapest_piece(*order)));
    }
    // Over none it is 0 in both worlds.
    CHECK(order_subtotal(Order{}) == 0);
    CHECK(session.query<Order>().where(order_subtotal() == 0).count() == 1);

    SqlLog log(shop->engine());
    CHECK(session.query<Order>().where(order_subtotal() > 50).all().size() == 1);
    REQUIRE(log.count() == 1);
    const std::string sql = plain(log.texts().front());
    CAPTURE(sql);
    CHECK(sql.find("order_items.price * order_items.quantity") != std::string::npos);
    CHECK(sql.find("FROM order_items WHERE orders.id = order_items.order_id)") !=
          std::string::npos);
}

TEST_CASE("HYB-10 hybrids are made of hybrids, to any depth") {
    Counter shop;
    Session session = shop->session();
    CHECK(same_in_both(session, order_total, &Order::id) == "60.47 1.10 ");
    CHECK(same_in_both(session, deeper<40>, &Order::id) == "100.47 41.10 ");
    const auto ada = session.query<User>().where(col(&User::username) == "ada").one();
    CHECK(spent(*ada) == Decimal("61.57"));
    const auto all = session.execute(select(spent()).order_by(col(&User::id))).scalars();
    CHECK(all == std::vector{Decimal("61.57"), Decimal(0)});

    SqlLog log(shop->engine());
    CHECK(session.query<Order>().order_by(order_total().desc()).first()->shipping_fee ==
          Decimal("4.90"));
    CHECK(log.count() == 1);
}

TEST_CASE("HYB-03 arguments of a hybrid are values in memory and bound parameters in SQL") {
    Counter shop;
    Session session = shop->session();
    const auto item = session.query<OrderItem>().order_by(col(&OrderItem::id)).first();
    CHECK(plus(*item, Decimal("0.25"), 2) == Decimal("56.00"));
    SqlLog log(shop->engine());
    CHECK(session.query<OrderItem>().where(plus(Decimal("0.25"), 2) == Decimal("56.00")).count() ==
          1);
    REQUIRE(log.count() == 1);
    CHECK(log.texts().front().find("0.25") == std::string::npos);
    CHECK(log.statements().front().parameters.size() >= 2);
}

TEST_CASE("HYB-06 hybrids stand in ORDER BY, GROUP BY, HAVING, CASE, over aliases") {
    Counter shop;
    Session session = shop->session();
    const auto names =
        session.execute(select(full_name().label("who")).order_by(full_name().desc()));
    CHECK(names.scalars() == std::vector<std::string>{"bob", "Ada Lovelace"});
    const auto rows =
        session.execute(select(case_when(is_in_stock(), "yes").else_("no"), func::count())
                            .group_by(col(&Product::stock))
                            .having(func::sum(col(&Product::price)) > 5));
    CHECK(rows.one() == std::tuple(std::string("yes"), std::int64_t{1}));
    const auto line = alias<OrderItem>("line");
    const auto sums =
        session.execute(select(line.col(&OrderItem::quantity), func::sum(item_subtotal(line)))
                            .group_by(line.col(&OrderItem::quantity))
                            .order_by(line.col(&OrderItem::quantity)));
    CHECK(sums.all() == std::vector<std::tuple<int, std::optional<Decimal>>>{
                            {1, Decimal("0.07")}, {3, Decimal("55.50")}});
    const auto by_total = session.execute(
        select(item_subtotal(), func::count()).group_by(item_subtotal()).order_by(item_subtotal()));
    CHECK(by_total.all() == std::vector<std::tuple<Decimal, std::int64_t>>{{Decimal("0.07"), 1},
                                                                           {Decimal("55.50"), 1}});
    // With bound values in it, a hybrid is grouped by its label.
    const auto who = full_name().label("who");
    const auto people = session.execute(select(who, func::count()).group_by(who).order_by(who));
    CHECK(people.all() ==
          std::vector<std::tuple<std::string, std::int64_t>>{{"Ada Lovelace", 1}, {"bob", 1}});
    const auto order = alias<Order>("o");
    const auto totals = session.execute(select(order_total(order)).order_by(order_total(order)));
    CHECK(totals.scalars() == std::vector{Decimal("1.10"), Decimal("60.47")});
}
