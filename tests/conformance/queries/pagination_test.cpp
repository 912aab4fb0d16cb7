// SPDX-License-Identifier: MIT
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/loading/query.hpp>

#include <mercator/mapping/function.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace mercator;

namespace {

struct PagedArticle {
    std::int64_t id{};
    std::string title;
    int rank{};
    std::optional<Decimal> score;
    std::optional<DateTime> published_at;
};

void describe(Mapping<PagedArticle>& article) {
    article.table("paged_articles");
    article.column<&PagedArticle::id>().primary_key();
    article.column<&PagedArticle::title>(String(40));
    article.column<&PagedArticle::rank>();
    article.column<&PagedArticle::score>(Numeric(6, 2));
    article.column<&PagedArticle::published_at>();
}

struct Magazine : test::Backend {
    explicit Magazine(int count) {
        database().create_all<PagedArticle>();
        Session session = database().session();
        for (int i = 1; i <= count; ++i) {
            PagedArticle article{.title = fmt::format("a{:03}", i), .rank = i % 3};
            if (i % 4 != 0) article.score = Decimal(i % 5) * Decimal("0.25");
            if (i % 2 != 0) article.published_at = DateTime(std::chrono::hours(i % 7));
            session.add(std::move(article));
        }
        session.commit();
    }
};

using Titles = std::vector<std::string>;

template <class Page>
Titles titles(const Page& page) {
    Titles list;
    for (const auto& item : page.items) list.push_back(item->title);
    return list;
}

/// The title of every page, following the cursors to the end.
template <class Query>
Titles walk(const Query& query, std::int64_t per_page) {
    Titles all;
    std::string cursor;
    do {
        const auto page = query.keyset({.per_page = per_page, .after = cursor});
        for (const auto& item : page.items) all.push_back(item->title);
        cursor = page.next;
    } while (!cursor.empty());
    return all;
}

std::string numbers(const std::vector<std::optional<std::int64_t>>& list) {
    std::string text;
    for (const auto& number : list) text += number ? fmt::format("{} ", *number) : "… ";
    return text;
}

} // namespace

TEST_CASE("QRY-22 a page has its objects, the total, and the numbers of the other pages") {
    Magazine db(45);
    Session session = db->session();
    const auto query = session.query<PagedArticle>().order_by(col(&PagedArticle::id));

    const auto page = query.paginate({.page = 2, .per_page = 20});
    CHECK(page.items.size() == 20);
    CHECK(page.items.front()->title == "a021");
    CHECK(page.total == 45);
    CHECK(page.pages() == 3);
    CHECK(page.has_prev());
    CHECK(page.has_next);
    CHECK(page.prev_page() == 1);
    CHECK(page.next_page() == 3);

    const auto last = query.paginate({.page = 3, .per_page = 20});
    CHECK(last.items.size() == 5);
    CHECK_FALSE(last.has_next);
    CHECK(last.total == 45);

    const auto most = query.paginate({.per_page = 1'000, .max_per_page = 30});
    CHECK(most.per_page == 30);
    CHECK(most.items.size() == 30);
}

TEST_CASE("QRY-22 a page costs two statements, and one where it knows the total by itself") {
    Magazine db(12);
    Session session = db->session();
    const auto query = session.query<PagedArticle>().order_by(col(&PagedArticle::title).desc());
    test::SqlLog log(db->engine());
    CHECK(query.paginate({.page = 1, .per_page = 5}).total == 12);
    CHECK(log.count() == 2);
    // The count needs no order.
    CHECK(log.texts().back().find("ORDER BY") == std::string::npos);
    log.clear();
    CHECK(query.paginate({.page = 3, .per_page = 5}).total == 12);
    CHECK(log.count() == 1);
    log.clear();
    const auto uncounted = query.paginate({.page = 1, .per_page = 5, .count = false});
    CHECK_FALSE(uncounted.total.has_value());
    CHECK(uncounted.has_next);
    CHECK(numbers(uncounted.iter_pages()).empty());
    CHECK(log.count() == 1);
}

TEST_CASE("QRY-22 a page that there is not is an error, or the nearest one if that is wished") {
    Magazine db(3);
    Session session = db->session();
    const auto query = session.query<PagedArticle>().order_by(col(&PagedArticle::id));
    CHECK_THROWS_WITH_AS(static_cast<void>(query.paginate({.page = 9})),
                         "there is no page 9 of PagedArticle", NoResultFound);
    CHECK_THROWS_AS(static_cast<void>(query.paginate({.page = 0})), NoResultFound);
    CHECK_THROWS_AS(static_cast<void>(query.paginate({.per_page = 0})), ArgumentError);
    CHECK_THROWS_AS(static_cast<void>(query.paginate({.page = INT64_MAX})), NoResultFound);
    const auto behind = query.paginate({.page = 9, .error_out = false});
    CHECK(behind.items.empty());
    CHECK(behind.total == 3);
    CHECK(query.paginate({.page = -4, .per_page = -1, .error_out = false}).page == 1);
    const auto nobody =
        session.query<PagedArticle>().where(col(&PagedArticle::title) == "nobody").paginate({});
    CHECK(nobody.items.empty());
    CHECK(nobody.total == 0);
    CHECK(nobody.pages() == 0);
}

TEST_CASE("QRY-22 links to pages leave gaps") {
    PageNumbers page;
    page.per_page = 10;
    page.total = 195;
    page.page = 7;
    CHECK(numbers(page.iter_pages()) == "1 2 … 5 6 7 8 9 10 11 … 19 20 ");
    page.page = 1;
    CHECK(numbers(page.iter_pages(1, 1, 1, 1)) == "1 2 … 20 ");
    page.total = 5;
    CHECK(numbers(page.iter_pages()) == "1 ");
}

TEST_CASE("QRY-23 cursors lead through a list with NULLs in both directions, and repeat nothing") {
    Magazine db(41);
    Session session = db->session();
    const auto query = session.query<PagedArticle>().order_by(
        col(&PagedArticle::rank).desc(), col(&PagedArticle::score),
        col(&PagedArticle::published_at).desc());
    const auto whole = titles(query.keyset({.per_page = 100}));
    CHECK(whole.size() == 41);
    CHECK(std::set<std::string>(whole.begin(), whole.end()).size() == 41);
    for (const std::int64_t size : {1, 2, 7, 41, 50}) CHECK(walk(query, size) == whole);

    // Back from the end, page by page.
    auto page = query.keyset({.per_page = 40});
    page = query.keyset({.per_page = 40, .after = page.next});
    CHECK(page.next.empty());
    Titles back = titles(page);
    while (!page.previous.empty()) {
        page = query.keyset({.per_page = 7, .before = page.previous});
        auto part = titles(page);
        back.insert(back.begin(), part.begin(), part.end());
    }
    CHECK(back == whole);
}

TEST_CASE("QRY-23 rows that come and go between two pages neither repeat nor hide others") {
    Magazine db(10);
    Session session = db->session();
    const auto query = session.query<PagedArticle>().order_by(col(&PagedArticle::title));
    const auto first = query.keyset({.per_page = 4});
    CHECK(titles(first) == Titles{"a001", "a002", "a003", "a004"});
    CHECK(first.previous.empty());
    session.add(PagedArticle{.title = "a000"});
    session.delete_(first.items[1]);
    session.delete_(first.items[3]); // the very row that the cursor was made of
    session.commit();
    const auto second = query.keyset({.per_page = 4, .after = first.next});
    CHECK(titles(second) == Titles{"a005", "a006", "a007", "a008"});
    CHECK(titles(query.keyset({.before = second.previous})) == Titles{"a000", "a001", "a003"});
}

TEST_CASE("QRY-23 a cursor of another list, or no cursor at all, is refused") {
    Magazine db(10);
    Session session = db->session();
    const auto by_title = session.query<PagedArticle>().order_by(col(&PagedArticle::title));
    const auto by_rank = session.query<PagedArticle>().order_by(col(&PagedArticle::rank));
    const auto cursor = by_title.keyset({.per_page = 2}).next;
    CHECK(cursor.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                   "-_") == std::string::npos);
    CHECK_THROWS_AS(static_cast<void>(by_rank.keyset({.after = cursor})), ArgumentError);
    for (const std::string& text :
         {std::string("nonsense"), std::string("%00"), cursor.substr(1), cursor + cursor,
          cursor.substr(0, cursor.size() - 3), std::string(5'000, 'k')})
        CHECK_THROWS_AS(static_cast<void>(by_title.keyset({.after = text})), ArgumentError);
    CHECK_THROWS_AS(static_cast<void>(by_title.keyset({.after = cursor, .before = cursor})),
                    ArgumentError);
    CHECK_THROWS_AS(static_cast<void>(by_title.keyset({.per_page = 0})), ArgumentError);
    CHECK_THROWS_WITH_AS(static_cast<void>(session.query<PagedArticle>()
                                               .order_by(func::lower(col(&PagedArticle::title)))
                                               .keyset({})),
                         doctest::Contains("ordered by columns of PagedArticle"), ArgumentError);
}

namespace {

/// A cursor as somebody makes it who has read how they are made.
std::string forged(const std::vector<nlohmann::json>& values) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    auto list = nlohmann::json::array({"PagedArticle rank id"});
    for (const auto& value : values) list.push_back(value);
    std::string text;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const std::uint8_t byte : nlohmann::json::to_msgpack(list)) {
        bits = bits << 8U | byte;
        for (count += 8; count >= 6; count -= 6) text += alphabet[bits >> (count - 6) & 63U];
    }
    if (count > 0) text += alphabet[bits << (6 - count) & 63U];
    return text;
}

nlohmann::json forged_value(ValueKind kind, nlohmann::json payload) {
    return nlohmann::json::array({static_cast<unsigned>(kind), std::move(payload)});
}

} // namespace

TEST_CASE("QRY-23 a forged cursor is refused before anything is asked of the database") {
    Magazine db(10);
    Session session = db->session();
    const auto by_rank = session.query<PagedArticle>().order_by(col(&PagedArticle::rank));
    const auto id = forged_value(ValueKind::Integer, 5);
    const auto good = by_rank.keyset({.after = forged({forged_value(ValueKind::Integer, 0), id})});
    CHECK(good.items.size() == 9);
    test::SqlLog log(db->engine());
    for (const auto& rank :
         {forged_value(ValueKind::Integer, 1e300), forged_value(ValueKind::Integer, 1.5),
          forged_value(ValueKind::Integer, std::int64_t{1} << 40U),
          forged_value(ValueKind::DateTime, 1e300), forged_value(ValueKind::DateTime, 7),
          forged_value(ValueKind::Unsigned, -1), forged_value(ValueKind::Null, nullptr),
          forged_value(ValueKind::String, "1"), forged_value(ValueKind::Double, 1.0),
          forged_value(ValueKind::Boolean, true),
          nlohmann::json::array({1, nlohmann::json::array({1})})}) {
        const std::string cursor = forged({rank, id});
        CHECK_THROWS_AS(static_cast<void>(by_rank.keyset({.after = cursor})), ArgumentError);
        CHECK_THROWS_AS(static_cast<void>(by_rank.keyset({.before = cursor})), ArgumentError);
    }
    const auto nothing = forged_value(ValueKind::Null, nullptr);
    CHECK_THROWS_AS(static_cast<void>(by_rank.keyset({.after = forged({nothing, nothing})})),
                    ArgumentError);
    std::string deep; // lists within lists, 750'000 of them
    for (int i = 0; i < 250'000; ++i) deep += "kZGR";
    CHECK_THROWS_AS(static_cast<void>(by_rank.keyset({.after = deep})), ArgumentError);
    CHECK(log.count() == 0);
}

TEST_CASE("QRY-22 QRY-23 pages of any number and size are asked for without harm") {
    Magazine db(5);
    Session session = db->session();
    const auto by_id = session.query<PagedArticle>().order_by(col(&PagedArticle::id));
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    for (const auto number : {most, most - 1, most / 20, most / 20 + 1, most / 20 - 1}) {
        const auto page = by_id.paginate({.page = number, .error_out = false});
        CHECK(page.items.empty());
        CHECK(page.page == number);
        CHECK(page.total == 5);
        CHECK_FALSE(page.has_next);
        CHECK_THROWS_AS(static_cast<void>(by_id.paginate({.page = number})), NoResultFound);
    }
    CHECK(by_id.paginate({.per_page = most, .max_per_page = most}).items.size() == 5);
    CHECK(by_id.keyset({.per_page = most}).items.size() == 5);
}
