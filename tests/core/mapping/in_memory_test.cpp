// SPDX-License-Identifier: MIT
#include <mercator/mapping/in_memory.hpp>

#include <mercator/mapping/compared.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

using namespace mercator;
using std::chrono::sys_days;

namespace {

template <class V>
InMemory<V> of(V value) {
    return InMemory<V>(std::move(value));
}
const InMemory<std::optional<int>> nothing{std::nullopt};
const InMemory<std::optional<std::string>> no_text{std::nullopt};
const auto unknown = nothing > 1;

template <class C>
std::string truth(const C& condition) {
    const std::optional<bool> value = condition.value();
    return !value ? "unknown" : *value ? "true" : "false";
}

} // namespace

TEST_CASE("HYB-04 arithmetic in memory is that of the database") {
    static_assert(std::same_as<decltype((of(1) + 2).value()), const std::int64_t&>);
    CHECK((of(2'000'000'000) * 2).value() == 4'000'000'000);
    CHECK((of(Decimal("19.99")) * 3).value().to_string() == "59.97");
    CHECK((3 * of(Decimal("0.10"))).value().to_string() == "0.30");
    CHECK((of(-7) / 2).value() == -3);
    CHECK((of(-7) % 4).value() == -3);
    CHECK((of(Decimal(1)) / 3).value().to_string() == "0.333333");
    CHECK((-of(Decimal("1.50"))).value().to_string() == "-1.50");
    CHECK(func::abs(of(-3)).value() == 3);
    CHECK((of(1.5) * 2).value() == 3.0);
}

TEST_CASE("HYB-04 what has no result in the database has none in memory") {
    const auto most = of(std::numeric_limits<std::int64_t>::max());
    CHECK_THROWS_WITH_AS(static_cast<void>(most + 1),
                         doctest::Contains("does not fit into 64 bits"), DataError);
    CHECK_THROWS_AS(static_cast<void>(-most - 2), DataError);
    CHECK_THROWS_AS(static_cast<void>(most * 2), DataError);
    CHECK_THROWS_WITH_AS(static_cast<void>(of(1) / 0), doctest::Contains("nullif(divisor, 0)"),
                         DataError);
    CHECK_THROWS_AS(static_cast<void>(of(Decimal(1)) / Decimal(0)), DataError);
    CHECK_THROWS_AS(static_cast<void>(of(1) % 0), DataError);
    CHECK((of(1) / func::nullif(of(0), 0)).value() == std::nullopt);
    CHECK((of(std::numeric_limits<std::int64_t>::min()) % -1).value() == 0);
}

TEST_CASE("HYB-05 texts are joined, empty where one is") {
    CHECK(func::concat(of(std::string("a")), " ", of(std::string("b"))).value() == "a b");
    CHECK(func::concat(of(std::string("a")), no_text).value() == std::nullopt);
    CHECK((of(std::string("a")) + "b").value() == "ab");
    CHECK(("a" + no_text).value() == std::nullopt);
    CHECK(func::lower(of(std::string("ÄBc"))).value() == "Äbc"); // letters of ASCII
    CHECK(func::length(of(std::string("Äb"))).value() == 2);
    CHECK(func::trim(of(std::string("  a b "))).value() == "a b");
    CHECK(func::trim(of(std::string("  "))).value().empty());
}

TEST_CASE("HYB-07 conditions over what is empty are unknown, and logic knows that") {
    CHECK(truth(unknown) == "unknown");
    CHECK(truth(!unknown) == "unknown");
    CHECK(truth(unknown && of(true)) == "unknown");
    CHECK(truth(unknown && of(false)) == "false");
    CHECK(truth(unknown || of(true)) == "true");
    CHECK(truth(of(false) || unknown) == "unknown");
    CHECK(truth(nothing == null) == "true");
    CHECK(truth(of(1) == null) == "false");
    CHECK(truth(of(1) != null) == "true");
    CHECK(truth(nothing == std::optional<int>()) == "true");
    CHECK(truth(nothing == 1) == "unknown");
    CHECK(truth(nothing.is_null()) == "true");
    CHECK(truth(nothing.in({1, 2})) == "unknown");
    CHECK(truth(of(2).between(1, nothing)) == "unknown");
    CHECK(if_else(unknown, 1, 2).value() == 2);
    CHECK(if_else(!unknown, 1, 2).value() == 2);
    CHECK(if_else(of(true), nothing, 2).value() == std::nullopt);
    CHECK(if_else(of(false), 1, null).value() == std::nullopt);
    CHECK(nothing.value_or(5).value() == 5);
    CHECK(func::coalesce(nothing, nothing, 7).value() == 7);
}

TEST_CASE("HYB-07 numbers are compared by value") {
    CHECK(truth(of(-1) < of(std::uint64_t{1})) == "true");
    CHECK(truth(of(Decimal("1.50")) == Decimal("1.5")) == "true");
    CHECK(truth(of(Decimal("1.50")) > 1) == "true");
    CHECK(truth(2 >= of(2)) == "true");
    CHECK(truth(of(std::string("abc")) < "abd") == "true");
    CHECK(truth(of(std::string("abc")).startswith("ab") && of(std::string("abc")).endswith("bc") &&
                of(std::string("abc")).contains("b")) == "true");
    const auto day = of(Date(std::chrono::year(2024), std::chrono::February, std::chrono::day(29)));
    CHECK(func::year(day).value() == 2024);
    CHECK(func::month(day).value() == 2);
    CHECK(func::day(of(DateTime(sys_days(day.value())))).value() == 29);
}

TEST_CASE("HYB-11 a comparator decides in memory") {
    const auto name = case_insensitive(of(std::string("Ada")));
    CHECK(truth(name == "ADA") == "true");
    CHECK(truth("aDA" != name) == "false");
    CHECK(truth(name < "BOB") == "true");
    CHECK(truth(name >= case_insensitive(of(std::string("ab")))) == "true");
    CHECK(truth(name.in({"x", "aDa"})) == "true");
    CHECK(name.value() == "Ada");
}

TEST_CASE("HYB-04 numbers without a sign divide as they do in the database") {
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    CHECK((of(1000) % of(std::uint8_t{255})).value() == 235);
    CHECK((of(-1000) / of(std::uint16_t{65535})).value() == 0);
    CHECK((of(std::uint64_t{7}) % -1).value() == 0);
    CHECK((of(7) / -1).value() == -7);
    CHECK((of(least) % -1).value() == 0);
    CHECK_THROWS_AS(static_cast<void>(of(least) / -1), DataError);
    const auto large = of(std::numeric_limits<std::uint64_t>::max());
    CHECK_THROWS_AS(static_cast<void>(large / 2), DataError);
    CHECK_THROWS_AS(static_cast<void>(5 % large), DataError);
}
