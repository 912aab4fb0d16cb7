// SPDX-License-Identifier: MIT
// The stockroom of examples/inventory.
#include "inventory/stockroom.hpp"

#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace inventory;
using mercator::col;
using mercator::test::Backend;
using mercator::test::SqlLog;

TEST_CASE("inventory: a relationship described on one side is there on both") {
    Backend backend;
    open_stockroom(*backend);
    auto session = backend->session();
    const SqlLog log(backend->engine());
    const auto lines = stock_by_walking(session);
    CHECK(log.count() == 2); // categories, then the products of all of them
    CHECK((lines == std::vector<CategoryLine>{{"Bakery", 2, 33, 8 * 320 + 25 * 150},
                                              {"Dairy", 3, 55, 40 * 109 + 12 * 249 + 3 * 79},
                                              {"Garden", 0, 0, 0},
                                              {"Household", 4, 40, 40 * 199}}));
    CHECK((lines == stock_by_sql(session)));
    const auto dairy = session.query<Category>().where(col(&Category::name) == "Dairy").one();
    CHECK(dairy->products[0]->name == "Butter"); // in the order that the backref gives
    CHECK(dairy->products[0]->category.get() == dairy.get());
}

TEST_CASE("inventory: goods come, go, and cannot become less than nothing") {
    Backend backend;
    open_stockroom(*backend);
    auto session = backend->session();
    receive(session, "Butter", 24);
    CHECK(hand_out(session, "Rye bread", 8));
    CHECK_FALSE(hand_out(session, "Rye bread", 1));
    CHECK_THROWS_AS(receive(session, "Bytter", 1), mercator::NoResultFound);
    auto fresh = backend->session();
    const auto low = low_on_stock(fresh, 4);
    REQUIRE(low.size() == 3);
    CHECK(low[0]->name == "Rye bread");
    CHECK(low[1]->name == "Umbrella");
    CHECK_FALSE(low[1]->category);
    CHECK(low[2]->category->name == "Dairy");
}

TEST_CASE("inventory: a product moves to another category by one UPDATE") {
    Backend backend;
    open_stockroom(*backend);
    auto session = backend->session();
    const SqlLog log(backend->engine());
    sort_into(session, "Soap", "Garden");
    CHECK(log.count("UPDATE") == 1);
    CHECK(log.count("INSERT") == 0);
    sort_into(session, "Umbrella", "Outdoor");
    CHECK(log.count("INSERT") == 1);
    auto fresh = backend->session();
    const auto soap = fresh.query<Product>().where(col(&Product::name) == "Soap").one();
    CHECK(soap->category->name == "Garden");
}

TEST_CASE("inventory: what has expired is thrown away") {
    using namespace std::chrono;
    Backend backend;
    open_stockroom(*backend);
    auto session = backend->session();
    CHECK(discard_expired(session, mercator::Date(year(2026) / February / day(11))) == 1);
    CHECK(discard_expired(session, mercator::Date(year(2026) / February / day(11))) == 0);
    CHECK(session.query<Product>().count() == 9);
}
