// SPDX-License-Identifier: MIT
#include "backend.hpp"
#include "sql_log.hpp"

#include <mercator/mapping/array.hpp>
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

using mercator::any_;
using mercator::Array;
using mercator::col;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

enum class Mood { calm, wild };

/// Of every type that an array may hold; the database's own arrays, or JSON.
template <bool as_json>
struct Lists {
    std::int64_t id{};
    std::vector<int> numbers;
    std::vector<std::int64_t> large;
    std::vector<std::string> texts;
    std::vector<double> fractions;
    std::vector<bool> truths;
    std::vector<mercator::Decimal> amounts;
    std::vector<mercator::DateTime> moments;
    std::vector<mercator::Date> days;
    std::vector<mercator::Uuid> ids;
    std::vector<Mood> moods;
    std::vector<std::optional<int>> gaps;
    std::optional<std::vector<std::string>> maybe;

    static void describe(mercator::Mapping<Lists>& lists) {
        lists.table("lists");
        lists.template column<&Lists::id>().primary_key();
        map<&Lists::numbers>(lists);
        map<&Lists::large>(lists);
        map<&Lists::texts>(lists, mercator::String(40));
        map<&Lists::fractions>(lists);
        map<&Lists::truths>(lists);
        map<&Lists::amounts>(lists, mercator::Numeric(10, 2));
        map<&Lists::moments>(lists);
        map<&Lists::days>(lists);
        map<&Lists::ids>(lists);
        map<&Lists::moods>(lists);
        map<&Lists::gaps>(lists);
        map<&Lists::maybe>(lists, mercator::Text());
    }

private:
    template <auto Member>
    static void map(mercator::Mapping<Lists>& lists, mercator::SqlType element = {}) {
        using Member_ = std::remove_cvref_t<decltype(std::declval<Lists>().*Member)>;
        using Plain = typename mercator::WithoutOptional<Member_>::type;
        if (element.kind == mercator::TypeKind::Unknown)
            element = mercator::TypeOf<typename Plain::value_type>::sql_type();
        if constexpr (as_json) {
            lists.template column<Member>(Array(element).as_json());
        } else {
            lists.template column<Member>(Array(element));
        }
    }
};
using NativeLists = Lists<false>;
using JsonLists = Lists<true>;

template <class L>
L full_lists() {
    L lists;
    lists.id = 1;
    lists.numbers = {3, 1, 2, std::numeric_limits<int>::min()};
    lists.large = {std::numeric_limits<std::int64_t>::max(), -9007199254740993};
    lists.texts = {"", "plain", "NULL", "{a,b}",
                   "quote \" slash \\ comma , ' \n \u00fc \U0001F600"};
    lists.fractions = {0.1, -1e300, 5, std::numeric_limits<double>::infinity()};
    lists.truths = {true, false, true};
    lists.amounts = {mercator::Decimal("19.90"), mercator::Decimal("-0.01")};
    lists.moments = {*mercator::parse_date_time("2026-03-01 12:30:00.000001")};
    lists.days = {*mercator::parse_date("2024-02-29")};
    lists.ids = {mercator::Uuid("01234567-89ab-cdef-8123-456789abcdef")};
    lists.moods = {Mood::wild, Mood::calm};
    lists.gaps = {1, std::nullopt, 3};
    lists.maybe = {"only"};
    return lists;
}

template <class L>
void check_equal(const L& a, const L& b) {
    CHECK((a.numbers == b.numbers));
    CHECK((a.large == b.large));
    CHECK((a.texts == b.texts));
    CHECK((a.fractions == b.fractions));
    CHECK((a.truths == b.truths));
    CHECK((a.amounts == b.amounts));
    CHECK((a.moments == b.moments));
    CHECK((a.days == b.days));
    CHECK((a.ids == b.ids));
    CHECK((a.moods == b.moods));
    CHECK((a.gaps == b.gaps));
    CHECK((a.maybe == b.maybe));
}

template <class L>
void check_round_trip(Backend& backend) {
    backend->create_all<L>();
    const L full = full_lists<L>();
    L empty;
    empty.id = 2;
    {
        mercator::Session session = backend->session();
        session.add(L(full));
        session.add(L(empty));
        for (std::int64_t id = 3; id < 8; ++id) { // a batch
            L more = full;
            more.id = id;
            session.add(std::move(more));
        }
        session.commit();
    }
    mercator::Session session = backend->session();
    check_equal(*session.get<L>(1), full);
    check_equal(*session.get<L>(2), empty);
    check_equal(*session.get<L>(7), full);
    CHECK(backend->verify().empty());

    SqlLog log(backend->engine());
    session.flush();
    CHECK(log.count() == 0);
    for (std::int64_t id = 3; id < 8; ++id) session.get<L>(id)->numbers[0] = 30; // in place
    session.get<L>(2)->gaps.push_back(std::nullopt);
    session.commit();
    CHECK(log.rows("UPDATE") == 6);
    mercator::Session other = backend->session();
    CHECK(other.get<L>(5)->numbers.front() == 30);
    CHECK((other.get<L>(2)->gaps == std::vector<std::optional<int>>{std::nullopt}));
}

template <class L>
void check_questions(Backend& backend) {
    mercator::Session session = backend->session();
    L none;
    none.id = 9;
    none.numbers = {4, 5};
    none.texts = {"other", "sql"};
    session.add(std::move(none));
    session.flush();
    const auto ids = [&](const mercator::Condition& condition) {
        std::vector<std::int64_t> list;
        for (const auto& found :
             session.template query<L>().where(condition).order_by(col(&L::id).asc()).all())
            list.push_back(found->id);
        return list;
    };
    using Ids = std::vector<std::int64_t>;
    CHECK((ids(any_(col(&L::numbers), 2)) == Ids{1, 3, 4, 5, 6, 7}));
    CHECK((ids(any_(col(&L::numbers), 4)) == Ids{9}));
    CHECK((ids(any_(col(&L::texts), std::string("{a,b}"))) == Ids{1, 3, 4, 5, 6, 7}));
    CHECK((ids(any_(col(&L::texts), std::string("SQL"))) == Ids{}));
    CHECK((ids(any_(col(&L::gaps), 3)) == Ids{1, 3, 4, 5, 6, 7}));
    CHECK((ids(!any_(col(&L::numbers), 2)) == Ids{2, 9}));
    CHECK((ids(col(&L::numbers).contains(std::vector<int>{5, 4})) == Ids{9}));
    CHECK((ids(col(&L::numbers).contains(std::vector<int>{5, 1})) == Ids{}));
    CHECK((ids(col(&L::texts).contains(std::vector<std::string>{"sql"})) == Ids{9}));
    CHECK((ids(any_(col(&L::maybe), std::string("only"))) == Ids{1, 3, 4, 5, 6, 7}));
    CHECK((ids(col(&L::numbers).length() == 2) == Ids{9}));
    CHECK((ids(col(&L::numbers).length() == 0) == Ids{2}));
    CHECK((ids(col(&L::texts).length() > 4) == Ids{1, 3, 4, 5, 6, 7}));
    CHECK_THROWS_AS(
        static_cast<void>(col(&L::gaps).contains(std::vector<std::optional<int>>{std::nullopt})),
        mercator::ArgumentError);
    try {
        static_cast<void>(ids(col(&L::numbers).overlaps({1})));
        CHECK((ids(col(&L::numbers).overlaps(std::vector<int>{77, 5, 3})) == Ids{1, 9}));
        CHECK((ids(col(&L::texts).overlaps(std::vector<std::string>{"SQL"})) == Ids{}));
    } catch (const mercator::UnsupportedError& error) {
        mercator::test::skip(error.what());
    }
}

} // namespace

TEST_CASE("TYP-24 a vector is an array of the database, and the table is refused where there is "
          "none") {
    Backend backend;
    if (!backend.can().array_type) {
        try {
            backend->create_all<NativeLists>();
            FAIL("the table was made");
        } catch (const mercator::UnsupportedError& error) {
            const std::string text = error.what();
            CHECK(text.find("lists.numbers") != std::string::npos);
            CHECK(text.find("Array(Integer).as_json()") != std::string::npos);
        }
        return;
    }
    check_round_trip<NativeLists>(backend);
    check_questions<NativeLists>(backend);
}

TEST_CASE("TYP-24 a vector kept as JSON holds the same values on every database") {
    Backend backend;
    check_round_trip<JsonLists>(backend);
}

TEST_CASE("TYP-24 a vector kept as JSON answers the same questions") {
    Backend backend;
    check_round_trip<JsonLists>(backend);
    if (backend.can().json_functions) return check_questions<JsonLists>(backend);
    mercator::Session session = backend->session();
    CHECK_THROWS_AS(static_cast<void>(
                        session.query<JsonLists>().where(any_(col(&JsonLists::numbers), 2)).all()),
                    mercator::UnsupportedError);
    mercator::test::skip("the server has no functions for JSON");
}

TEST_CASE("TYP-24 an element that its type cannot hold is refused") {
    Backend backend;
    if (!backend.can().array_type) return mercator::test::skip("the database has no arrays");
    backend->create_all<NativeLists>();
    const auto refused = [&](auto change) {
        mercator::Session session = backend->session();
        NativeLists lists;
        lists.id = 1;
        change(lists);
        session.add(std::move(lists));
        CHECK_THROWS_AS(session.flush(), mercator::DataError);
    };
    refused([](NativeLists& lists) { lists.amounts = {mercator::Decimal("1.999")}; });
    refused([](NativeLists& lists) { lists.texts = {"short", std::string(41, 'x')}; });
    refused([](NativeLists& lists) { lists.texts = {std::string("a\0b", 3)}; });
    CHECK(backend.rows("SELECT id FROM lists").empty());
}

TEST_CASE(
    "TYP-24 an array of somebody else's that does not fit is an error that names the member") {
    Backend backend;
    if (!backend.can().array_type) return mercator::test::skip("the database has no arrays");
    backend->create_all<NativeLists>();
    const auto where_of = [&](const std::string& change) {
        backend.run("DELETE FROM lists");
        {
            mercator::Session session = backend->session();
            session.add(full_lists<NativeLists>());
            session.commit();
        }
        backend.run("UPDATE lists SET " + change);
        mercator::Session session = backend->session();
        try {
            static_cast<void>(session.get<NativeLists>(1));
        } catch (const mercator::DataError& error) {
            return error.where().substr(error.where().find_last_of('.') + 1);
        }
        return std::string("none");
    };
    CHECK(where_of("numbers = '{{1,2},{3,4}}'") == "numbers");
    CHECK(where_of("numbers = '{1,NULL}'") == "numbers");
    CHECK(where_of("moods = '{calm,x}'") == "moods");
    CHECK(where_of("numbers = '[5:6]={1,2}'") == "none"); // other bounds, the same values
}

TEST_CASE("TYP-24 an array of a statement by hand is the text of a JSON array") {
    Backend backend;
    if (!backend.can().array_type) return mercator::test::skip("the database has no arrays");
    const auto text_of = [&](const std::string& expression) {
        return *backend.rows("SELECT " + expression).at(0).at(0).get_if<std::string>();
    };
    CHECK(text_of("ARRAY[1, NULL, 3]") == "[1,null,3]");
    CHECK(text_of("ARRAY['a', 'b \"c\"']") == R"(["a","b \"c\""])");
    CHECK(text_of("ARRAY[1.50, 2]::numeric[]") == R"(["1.50","2"])");
    CHECK(text_of("'{}'::text[]") == "[]");
}
