// SPDX-License-Identifier: MIT
// One statement with values in every clause, against the same arithmetic done here.
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <map>
#include <random>

using namespace mercator;
using test::Backend;

namespace {

struct Shop {
    std::int64_t id{};
    std::string name;
    static void describe(Mapping<Shop>& shop) {
        shop.table("shops");
        shop.column<&Shop::id>().primary_key();
        shop.column<&Shop::name>(String(20));
    }
};

struct Sale {
    std::int64_t id{};
    std::int64_t shop_id{};
    int amount{};
    std::string tag;
    Decimal price;
    static void describe(Mapping<Sale>& sale) {
        sale.table("sales");
        sale.column<&Sale::id>().primary_key();
        sale.column<&Sale::shop_id>().references<&Shop::id>();
        sale.column<&Sale::amount>();
        sale.column<&Sale::tag>(String(5));
        sale.column<&Sale::price>(Numeric(8, 2));
    }
};

/// One value for each place where a statement can have one.
struct Question {
    std::string suffix;
    std::int64_t added = 0;
    int join_above = 0;
    std::vector<std::string> tags;
    int where_below = 0;
    Decimal price_from;
    Decimal price_to;
    std::string not_shop;
    std::int64_t having_at_least = 0;
    std::int64_t limit = 0;
    std::int64_t offset = 0;
};

using Row = std::tuple<std::string, std::optional<std::int64_t>, std::int64_t>;

struct Market : Backend {
    Market() {
        database().create_all<Shop, Sale>();
        Session session = database().session();
        for (int i = 1; i <= 6; ++i)
            shops.push_back({.id = i, .name = std::string("shop ") + char('0' + i)});
        std::mt19937 random(7);
        for (int i = 1; i <= 120; ++i) {
            const auto pick = [&random](unsigned count) {
                return static_cast<int>(random() % count);
            };
            const char* tags[] = {"red", "blue", "gold", "?", "$1"};
            sales.push_back({.id = i,
                             .shop_id = 1 + pick(6),
                             .amount = pick(50),
                             .tag = tags[pick(5)],
                             .price = Decimal(std::to_string(pick(20)) + ".50")});
        }
        session.add_all(shops);
        session.flush();
        session.add_all(sales);
        session.commit();
    }
    [[nodiscard]] std::vector<Row> expected(const Question& q) const {
        std::map<std::string, std::pair<std::int64_t, std::int64_t>> groups;
        for (const Sale& sale : sales) {
            const std::string& shop = shops[std::size_t(sale.shop_id - 1)].name;
            if (sale.amount <= q.join_above || sale.amount >= q.where_below || shop == q.not_shop)
                continue;
            if (std::find(q.tags.begin(), q.tags.end(), sale.tag) == q.tags.end()) continue;
            if (sale.price < q.price_from || q.price_to < sale.price) continue;
            groups[shop].first += sale.amount;
            ++groups[shop].second;
        }
        std::vector<Row> rows;
        std::int64_t skipped = 0;
        for (const auto& [shop, sum] : groups) {
            if (sum.second < q.having_at_least || skipped++ < q.offset) continue;
            if (std::int64_t(rows.size()) < q.limit)
                rows.emplace_back(shop + q.suffix, sum.first + q.added, sum.second);
        }
        return rows;
    }
    std::vector<Shop> shops;
    std::vector<Sale> sales;
};

std::vector<Row> answer(Session& session, const Question& q) {
    return session
        .execute(select(col(&Shop::name) + q.suffix, func::sum(col(&Sale::amount)) + q.added,
                        func::count())
                     .select_from<Shop>()
                     .join<Sale>(col(&Sale::shop_id) == col(&Shop::id) &&
                                 col(&Sale::amount) > q.join_above)
                     .where(col(&Sale::tag).in(q.tags), col(&Sale::amount) < q.where_below,
                            col(&Sale::price).between(q.price_from, q.price_to),
                            col(&Shop::name) != q.not_shop)
                     .group_by(col(&Shop::name))
                     .having(func::count() >= q.having_at_least)
                     .order_by(col(&Shop::name).asc())
                     .limit(q.limit)
                     .offset(q.offset))
        .all();
}

} // namespace

TEST_CASE("DIA-16 values in the column list, join, where, in, having, limit and offset each reach "
          "their place") {
    Market market;
    test::SqlLog log(market->engine());
    Session session = market->session();
    const Question q{.suffix = "!",
                     .added = 1'000,
                     .join_above = 3,
                     .tags = {"red", "?", "$1"},
                     .where_below = 45,
                     .price_from = Decimal("1.50"),
                     .price_to = Decimal("18.50"),
                     .not_shop = "shop 3",
                     .having_at_least = 2,
                     .limit = 3,
                     .offset = 1};
    const auto rows = answer(session, q);
    CHECK(rows == market.expected(q));
    CHECK(rows.size() == 3);
    const auto statement = log.statements().back();
    CHECK_MESSAGE(statement.parameters.size() >= 11, statement.sql);
    for (const char* text : {"shop 3", "red", "1000", "45", "18.5"}) {
        CHECK_MESSAGE(statement.sql.find(text) == std::string::npos,
                      statement.sql); // bound, not written
    }
}

TEST_CASE("DIA-16 the same statement with fifty other sets of values") {
    Market market;
    Session session = market->session();
    std::mt19937 random(11);
    const auto pick = [&random](unsigned count) { return static_cast<int>(random() % count); };
    const std::vector<std::string> tags{"red", "blue", "gold", "?", "$1"};
    std::size_t found = 0;
    for (int i = 0; i < 50; ++i) {
        Question q{.suffix = std::string(std::size_t(pick(3)), '+'),
                   .added = pick(100),
                   .join_above = pick(20),
                   .tags = {tags.begin(), tags.begin() + 1 + pick(5)},
                   .where_below = 20 + pick(40),
                   .price_from = Decimal(pick(8)),
                   .price_to = Decimal(10 + pick(10)),
                   .not_shop = std::string("shop ") + char('0' + pick(8)),
                   .having_at_least = pick(5),
                   .limit = pick(5),
                   .offset = pick(3)};
        CAPTURE(i);
        const auto rows = answer(session, q);
        CHECK(rows == market.expected(q));
        found += rows.size();
    }
    CHECK(found > 50);
}

TEST_CASE("DIA-16 values in SET and WHERE of UPDATE and in WHERE of DELETE reach their places") {
    Market market;
    Session session = market->session();
    const auto changed =
        session.query<Sale>()
            .where(col(&Sale::shop_id) == 2, col(&Sale::amount) >= 10)
            .update(set(&Sale::amount, col(&Sale::amount) + 100), set(&Sale::tag, "new"));
    const auto removed = session.query<Sale>()
                             .where(col(&Sale::shop_id).in({1, 3}), col(&Sale::amount) < 25)
                             .delete_();
    session.commit();
    std::uint64_t to_change = 0;
    std::uint64_t to_remove = 0;
    for (const Sale& sale : market.sales) {
        const bool change = sale.shop_id == 2 && sale.amount >= 10;
        const bool remove = (sale.shop_id == 1 || sale.shop_id == 3) && sale.amount < 25;
        to_change += change;
        to_remove += remove;
        CAPTURE(sale.id);
        const auto row = session.get_values<Sale>(sale.id);
        REQUIRE(row.has_value() == !remove);
        if (!row) continue;
        CHECK(row->amount == sale.amount + (change ? 100 : 0));
        CHECK(row->tag == (change ? "new" : sale.tag));
        CHECK(row->price == sale.price);
    }
    CHECK(changed == to_change);
    CHECK(removed == to_remove);
}
