// SPDX-License-Identifier: MIT
#include "counter.hpp"

#include <mercator/session/check_hybrid.hpp>

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <tuple>
#include <vector>

using namespace mercator;
using namespace counter;
using test::SqlLog;

namespace {

constexpr auto nick = hybrid<User>([](auto e) { return case_insensitive(e(&User::username)); });
constexpr auto is_ada = hybrid<User>([](auto e) { return e(nick) == "ADA"; });

/// The same to the unit.
struct ByWholePart {
    template <class N>
    static auto key(const N& number) {
        return number;
    }
    template <class A, class B>
    static auto equal(const A& a, const B& b) {
        return a - b < 1 && b - a < 1;
    }
};
constexpr auto rough_price =
    hybrid<Product>([](auto e) { return compared_by<ByWholePart>(e(&Product::price)); });

/// Plain C++ on the one side, SQL on the other.
constexpr auto greeting =
    hybrid<User>([](const User& user) { return "Hello, " + user.username.substr(0, 2); },
                 [](auto e) { return concat("Hello, ", func::substr(e(&User::username), 1, 2)); });
constexpr auto in_stock_wrong = hybrid<Product>([](const Product& p) { return p.stock >= 0; },
                                                [](auto e) { return e(&Product::stock) > 0; });

constexpr auto display_name = hybrid<User>([](auto e) {
                                  return e(&User::username);
                              }).assigned_by([](auto to, const std::string& name) {
    const auto blank = name.find(' ');
    to(&User::first_name, name.substr(0, blank));
    to(&User::last_name, name.substr(blank + 1));
    to(&User::username, name);
});
constexpr auto raised =
    hybrid<Product>([](auto e, const Decimal& by) { return e(&Product::price) + by; });

struct Sample {
    std::int64_t id{};
    Decimal price;
    std::optional<Decimal> discount;
    int pieces{};
    std::optional<int> bonus;
    std::string first;
    std::optional<std::string> last;
};
void describe(Mapping<Sample>& sample) {
    sample.table("samples");
    sample.column<&Sample::id>().primary_key();
    sample.column<&Sample::price>(Numeric(9, 2));
    sample.column<&Sample::discount>(Numeric(9, 3));
    sample.column<&Sample::pieces>();
    sample.column<&Sample::bonus>();
    sample.column<&Sample::first>(String(12));
    sample.column<&Sample::last>(String(12));
}
constexpr auto worth = hybrid<Sample>([](auto e) {
    return (e(&Sample::price) - e(&Sample::discount)) * e(&Sample::pieces) + e(&Sample::bonus);
});
constexpr auto whole = hybrid<Sample>([](auto e) {
    return (e(&Sample::pieces) * 7 - e(&Sample::bonus).value_or(3)) / 4 % 5 - -e(&Sample::pieces);
});
constexpr auto both_names =
    hybrid<Sample>([](auto e) { return concat(e(&Sample::first), "-", upper(e(&Sample::last))); });
constexpr auto one_name = hybrid<Sample>(
    [](auto e) { return coalesce(e(both_names), lower(e(&Sample::first)) + "?").value_or(""); });
constexpr auto is_odd = hybrid<Sample>([](auto e) {
    return (e(&Sample::bonus) > 2 && !(e(&Sample::last) == "b")) ||
           e(&Sample::discount).is_null() || e(&Sample::pieces).in({1, 2, 3}) ||
           e(&Sample::bonus) == e(&Sample::pieces) || e(&Sample::first).startswith("ab") ||
           e(&Sample::price).between(1, e(&Sample::discount));
});
constexpr auto kind = hybrid<Sample>([](auto e) {
    return if_else(
        !e(is_odd), "even",
        if_else(e(worth) > 0, "dear", if_else(length(e(&Sample::first)) >= 3, "long", "x")));
});

template <class H>
void check_all(Session& session, const H& hybrid, const std::vector<std::shared_ptr<Sample>>& all) {
    const auto values = session.execute(select(hybrid()).order_by(col(&Sample::id))).all();
    REQUIRE(values.size() == all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto in_memory = hybrid(*all[i]);
        if (std::get<0>(values[i]) == in_memory) continue;
        FAIL_CHECK("row " << all[i]->id << " differs");
    }
}

} // namespace

TEST_CASE(
    "HYB-01 HYB-04 HYB-05 HYB-07 a thousand random rows have the same values in both worlds") {
    test::Backend backend;
    backend->create_all<Sample>();
    {
        std::mt19937 random(20'261'120);
        const auto below = [&](int bound) {
            return static_cast<int>(random() % static_cast<unsigned>(bound));
        };
        const auto text = [&] {
            std::string letters;
            for (int count = below(5); count > 0; --count)
                letters += static_cast<char>('a' + below(3));
            return letters;
        };
        Session session = backend->session();
        for (int i = 0; i < 1000; ++i) {
            Sample sample{.price = Decimal::from_scaled(below(200'000) - 100'000, 2),
                          .pieces = below(12) - 4,
                          .first = text()};
            if (below(3) != 0) sample.discount = Decimal::from_scaled(below(9'999), 3);
            if (below(3) != 0) sample.bonus = below(8);
            if (below(3) != 0) sample.last = text();
            session.add(std::move(sample));
        }
        session.commit();
    }
    Session session = backend->session();
    const auto all = session.query<Sample>().order_by(col(&Sample::id)).all();
    REQUIRE(all.size() == 1000);
    check_all(session, worth, all);
    check_all(session, whole, all);
    check_all(session, both_names, all);
    check_all(session, one_name, all);
    check_all(session, kind, all);
    // A condition that is unknown finds no row, and is not true in memory.
    std::int64_t odd = 0;
    for (const auto& sample : all) odd += is_odd(*sample) ? 1 : 0;
    CHECK(session.query<Sample>().where(is_odd()).count() == odd);
    CHECK(odd > 100);
    CHECK(odd < 900);
    std::int64_t even = 0;
    for (const auto& sample : all) even += kind(*sample) == "even" ? 1 : 0;
    CHECK(session.query<Sample>().where(kind() == "even").count() == even);
}

TEST_CASE("HYB-11 a comparator of one's own decides what is equal, in both worlds") {
    Counter shop;
    Session session = shop->session();
    const auto ada = session.query<User>().where(nick() == "aDa").one();
    CHECK(ada->username == "ada");
    CHECK(is_ada(*ada));
    CHECK(session.query<User>().where(is_ada()).count() == 1);
    CHECK(session.query<User>().where(nick() != "ADA").one()->username == "bob");
    CHECK(session.query<User>().where(nick().in({"BOB", "EVE"})).one()->username == "bob");
    session.add(User{.username = "Carl"});
    session.add(User{.username = "ALAN"});
    std::vector<std::string> names;
    for (const auto& user : session.query<User>().order_by(nick().asc()).all())
        names.push_back(nick(*user));
    CHECK(names == std::vector<std::string>{"ada", "ALAN", "bob", "Carl"});
    CHECK(session.query<Product>().where(rough_price() == Decimal("20.50")).one()->name == "lamp");
    CHECK(session.query<Product>().where(rough_price() == Decimal(21)).count() == 0);
}

TEST_CASE("HYB-02 two lambdas are compared on sample rows") {
    Counter shop;
    Session session = shop->session();
    CHECK(check_hybrid<greeting>(session) == 2);
    CHECK(check_hybrid<order_total>(session) == 2);
    CHECK(check_hybrid<full_name>(session, 1) == 1);
    try {
        static_cast<void>(check_hybrid<in_stock_wrong>(session));
        FAIL("no error");
    } catch (const HybridMismatch& error) {
        CHECK(error.hybrid().find("in_stock_wrong") != std::string::npos);
        CHECK(error.row() == "Product(id=2)");
        CHECK(error.in_memory() == "true");
        CHECK(error.in_database() == "false");
        CHECK(std::string(error.what())
                  .find("Product(id=2) is true in memory and false in the "
                        "database") != std::string::npos);
    }
    CHECK_THROWS_AS(static_cast<void>(check_hybrid(session, in_stock_wrong, "stock")),
                    HybridMismatch);
}

TEST_CASE("HYB-12 a value given to a hybrid is given to its columns") {
    Counter shop;
    Session session = shop->session();
    const auto bob = session.query<User>().where(col(&User::username) == "bob").one();
    display_name.assign(*bob, std::string("Bob Ross"));
    CHECK(bob->last_name == "Ross");
    session.commit();

    SqlLog log(shop->engine());
    CHECK(session.query<User>()
              .where(col(&User::id) == bob->id)
              .update(set(display_name, std::string("Ada King"))) == 1);
    REQUIRE(log.count("UPDATE") == 1);
    CHECK(log.texts("UPDATE").front().find("first_name") != std::string::npos);
    CHECK(log.texts("UPDATE").front().find("last_name") != std::string::npos);
    CHECK(session.query<User>()
              .where(col(&User::first_name) == "Ada", col(&User::last_name) == "King")
              .count() == 1);

    // An UPDATE joins nothing: what lies across a relationship is a subquery.
    log.clear();
    CHECK(
        session.query<CartItem>().where(cart_subtotal() > 20).update(set(&CartItem::quantity, 4)) ==
        1);
    CHECK(log.texts("UPDATE").front().find("JOIN") == std::string::npos);
    CHECK(session.query<CartItem>().where(cart_subtotal() == Decimal("79.96")).count() == 1);
    CHECK(session.query<CartItem>().where(cart_subtotal() > 20).delete_() == 1);
    CHECK(session.query<CartItem>().count() == 1);

    // A hybrid as the value, and as the condition.
    CHECK(session.query<Product>()
              .where(raised(Decimal(1)) < 7)
              .update(set(&Product::price, raised(Decimal("0.50")))) == 1);
    CHECK(session.query<Product>().where(col(&Product::price) == Decimal("5.50")).count() == 1);
    CHECK(session.query<Order>()
              .where(order_total() > 20)
              .update(set(&Order::shipping_fee, order_subtotal())) == 1);
    CHECK(session.query<Order>().where(order_total() == Decimal("111.14")).count() == 1);
}
