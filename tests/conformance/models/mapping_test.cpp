// SPDX-License-Identifier: MIT
#include "backend.hpp"

#include <mercator/mapping/coverage.hpp>
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <type_traits>

using mercator::col;
using mercator::test::Backend;

namespace {

struct Plain {
    std::int64_t id{};
    std::string name;
    std::optional<int> age;
    double shadow{}; // not stored
};
void describe(mercator::Mapping<Plain>& plain) {
    plain.table("plain_things");
    plain.column<&Plain::id>().primary_key();
    plain.column<&Plain::name>(mercator::String(30))
        .comment("what people call it")
        .nullable(false)
        .unique()
        .index();
    plain.column<&Plain::age>().index();
}
static_assert(std::is_aggregate_v<Plain> && !std::is_polymorphic_v<Plain>);

/// The same table, every option of the name said in another order.
struct Shuffled {
    std::int64_t id{};
    std::string name;
    std::optional<int> age;
};
void describe(mercator::Mapping<Shuffled>& shuffled) {
    shuffled.column<&Shuffled::id>().primary_key();
    shuffled.column<&Shuffled::name>(mercator::String(30))
        .index()
        .unique()
        .nullable(false)
        .comment("what people call it");
    shuffled.column<&Shuffled::age>().index();
    shuffled.table("plain_things");
}

struct Deviating {
    std::int64_t id{};
    int maybe_null{};
    std::optional<int> never_null;
};
void describe(mercator::Mapping<Deviating>& deviating) {
    deviating.column<&Deviating::id>().primary_key();
    deviating.column<&Deviating::maybe_null>().nullable();
    deviating.column<&Deviating::never_null>().nullable(false);
}

template <class T>
constexpr bool null_follows_the_type =
    !mercator::TypeOf<T>::optional && mercator::TypeOf<std::optional<T>>::optional;
enum class Kind { one };
static_assert(null_follows_the_type<bool> && null_follows_the_type<std::int8_t> &&
              null_follows_the_type<std::int16_t> && null_follows_the_type<std::int32_t> &&
              null_follows_the_type<std::int64_t> && null_follows_the_type<std::uint8_t> &&
              null_follows_the_type<std::uint16_t> && null_follows_the_type<std::uint32_t> &&
              null_follows_the_type<std::uint64_t> && null_follows_the_type<float> &&
              null_follows_the_type<double> && null_follows_the_type<std::string> &&
              null_follows_the_type<mercator::Bytes> && null_follows_the_type<mercator::Decimal> &&
              null_follows_the_type<mercator::DateTime> && null_follows_the_type<mercator::Date> &&
              null_follows_the_type<mercator::Time> && null_follows_the_type<mercator::Interval> &&
              null_follows_the_type<mercator::Uuid> && null_follows_the_type<Kind>);

} // namespace

TEST_CASE("MOD-01 a plain struct is a table; its description is one and the same for everybody") {
    CHECK(&mercator::mapper_of<Plain>() == &mercator::mapper_of<const Plain>());
    CHECK(mercator::mapper_of<Plain>().table().name == "plain_things");
    Backend backend;
    backend->create_all<Plain>();
    backend->create_all<Plain>(); // the same class again is the same registration
    CHECK(backend->metadata().tables().size() == 1);
    mercator::Session session = backend->session();
    session.add(Plain{.name = "x"});
    session.commit();
    CHECK(session.query<Plain>().count() == 1);
}

TEST_CASE("MOD-01 two classes on one table are refused, naming both") {
    Backend backend;
    backend->map<Plain>();
    try {
        backend->map<Shuffled>();
        FAIL("both were accepted");
    } catch (const mercator::MappingError& error) {
        const std::string text = error.what();
        CHECK(text.find("Plain") != std::string::npos);
        CHECK(text.find("Shuffled") != std::string::npos);
        CHECK(text.find("plain_things") != std::string::npos);
    }
    CHECK(backend->metadata().tables().size() == 1);
}

TEST_CASE("MOD-02 a member is a value and a typed column, and members left out are neither stored "
          "nor forgotten") {
    static_assert(std::is_same_v<decltype(col(&Plain::name))::value_type, std::string>);
    static_assert(std::is_same_v<decltype(col(&Plain::age))::value_type, std::optional<int>>);
    Backend backend;
    backend->create_all<Plain>();
    mercator::Session session = backend->session();
    const auto plain = session.add(Plain{.name = "n", .age = 3, .shadow = 2.5});
    session.commit();
    CHECK(plain->shadow == 2.5);
    CHECK(session.query<Plain>().where(col(&Plain::name) == "n", col(&Plain::age) == 3).count() ==
          1);
    CHECK(backend->session().query<Plain>().one()->shadow == 0);
    CHECK_THROWS_AS(static_cast<void>(col(&Plain::shadow)), mercator::MappingError);
    const auto unmapped = mercator::unmapped_parts<Plain>();
    REQUIRE(unmapped.size() == 1);
    CHECK(unmapped.front().offset == mercator::member_offset<Plain>(&Plain::shadow));
    CHECK(unmapped.front().size == sizeof(double));
    CHECK(mercator::unmapped_parts<Shuffled>().empty());
    CHECK(mercator::unmapped_parts<Plain>(mercator::members<&Plain::shadow>).empty());
}

TEST_CASE("MOD-03 the options of a column may stand in any order") {
    Backend one;
    const auto first = one->create_all_sql<Plain>();
    mercator::Database other(one.config());
    CHECK(first == other.create_all_sql<Shuffled>());
    one->create_all<Plain>();
    one.run("INSERT INTO plain_things (id, name) VALUES (1, 'x')");
    CHECK_THROWS_AS(one.run("INSERT INTO plain_things (id, name) VALUES (2, 'x')"),
                    mercator::UniqueViolation);
    CHECK_THROWS_AS(one.run("INSERT INTO plain_things (id, name) VALUES (3, NULL)"),
                    mercator::NotNullViolation);
}

TEST_CASE("MOD-31 NULL and NOT NULL follow from std::optional, and deviations are said") {
    Backend backend;
    backend->create_all<Plain, Deviating>();
    mercator::Connection connection = backend->engine().connect();
    const auto inspector = backend->engine().dialect().inspector(connection.driver());
    const auto plain = inspector->columns("plain_things");
    REQUIRE(plain.size() == 3);
    CHECK_FALSE(plain[1].nullable);
    CHECK(plain[2].nullable);
    const auto deviating = inspector->columns("deviating");
    REQUIRE(deviating.size() == 3);
    CHECK(deviating[1].nullable);
    CHECK_FALSE(deviating[2].nullable);
}
