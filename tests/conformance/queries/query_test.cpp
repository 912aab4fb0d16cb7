// SPDX-License-Identifier: MIT
#include "conformance/queries/library.hpp"
#include "support/sql_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace mercator;
using namespace fixtures::music;
using test::Backend;
using test::Library;
using test::mentions;
using test::SqlLog;

namespace {

using Names = std::vector<std::string>;

Names titles(const std::vector<std::shared_ptr<Song>>& songs) {
    Names names;
    for (const auto& song : songs) names.push_back(song->title);
    std::sort(names.begin(), names.end());
    return names;
}

struct Line {
    std::string artist;
    std::optional<std::string> album;
};

template <class Value, class E>
constexpr bool yields = std::is_same_v<typename std::remove_cvref_t<E>::value_type, Value>;

} // namespace

TEST_CASE("QRY-01 session.query and select are one builder, and no session is hidden") {
    Library library;
    Session session = library->session();
    const auto from_session = session.query<Song>().where(col(&Song::seconds) > 500).all();
    const auto loose = select<Song>().where(col(&Song::seconds) > 500);
    CHECK(titles(session.execute(loose).all()) == titles(from_session));
    CHECK(titles(from_session) == Names{"All Blues", "So What"});
    CHECK_THROWS_AS(static_cast<void>(loose.all()), StateError);
}

TEST_CASE("QRY-02 a filter gives a vector of handles; an empty result is no error") {
    Library library;
    Session session = library->session();
    const std::vector<std::shared_ptr<Song>> songs =
        session.query<Song>().where(col(&Song::seconds) > 100'000).all();
    CHECK(songs.empty());
    CHECK(session.query<Song>().all().size() == 7);
    CHECK(session.query<Song>()
              .where(col(&Song::title) == "So What", col(&Song::seconds) == 562)
              .all()
              .size() == 1);
}

TEST_CASE("QRY-03 comparisons, and NULL compared is IS NULL") {
    Library library;
    Session session = library->session();
    const auto count = [&](const Condition& condition) {
        return session.query<Song>().where(condition).count();
    };
    CHECK(count(col(&Song::seconds) == 281) == 1);
    CHECK(count(col(&Song::seconds) != 281) == 6);
    CHECK(count(col(&Song::seconds) < 281) == 3);
    CHECK(count(col(&Song::seconds) <= 281) == 4);
    CHECK(count(col(&Song::seconds) > 281) == 3);
    CHECK(count(col(&Song::seconds) >= 281) == 4);
    CHECK(count(281 == col(&Song::seconds)) == 1);
    CHECK(count(col(&Song::seconds) == col(&Song::plays)) == 6); // 0 plays: the server's default
    CHECK(count(col(&Song::price) > Decimal("500.99")) == 2);
    CHECK(count(col(&Song::seconds).between(252, 337)) == 3);
    CHECK(count(!(col(&Song::seconds) > 281) && col(&Song::title) != "Nothing") == 3);
    CHECK(count(col(&Song::seconds) == 0 || col(&Song::seconds) == 1) == 2);
    CHECK(count(col(&Song::title).in({"So What", "Nothing", "Missing"})) == 2);
    CHECK(count(col(&Song::title).not_in({"So What", "Nothing"})) == 5);
    CHECK(count(col(&Song::title).in(Names{})) == 0);
    CHECK(count(col(&Song::title).not_in(Names{})) == 7);
    CHECK(session.query<Artist>().where(col(&Artist::country) == null).one()->name == "Unknown");
    CHECK(session.query<Artist>().where(col(&Artist::country) != null).count() == 2);
    CHECK(session.query<Artist>().where(col(&Artist::country) == std::nullopt).count() == 1);
    CHECK(session.query<Artist>().where(col(&Artist::country).is_not_null()).count() == 2);
    const std::optional<std::string> nothing;
    CHECK(session.query<Artist>().where(col(&Artist::country) == nothing).count() == 1);
}

TEST_CASE("QRY-05 a prefix query is reused and never changed") {
    Library library;
    Session session = library->session();
    const auto all = session.query<Song>().where(col(&Song::seconds) > 0);
    const auto longer = all.where(col(&Song::seconds) > 300);
    const auto limited = longer.order_by(col(&Song::seconds).desc()).limit(1);
    CHECK(all.count() == 6);
    CHECK(longer.count() == 3);
    CHECK(limited.all().size() == 1);
    CHECK(limited.one()->title == "All Blues");
    CHECK(longer.count() == 3);
    CHECK(all.all().size() == 6);

    const auto base = select(col(&Song::title)).where(col(&Song::seconds) > 0);
    const auto narrow = base.where(col(&Song::seconds) > 600);
    CHECK(session.execute(narrow).size() == 1);
    CHECK(session.execute(base).size() == 6);
}

TEST_CASE("conditions are built at run time") {
    Library library;
    Session session = library->session();
    std::vector<Condition> conditions;
    CHECK(session.query<Song>().where(all_of(conditions)).count() == 7);
    conditions.push_back(col(&Song::seconds) > 100);
    conditions.push_back(col(&Song::title).contains("Blue"));
    CHECK(session.query<Song>().where(all_of(conditions)).count() == 2);
    CHECK(session.query<Song>().where(any_of(conditions)).count() == 5);
    CHECK(session.query<Song>().where(col_by_name<Song, int>("seconds") == 562).count() == 1);
    CHECK_THROWS_AS(static_cast<void>(col_by_name<Song>("seconds; DROP TABLE songs")),
                    MappingError);
}

TEST_CASE("QRY-07 known functions give the same everywhere") {
    Library library;
    Session session = library->session();
    const auto title = col(&Song::title);
    const auto one = [&](const auto& expression) {
        return session.scalar(select(expression).where(title == "So What"));
    };
    CHECK(one(func::lower(title)) == "so what");
    CHECK(one(func::upper(title)) == "SO WHAT");
    CHECK(one(func::length(title)) == 7);
    CHECK(one(func::substr(title, 4, 2)) == "Wh");
    CHECK(one(func::concat(title, "?", " ", title)) == "So What? So What");
    CHECK(one(title + "!") == "So What!");
    CHECK(one(func::abs(col(&Song::seconds) - 600)) == 38);
    CHECK(one(func::coalesce(col(&Song::title), "none")) == "So What");
    CHECK(session.scalar(select(func::coalesce(col(&Artist::country), "nowhere"))
                             .where(col(&Artist::name) == "Unknown")) == "nowhere");
    CHECK(one(func::trim(func::concat("  ", title, " "))) == "So What");
    const DateTime now = one(func::now());
    CHECK(std::chrono::abs(now - utc_now()) < std::chrono::minutes(2));
    CHECK(one(func::call<std::string>("REPLACE", title, "What", "Where")) == "So Where");
}

TEST_CASE("QRY-09 columns, labels, scalar, one, one_or_none and first") {
    Library library;
    Session session = library->session();
    const auto rows = session.execute(select(col(&Song::title), col(&Song::seconds).label("length"))
                                          .where(col(&Song::seconds) > 500)
                                          .order_by(col(&Song::seconds).asc()));
    Names seen;
    for (const auto& [title, seconds] : rows) seen.push_back(title + "/" + std::to_string(seconds));
    CHECK(seen == Names{"So What/562", "All Blues/693"});

    const auto by_title = [&](const char* title) {
        return session.query<Song>().where(col(&Song::title) == title);
    };
    CHECK(by_title("So What").one()->seconds == 562);
    CHECK_THROWS_AS(static_cast<void>(by_title("Missing").one()), NoResultFound);
    CHECK_THROWS_AS(static_cast<void>(session.query<Song>().one()), MultipleResultsFound);
    CHECK(by_title("Missing").one_or_none() == nullptr);
    CHECK(by_title("So What").one_or_none()->seconds == 562);
    CHECK_THROWS_AS(static_cast<void>(session.query<Song>().one_or_none()), MultipleResultsFound);
    CHECK(by_title("Missing").first() == nullptr);
    CHECK(session.query<Song>().order_by(col(&Song::seconds).asc()).first()->title == "Nothing");

    CHECK(session.scalar(select(func::count()).select_from<Song>()) == 7);
    CHECK_THROWS_AS(static_cast<void>(session.scalar(select(col(&Song::title)))),
                    MultipleResultsFound);
    const auto no_titles = select(col(&Song::title)).where(col(&Song::seconds) < 0);
    CHECK_THROWS_AS(static_cast<void>(session.scalar(no_titles)), NoResultFound);
    CHECK_FALSE(session.execute(no_titles).first().has_value());
    CHECK(session.execute(select(col(&Song::title)).order_by(col(&Song::title).asc()))
              .scalars()
              .front() == "100% Pure_Love");

    const auto lines =
        session.execute<Line>(select(col(&Artist::name), col(&Album::title).nullable())
                                  .left_join<&Artist::albums>()
                                  .order_by(col(&Artist::name).asc()));
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].artist == "Bjork");
    CHECK(lines[0].album == "Debut");
    CHECK_FALSE(lines[2].album.has_value());
}

TEST_CASE("QRY-11 inner and left joins, by relationship and by condition") {
    Library library;
    Session session = library->session();
    CHECK(session.query<Song>().join<&Song::album>().where(col(&Album::title) == "Debut").count() ==
          3);
    CHECK(titles(session.query<Song>()
                     .join<&Song::album>()
                     .join<&Album::artist>()
                     .where(col(&Artist::country) == "USA")
                     .all()) == Names{"All Blues", "Blue in Green", "So What"});
    const auto rows = session.execute(select(col(&Artist::name), func::count(col(&Album::id)))
                                          .left_join<&Artist::albums>()
                                          .group_by(col(&Artist::name))
                                          .order_by(col(&Artist::name).asc()));
    REQUIRE(rows.size() == 3);
    CHECK(rows[2] == std::tuple<std::string, std::int64_t>("Unknown", 0));
    const auto by_condition =
        session.execute(select(col(&Artist::name), col(&Album::title))
                            .join<Album>(col(&Album::artist_id) == col(&Artist::id)));
    CHECK(by_condition.size() == 2);
    const auto other = alias<Album>("other");
    const auto pairs = session.execute(select(col(&Album::title), other.col(&Album::title))
                                           .join(other, col(&Album::id) < other.col(&Album::id)));
    CHECK(pairs.size() == 3);
    const auto crossed =
        session.execute(select(col(&Artist::name), col(&Album::title))
                            .join<Album>(col(&Album::id) == col(&Album::id), ast::JoinKind::Inner));
    CHECK(crossed.size() == 9);
}

TEST_CASE(
    "QRY-11 right and full joins where the backend has them, an error before any SQL where not") {
    Library library;
    Session session = library->session();
    const auto joined = [](ast::JoinKind kind) {
        return select(col(&Artist::name).nullable(), col(&Album::title).nullable())
            .select_from<Artist>()
            .join<Album>(col(&Album::artist_id) == col(&Artist::id), kind);
    };
    const auto rows_of = [&](ast::JoinKind kind, bool can) -> std::size_t {
        if (can) return session.execute(joined(kind)).size();
        library.log->clear();
        CHECK_THROWS_AS(static_cast<void>(session.execute(joined(kind))), UnsupportedError);
        CHECK(library.log->count() == 0);
        return 0;
    };
    const auto& can = library.can();
    CHECK(rows_of(ast::JoinKind::Right, can.right_join) == (can.right_join ? 3 : 0));
    CHECK(rows_of(ast::JoinKind::Full, can.full_join) == (can.full_join ? 4 : 0));
    if (!can.right_join) return;
    const auto lost =
        session.execute(joined(ast::JoinKind::Right).where(col(&Album::title) == "Lost")).one();
    CHECK_FALSE(std::get<0>(lost).has_value());
}

TEST_CASE("QRY-12 the join condition follows from the foreign key, and ambiguity is an error that "
          "lists the choices") {
    Library library;
    Session session = library->session();
    CHECK(session.execute(select(col(&Song::title), col(&Album::title)).join<Album>()).size() == 7);
    CHECK_THROWS_AS(static_cast<void>(select(col(&Song::title)).join<Artist>()), CompileError);
    // Artist and Album are both there: only Album has a foreign key to Song's side.
    CHECK(session.execute(select(col(&Artist::name), col(&Song::title)).join<Album>().join<Song>())
              .size() == 6);
}

TEST_CASE("QRY-18 group, having and aggregates") {
    Library library;
    Session session = library->session();
    const auto rows =
        session.execute(select(col(&Album::title), func::count(col(&Song::id)),
                               func::sum(col(&Song::seconds)), func::min(col(&Song::title)),
                               func::max(col(&Song::seconds)), func::sum(col(&Song::price)))
                            .join<&Album::songs>()
                            .group_by(col(&Album::title))
                            .having(func::count(col(&Song::id)) > 1)
                            .order_by(col(&Album::title).asc()));
    REQUIRE(rows.size() == 2);
    const auto& [title, count, seconds, first, longest, price] = rows[1];
    CHECK(title == "Kind of Blue");
    CHECK(count == 3);
    CHECK(seconds == 1592);
    CHECK(first == "All Blues");
    CHECK(longest == 693);
    CHECK(price == Decimal("1594.97"));
    CHECK(session.scalar(
              select(func::avg(col(&Song::seconds))).where(col(&Song::seconds).in({1, 252}))) ==
          doctest::Approx(126.5));
    CHECK(session.scalar(select(func::sum(col(&Song::seconds))).where(col(&Song::seconds) < 0)) ==
          std::nullopt);
    CHECK(session.scalar(select(func::count_distinct(col(&Song::album_id)))) == 3);
    CHECK(session.scalar(select(func::count(col(&Artist::country)))) == 2);
}

TEST_CASE("QRY-20 ORDER BY, and NULLS FIRST and LAST give the same order everywhere") {
    Library library;
    Session session = library->session();
    const auto order = [&](const auto&... terms) {
        return session.execute(select(col(&Artist::name)).order_by(terms...)).scalars();
    };
    const auto country = col(&Artist::country);
    CHECK(order(country.asc().nulls_first()) == Names{"Unknown", "Bjork", "Miles"});
    CHECK(order(country.asc().nulls_last()) == Names{"Bjork", "Miles", "Unknown"});
    CHECK(order(country.desc().nulls_first()) == Names{"Unknown", "Miles", "Bjork"});
    CHECK(order(country.desc().nulls_last()) == Names{"Miles", "Bjork", "Unknown"});
    CHECK(order(col(&Artist::name).desc()) == Names{"Unknown", "Miles", "Bjork"});
    CHECK(order(func::length(col(&Artist::name)).desc(), col(&Artist::name).asc()) ==
          Names{"Unknown", "Bjork", "Miles"});
    const auto chosen =
        col_by_name<Artist, std::string>("name"); // a column from outside, whitelisted
    CHECK(order(chosen.asc()) == Names{"Bjork", "Miles", "Unknown"});
}

TEST_CASE("QRY-21 LIMIT and OFFSET are bound, and a negative one is refused") {
    Library library;
    Session session = library->session();
    const auto ordered = session.query<Song>().order_by(col(&Song::seconds).asc());
    CHECK(ordered.limit(2).all().size() == 2);
    CHECK(ordered.limit(2).offset(1).all().front()->seconds == 1);
    CHECK(ordered.offset(5).all().size() == 2);
    CHECK(ordered.limit(0).all().empty());
    CHECK(ordered.limit(0).first() == nullptr);
    CHECK(ordered.limit(0).one_or_none() == nullptr);
    CHECK(ordered.limit(1).one() == ordered.limit(5).first());
    CHECK_THROWS_AS(static_cast<void>(ordered.limit(5).one()), MultipleResultsFound);
    CHECK(ordered.limit(std::numeric_limits<std::int64_t>::max()).all().size() == 7);
    CHECK(ordered.limit(3).count() == 3);
    CHECK_THROWS_AS(static_cast<void>(ordered.limit(-1)), ArgumentError);
    CHECK_THROWS_AS(static_cast<void>(ordered.offset(-1)), ArgumentError);

    static_cast<void>(ordered.limit(4711).offset(3).all());
    const auto text = library.log->texts("SELECT").back();
    CHECK(text.find("4711") == std::string::npos);
    const auto misses = library->engine().statistics().compile_misses;
    for (int page = 0; page < 5; ++page) static_cast<void>(ordered.limit(2).offset(page).all());
    CHECK(library->engine().statistics().compile_misses == misses);
}

TEST_CASE("DISTINCT, subqueries in IN, and EXISTS") {
    Library library;
    Session session = library->session();
    CHECK(session.execute(select(col(&Song::album_id)).distinct()).size() == 3);
    const auto old_albums = select(col(&Album::id)).where(col(&Album::year) < 1990);
    CHECK(session.query<Song>().where(col(&Song::album_id).in(old_albums)).count() == 3);
    CHECK(session.query<Song>().where(col(&Song::album_id).not_in(old_albums)).count() == 4);
    CHECK(session.query<Album>()
              .where(exists(
                  select(col(&Song::id))
                      .where(col(&Song::album_id) == col(&Album::id), col(&Song::seconds) > 600)))
              .one()
              ->title == "Kind of Blue");
    CHECK(session.query<Song>().where(col(&Song::seconds) > 600).exists());
    CHECK_FALSE(session.query<Song>().where(col(&Song::seconds) > 6000).exists());
    CHECK(session.query<Song>().distinct().offset(6).exists());
    CHECK_FALSE(session.query<Song>().distinct().offset(7).exists());
    CHECK_FALSE(session.query<Song>().limit(0).exists());
}

TEST_CASE("wildcards in a value are matched literally") {
    Library library;
    Session session = library->session();
    const auto title = col(&Song::title);
    const auto count = [&](const Condition& condition) {
        return session.query<Song>().where(condition).count();
    };
    CHECK(count(title.contains("%")) == 1);
    CHECK(count(title.contains("_")) == 1);
    CHECK(count(title.startswith("100%")) == 1);
    CHECK(count(title.startswith("_")) == 0);
    CHECK(count(title.endswith("e_Love")) == 1);
    CHECK(count(title.endswith("s")) == 1);
    CHECK(count(title.contains("\\")) == 0);
    CHECK(count(title.contains("'")) == 0);
    CHECK(count(title.like("%Blue%")) == 2);
    CHECK(count(title.ilike("%bLuE%")) == 2);
    CHECK(count(title.like("100!%%", '!')) == 1);
}

TEST_CASE("QRY-36 no value of a statement is in its text") {
    Library library;
    Session session = library->session();
    library.log->clear();
    static_cast<void>(session.query<Song>()
                          .where(col(&Song::title) == "v4lue-1", col(&Song::seconds) == 918273,
                                 col(&Song::price) < Decimal("7654.32"),
                                 col(&Song::title).in({"v4lue-2"}),
                                 col(&Song::title).contains("v4lue-3"))
                          .order_by(col(&Song::id).asc())
                          .limit(918274)
                          .all());
    session.add(Artist{.name = "v4lue-4'; DROP TABLE artists; --", .country = "v4lue-5"});
    session.flush();
    static_cast<void>(
        session.execute(select(func::concat(col(&Song::title), "v4lue-6"))
                            .where(func::length(col(&Song::title)) + 918275 > 918276)));
    CHECK(library.log->count() == 3);
    for (const auto& text : library.log->texts()) {
        CAPTURE(text);
        CHECK(text.find("v4lue") == std::string::npos);
        CHECK(text.find("91827") == std::string::npos);
        CHECK(text.find("7654") == std::string::npos);
        CHECK(text.find("DROP") == std::string::npos);
    }
    session.commit();
    CHECK(session.query<Artist>()
              .where(col(&Artist::name) == "v4lue-4'; DROP TABLE artists; --")
              .count() == 1);
}

TEST_CASE("QRY-40 the same structure with other values is compiled once") {
    Library library;
    Session session = library->session();
    const auto by = [&](int seconds, const char* title) {
        return session.query<Song>()
            .where(col(&Song::seconds) > seconds, col(&Song::title) != title)
            .count();
    };
    by(1, "a");
    const auto before = library->engine().statistics();
    for (int i = 0; i < 20; ++i) by(i, "b");
    const auto after = library->engine().statistics();
    CHECK(after.compile_misses == before.compile_misses);
    CHECK(after.compile_hits >= before.compile_hits + 20);
    static_cast<void>(
        session.query<Song>().where(col(&Song::seconds) < 5, col(&Song::title) != "c").count());
    CHECK(library->engine().statistics().compile_misses == after.compile_misses + 1);
}

TEST_CASE("QRY-40 the cache of compiled statements is bounded") {
    Backend backend(Config{.compile_cache_size = 4});
    backend->create_all<Artist, Album, Song>();
    Session session = backend->session();
    for (int round = 0; round < 2; ++round) {
        for (std::size_t width = 1; width <= 12; ++width) {
            std::vector<Condition> conditions(width, col(&Song::seconds) > 3);
            CHECK(session.query<Song>().where(all_of(conditions)).count() == 0);
        }
    }
    CHECK(backend->engine().statistics().compile_misses >= 24);
}

TEST_CASE("QRY-41 a statement is prepared once per connection, and the cache is bounded") {
    Backend backend(Config{.statement_cache_size = 5});
    backend->create_all<Artist, Album, Song>();
    Session session = backend->session();
    const auto run = [&](int seconds) {
        return session.query<Song>().where(col(&Song::seconds) > seconds).count();
    };
    run(0);
    const auto prepared = backend->engine().statistics().statements_prepared;
    for (int i = 0; i < 50; ++i) run(i);
    CHECK(backend->engine().statistics().statements_prepared == prepared);
    for (std::size_t width = 1; width <= 20; ++width) {
        std::vector<Condition> conditions(width, col(&Song::seconds) > 3);
        static_cast<void>(session.query<Song>().where(all_of(conditions)).count());
    }
    CHECK(session.connection().prepared_statements() <= 5);
    run(1);
}

TEST_CASE("QRY-37 QRY-39 every expression has the C++ type of its value") {
    const auto title = col(&Song::title);
    const auto seconds = col(&Song::seconds);
    const auto price = col(&Song::price);
    const auto country = col(&Artist::country);
    const auto year = col(&Album::year);
    const auto id = col(&Song::id);

    static_assert(yields<std::string, decltype(title)>);
    static_assert(yields<int, decltype(seconds)>);
    static_assert(yields<Decimal, decltype(price)>);
    static_assert(yields<std::optional<std::string>, decltype(country)>);
    static_assert(yields<std::optional<int>, decltype(year)>);
    static_assert(yields<std::int64_t, decltype(id)>);
    static_assert(yields<std::string, decltype(title.label("t"))>);

    static_assert(yields<bool, decltype(title == "x")>);
    static_assert(yields<bool, decltype(seconds != 1)>);
    static_assert(yields<bool, decltype(seconds < 1)>);
    static_assert(yields<bool, decltype(seconds <= 1)>);
    static_assert(yields<bool, decltype(seconds > 1)>);
    static_assert(yields<bool, decltype(seconds >= 1)>);
    static_assert(yields<bool, decltype(price > 1)>);
    static_assert(yields<bool, decltype(country == null)>);
    static_assert(yields<bool, decltype(year == 1959)>);
    static_assert(yields<bool, decltype(seconds > 1 && title == "x")>);
    static_assert(yields<bool, decltype(seconds > 1 || title == "x")>);
    static_assert(yields<bool, decltype(!(seconds > 1))>);
    static_assert(yields<bool, decltype(and_(seconds > 1, title == "x"))>);
    static_assert(yields<bool, decltype(or_(seconds > 1, title == "x"))>);
    static_assert(yields<bool, decltype(title.in({"x"}))>);
    static_assert(yields<bool, decltype(title.not_in({"x"}))>);
    static_assert(yields<bool, decltype(title.like("x"))>);
    static_assert(yields<bool, decltype(title.contains("x"))>);
    static_assert(yields<bool, decltype(country.is_null())>);
    static_assert(yields<bool, decltype(country.is_not_null())>);
    static_assert(yields<bool, decltype(seconds.between(1, 2))>);

    static_assert(yields<std::int64_t, decltype(seconds + 1)>);
    static_assert(yields<std::int64_t, decltype(seconds - 1)>);
    static_assert(yields<std::int64_t, decltype(seconds * 2)>);
    static_assert(yields<std::int64_t, decltype(seconds % 2)>);
    static_assert(yields<double, decltype(seconds * 0.5)>);
    static_assert(yields<Decimal, decltype(price * seconds)>);
    static_assert(yields<Decimal, decltype(price + Decimal("1"))>);
    static_assert(yields<std::optional<std::int64_t>, decltype(year + 1)>);
    static_assert(yields<std::optional<std::int64_t>, decltype(year * seconds)>);
    static_assert(yields<std::string, decltype(title + "!")>);
    static_assert(yields<std::optional<int>, decltype(seconds.nullable())>);
    static_assert(yields<std::optional<int>, decltype(year.nullable())>);

    static_assert(yields<std::int64_t, decltype(func::count())>);
    static_assert(yields<std::int64_t, decltype(func::count(title))>);
    static_assert(yields<std::int64_t, decltype(func::count_distinct(title))>);
    static_assert(yields<std::optional<std::int64_t>, decltype(func::sum(seconds))>);
    static_assert(yields<std::optional<Decimal>, decltype(func::sum(price))>);
    static_assert(yields<std::optional<double>, decltype(func::avg(seconds))>);
    static_assert(yields<std::optional<Decimal>, decltype(func::avg(price))>);
    static_assert(yields<std::optional<std::string>, decltype(func::min(title))>);
    static_assert(yields<std::optional<int>, decltype(func::max(year))>);
    static_assert(yields<std::string, decltype(func::lower(title))>);
    static_assert(yields<std::optional<std::string>, decltype(func::upper(country))>);
    static_assert(yields<std::int64_t, decltype(func::length(title))>);
    static_assert(yields<std::optional<std::int64_t>, decltype(func::length(country))>);
    static_assert(yields<std::string, decltype(func::substr(title, 1, 2))>);
    static_assert(yields<std::string, decltype(func::coalesce(country, "x"))>);
    static_assert(yields<std::optional<std::string>, decltype(func::coalesce(country, country))>);
    static_assert(yields<int, decltype(func::abs(seconds))>);
    static_assert(yields<DateTime, decltype(func::now())>);
    static_assert(yields<Date, decltype(func::current_date())>);
    static_assert(yields<double, decltype(seconds.cast<double>())>);

    // The types are what the rows really hold.
    Library library;
    Session session = library->session();
    const auto row = session
                         .execute(select(title, price, seconds * 2, price * seconds,
                                         func::length(title), seconds.cast<double>())
                                      .where(title == "So What"))
                         .one();
    CHECK(row == std::tuple<std::string, Decimal, std::int64_t, Decimal, std::int64_t, double>(
                     "So What", Decimal("562.99"), 1124, Decimal("316400.38"), 7, 562.0));
    const auto unknown = session
                             .execute(select(country, func::length(country), func::upper(country))
                                          .where(col(&Artist::name) == "Unknown"))
                             .one();
    CHECK(unknown == std::tuple<std::optional<std::string>, std::optional<std::int64_t>,
                                std::optional<std::string>>());
    CHECK(session.scalar(select(year + 1).where(col(&Album::title) == "Lost")) == std::nullopt);
}
