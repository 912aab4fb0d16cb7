// SPDX-License-Identifier: MIT
#include "conformance/queries/library.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace mercator;
using namespace fixtures::music;
using test::Library;

namespace {

struct Item;

/// A query class of the user's own.
struct ItemQuery : Query<Item, ItemQuery> {
    [[nodiscard]] ItemQuery in_stock() const;
    [[nodiscard]] ItemQuery cheaper_than(Decimal price) const;
};

struct Item {
    using query_type = ItemQuery;
    std::int64_t id{};
    std::string name;
    Decimal price;
    int stock{};
    std::optional<Decimal> discount;
};

void describe(Mapping<Item>& item) {
    item.table("items");
    item.column<&Item::id>().primary_key();
    item.column<&Item::name>(String(40));
    item.column<&Item::price>(Numeric(8, 2));
    item.column<&Item::stock>();
    item.column<&Item::discount>(Numeric(9, 4));
}

ItemQuery ItemQuery::in_stock() const {
    return where(col(&Item::stock) > 0);
}
ItemQuery ItemQuery::cheaper_than(Decimal price) const {
    return where(col(&Item::price) < price);
}

constexpr auto stock_value = hybrid<Item>([](auto e) { return e(&Item::price) * e(&Item::stock); });
constexpr auto is_bargain =
    hybrid<Item>([](auto e) { return e(&Item::price) < Decimal(10) && e(&Item::stock) > 0; });
constexpr auto paid = hybrid<Item>(
    [](auto e) { return e(&Item::price) - e(&Item::discount).value_or(Decimal(0)); },
    [](auto e) { return e(&Item::price) - func::coalesce(e(&Item::discount), Decimal(0)); });

struct Store : test::Backend {
    Store() {
        database().create_all<Item>();
        Session session = database().session();
        session.add(Item{.name = "pen", .price = Decimal("1.25"), .stock = 40});
        session.add(Item{.name = "lamp", .price = Decimal("24.90"), .stock = 0});
        session.add(Item{
            .name = "book", .price = Decimal("9.99"), .stock = 3, .discount = Decimal("0.1234")});
        session.commit();
    }
};

template <class Handles>
std::string names(const Handles& items) {
    std::string all;
    for (const auto& item : items) all += item->name + " ";
    return all;
}

std::string join(const std::vector<std::string>& texts) {
    std::string all;
    for (const auto& text : texts) all += text + " ";
    return all;
}

} // namespace

TEST_CASE("QRY-04 a query class of one's own mixes with the built-in calls in any order") {
    Store store;
    Session session = store->session();
    const auto by_name = col(&Item::name).asc();
    CHECK(names(session.query<Item>().in_stock().order_by(by_name).all()) == "book pen ");
    CHECK(names(session.query<Item>().order_by(by_name).limit(5).in_stock().all()) == "book pen ");
    const auto cheap = session.query<Item>().where(col(&Item::name) != "x").in_stock();
    static_assert(std::is_same_v<std::remove_cvref_t<decltype(cheap)>, ItemQuery>);
    static_assert(
        std::is_same_v<decltype(cheap.order_by(by_name).distinct().offset(1)), ItemQuery>);
    CHECK(cheap.cheaper_than(Decimal(5)).one()->name == "pen");
    CHECK(cheap.count() == 2); // the prefix is what it was
    CHECK(session.execute(select<Item>().in_stock()).size() == 2);
}

TEST_CASE("QRY-08 a hybrid is one formula for objects and for queries") {
    Store store;
    Session session = store->session();
    for (const auto& item : session.query<Item>().all()) {
        CAPTURE(item->name);
        const auto row = select(stock_value(), paid()).where(col(&Item::id) == item->id);
        CHECK(session.execute(row).one() == std::tuple(stock_value(*item), paid(*item)));
        CHECK(session.query<Item>().where(col(&Item::id) == item->id, is_bargain()).exists() ==
              is_bargain(*item));
    }
    CHECK(names(session.query<Item>().where(stock_value() > Decimal(40)).all()) == "pen ");
    CHECK(session.query<Item>().order_by(stock_value().desc()).first()->name == "pen");
    const auto other = alias<Item>("other");
    const auto worth_less =
        session.execute(select(col(&Item::name))
                            .join<Item>(other, stock_value() < stock_value(other))
                            .where(other.col(&Item::name) == "pen")
                            .order_by(col(&Item::name)));
    CHECK(join(worth_less.scalars()) == "book lamp ");
}

TEST_CASE("QRY-24 CASE chooses by the first condition that holds") {
    Store store;
    Session session = store->session();
    const auto name = col(&Item::name);
    const auto stock = col(&Item::stock);
    const auto label = case_when(stock == 0, "none").when(stock < 10, "few").else_("many");
    static_assert(std::is_same_v<decltype(label)::value_type, std::string>);
    CHECK(join(session.execute(select(label).order_by(name)).scalars()) == "few none many ");

    const auto open = case_when(stock == 0, 1).when(stock < 10, 2);
    static_assert(std::is_same_v<decltype(open)::value_type, std::optional<int>>);
    const auto values = session.execute(select(open).order_by(name)).scalars();
    CHECK(values == std::vector<std::optional<int>>{2, 1, std::nullopt});

    CHECK(names(session.query<Item>()
                    .order_by(case_when(name == "lamp", 0).else_(1).asc(), name.asc())
                    .all()) == "lamp book pen ");
    CHECK(session.query<Item>().where(label == "many").one()->name == "pen");

    // Decimals of several scales keep all their digits.
    const auto rebate = case_when(stock > 10, col(&Item::price)).else_(Decimal("0.1234"));
    CHECK(session.execute(select(rebate).order_by(name)).scalars() ==
          std::vector<Decimal>{Decimal("0.1234"), Decimal("0.1234"), Decimal("1.25")});
    const auto optional = case_when(stock > 10, col(&Item::discount)).else_(col(&Item::price));
    static_assert(std::is_same_v<decltype(optional)::value_type, std::optional<Decimal>>);
    CHECK(session.execute(select(optional).where(name == "book")).scalar_one() == Decimal("9.99"));
}

TEST_CASE("QRY-24 CAST, COALESCE, NULLIF, REPLACE and BETWEEN give the same everywhere") {
    Store store;
    Session session = store->session();
    const auto one = [&](const auto& expression, const char* name = "book") {
        return session.execute(select(expression).where(col(&Item::name) == name)).scalar_one();
    };
    const auto discount = col(&Item::discount);
    CHECK(one(col(&Item::stock).cast<std::string>()) == "3");
    CHECK(one(col(&Item::stock).cast<std::int64_t>() + 1) == 4);
    CHECK(one(func::coalesce(discount, Decimal("1.5"))) == Decimal("0.1234"));
    CHECK(one(func::coalesce(discount, Decimal("1.5")), "pen") == Decimal("1.5"));
    CHECK(one(func::coalesce(discount, Decimal("1.123456")), "pen") == Decimal("1.123456"));
    CHECK(one(func::coalesce(discount, discount, col(&Item::price)), "pen") == Decimal("1.25"));
    CHECK_FALSE(one(func::nullif(col(&Item::stock), 3)).has_value());
    CHECK(one(func::nullif(col(&Item::stock), 4)) == 3);
    CHECK(one(func::nullif(col(&Item::price), Decimal("9.990"))) == std::nullopt);
    CHECK(one(func::replace(col(&Item::name), "oo", "a'%_")) == "ba'%_k");

    const auto count = [&](const Condition& condition) {
        return session.query<Item>().where(condition).count();
    };
    CHECK(count(col(&Item::stock).between(0, 3)) == 2);
    CHECK(count(!col(&Item::stock).between(0, 3)) == 1);
    CHECK(count(col(&Item::price).between(Decimal("1.25"), Decimal("9.99"))) == 2);
    CHECK(count(col(&Item::discount).between(Decimal(0), Decimal(1))) ==
          1); // NULL is never between
}

TEST_CASE("QRY-24 LIKE and ILIKE, with and without an escape character [B12]") {
    Store store;
    Session session = store->session();
    const auto name = col(&Item::name);
    session.add_all<Item>({{.name = R"(50% off\now)"}, {.name = "50! _x_"}, {.name = "ÄRGER"}});
    session.flush();
    const auto count = [&](const Condition& condition) {
        return session.query<Item>().where(condition).count();
    };
    CHECK(count(name.like("%oo%")) == 1);
    CHECK(count(name.like("%OO%")) == 0);
    CHECK(count(name.ilike("%OO%")) == 1);
    CHECK(count(!name.like("%o%")) == 4);
    CHECK(count(name.like("50\\%%", '\\')) == 1);
    // Without an escape character a backslash is itself.
    CHECK(count(name.like("%\\now")) == 1);
    CHECK(count(name.like("%f\\n%")) == 1);
    CHECK(count(name.like("%fn%")) == 0);
    CHECK(count(name.like("50\\%%")) == 0);
    CHECK(count(name.ilike("%F\\N%")) == 1);
    for (const char* literal : {"%", "_", "!", "\\", "\\n", "% off\\", "! _", "_x_"}) {
        CAPTURE(literal);
        CHECK(count(name.contains(literal)) >= 1);
        for (const auto& item : session.query<Item>().where(name.contains(literal)).all()) {
            CHECK(item->name.find(literal) != std::string::npos);
        }
    }
    CHECK(count(name.startswith("50%")) == 1);
    CHECK(count(name.endswith("\\now")) == 1);
    CHECK(count(name.contains("")) == 6);
}

TEST_CASE(
    "QRY-25 lists of any length, empty ones too, and few statements for many lengths [B10] [B11]") {
    Library library;
    Session session = library->session();
    const auto seconds = col(&Song::seconds);
    const auto count = [&](const Condition& condition) {
        return session.query<Song>().where(condition).count();
    };
    const std::vector<int> nothing;
    CHECK(count(seconds.in(nothing)) == 0);
    CHECK(count(seconds.not_in(nothing)) == 7);
    CHECK(count(!seconds.in(nothing)) == 7);
    CHECK(count(seconds.in(nothing) || seconds > 600) == 1);
    CHECK(count(seconds.in({562, 562, 562})) == 1);
    CHECK(count(seconds.not_in({562, 337})) == 5);
    CHECK(count(col(&Song::album_id).in(nothing) && seconds > 0) == 0);
    const std::optional<int> unknown;
    CHECK(session.query<Album>().where(col(&Album::year).in(std::vector{unknown})).count() == 0);
    CHECK(session.query<Album>()
              .where(col(&Album::year).not_in(std::vector<std::optional<int>>{1959, unknown}))
              .count() == 0); // SQL: nothing is certainly not in a list with an unknown

    const auto before = library->engine().statistics().compile_misses;
    std::vector<int> values;
    for (int i = 0; i < 600; ++i) {
        values.push_back(i);
        static_cast<void>(count(seconds.in(values)));
    }
    CHECK(library->engine().statistics().compile_misses - before <= 8 + 7);
    CHECK(count(seconds.in(values)) == 6);
    values.resize(20'000, -1);
    if (library->engine().capabilities().max_binds > values.size()) {
        CHECK(count(seconds.in(values)) == 6);
    } else {
        CHECK_THROWS_AS(static_cast<void>(count(seconds.in(values))), Error);
    }
    values.resize(300'000, -1);
    CHECK_THROWS_AS(static_cast<void>(count(seconds.in(values))), Error);
    CHECK(count(seconds.in({562})) == 1); // and nothing is broken by it
}

TEST_CASE(
    "QRY-34 filters, joins and order are put together at run time, by name, and stay checked") {
    Library library;
    Session session = library->session();
    const auto search = [&](std::optional<int> longer_than, std::string_view text,
                            std::string_view artist, std::string_view order) {
        auto query = session.query<Song>();
        if (longer_than) query = query.where(col(&Song::seconds) > *longer_than);
        if (!text.empty()) query = query.where(col(&Song::title).contains(text));
        if (!artist.empty()) {
            query = query.join("album.artist").where(col_by_name<Artist>("name") == artist);
        }
        if (!order.empty()) {
            const bool descending = order.front() == '-';
            if (descending) order.remove_prefix(1);
            const auto column = col_by_name<Song>(order);
            query = query.order_by(descending ? column.desc() : column.asc());
        }
        std::string titles;
        for (const auto& song : query.all()) titles += song->title + ",";
        return titles;
    };
    CHECK(search(600, "", "", "") == "All Blues,");
    CHECK(search(std::nullopt, "Blue", "", "title") == "All Blues,Blue in Green,");
    CHECK(search(std::nullopt, "", "Miles", "-seconds") == "All Blues,So What,Blue in Green,");
    CHECK(search(270, "a", "Bjork", "") == "Venus as a Boy,");

    CHECK(session.query<Song>().join("album", ast::JoinKind::Left).count() == 7);
    CHECK(session.query<Song>().join("album").join("album.artist").count() == 6);
    CHECK_THROWS_WITH_AS(search(std::nullopt, "", "", "seconds; DROP TABLE songs"),
                         doctest::Contains("title"), MappingError);
    CHECK_THROWS_WITH_AS(static_cast<void>(session.query<Song>().join("albums")),
                         doctest::Contains("album"), MappingError);
    CHECK_THROWS_WITH_AS(static_cast<void>(session.query<Song>().join("album.")),
                         doctest::Contains("artist"), MappingError);
    CHECK_THROWS_AS(static_cast<void>(col_by_name<Song>("seconds") == "a text"), CompileError);
}

TEST_CASE("QRY-34 columns are chosen at run time, and rows know their values by name") {
    Library library;
    Session session = library->session();
    const auto report = [&](const std::vector<std::string>& wanted, bool with_artist) {
        DynamicSelect query;
        for (const auto& name : wanted) query = query.column(col_by_name<Song>(name));
        query = query.column((col(&Song::seconds) / 60).label("minutes"));
        if (with_artist) {
            query = query.join<&Song::album>().join<&Album::artist>().column(
                col(&Artist::name).label("artist"));
        }
        return session.execute(
            query.where(col(&Song::seconds) > 500).order_by(col(&Song::title).asc()));
    };
    const auto plain = report({"title", "price"}, false);
    CHECK(plain.size() == 2);
    CHECK(plain[0].names() == std::vector<std::string>{"title", "price", "minutes"});
    CHECK(plain[0]["title"] == Value("All Blues"));
    CHECK(plain[0].get<std::string>("title") == "All Blues");
    CHECK(plain[0].get<Decimal>("price") == Decimal("693.99"));
    CHECK(plain[1].get<int>("minutes") == 9);
    CHECK(plain[1][0] == Value("So What"));
    const auto full = report({"plays", "album_id"}, true);
    CHECK(full[0].get<std::string>("artist") == "Miles");
    CHECK(full[0].get<std::int64_t>("plays") == 693);

    CHECK_THROWS_WITH_AS(static_cast<void>(plain[0]["nothing"]), doctest::Contains("minutes"),
                         ArgumentError);
    CHECK_THROWS_AS(static_cast<void>(plain[0][3]), ArgumentError);
    CHECK(DynamicRow().names().empty());
    CHECK_THROWS_AS(static_cast<void>(DynamicRow()["title"]), ArgumentError);
    CHECK_THROWS_AS(static_cast<void>(plain[0].get<int>("title")), DataError);
    CHECK_THROWS_AS(static_cast<void>(plain[0].get<std::int8_t>("price")), DataError);
    CHECK_THROWS_AS(static_cast<void>(session.execute(DynamicSelect())), CompileError);

    const auto countries =
        session.execute(select(std::vector<ast::ExpressionPtr>{col(&Artist::country)})
                            .order_by(col(&Artist::name)));
    CHECK(countries[2].get<std::optional<std::string>>("country") == std::nullopt);
    CHECK_THROWS_AS(static_cast<void>(countries[2].get<std::string>("country")), DataError);
}
