// SPDX-License-Identifier: MIT
#include <mercator/support/error.hpp>
#include <mercator/types/type_of.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace std::chrono_literals;
using mercator::Interval;
using mercator::parse_interval;
using mercator::parse_time;
using mercator::Time;

// What a member may be, and what it may not: nanoseconds would be cut, months have no length.
static_assert(mercator::Mappable<Time> && mercator::Mappable<Interval>);
static_assert(mercator::Mappable<Time::Parts> && mercator::Mappable<std::optional<Time::Parts>>);
static_assert(mercator::Mappable<std::chrono::seconds> && mercator::Mappable<std::chrono::days>);
static_assert(!mercator::Mappable<std::chrono::nanoseconds>);
static_assert(!mercator::Mappable<std::chrono::months> && !mercator::Mappable<std::chrono::years>);
static_assert(!mercator::Mappable<std::chrono::duration<double>>);
static_assert(!mercator::Mappable<std::chrono::sys_time<std::chrono::nanoseconds>>);

TEST_CASE("TYP-32 a time of day is the standard library's, with an order") {
    constexpr Time time(9h, 30min, 15s, 250us);
    static_assert(time.parts().hours() == 9h && time.parts().subseconds() == 250us);
    static_assert(time < Time(9h, 30min, 16s) && Time() < time);
    const std::chrono::hh_mm_ss<std::chrono::microseconds> parts = time;
    CHECK(Time(parts) == time);
    CHECK(time.since_midnight() == 34'215'000'250us);
    struct Shop {
        Time opens, closes;
        auto operator<=>(const Shop&) const = default;
    };
    CHECK(Shop{Time(8h), Time(18h)} < Shop{Time(8h), Time(20h)});
    CHECK(std::hash<Time>()(time) == std::hash<Time>()(Time(parts)));
}

TEST_CASE("TYP-17 24:00 and negative times are no times of day") {
    CHECK_THROWS_AS(Time(24h), mercator::DataError);
    CHECK_THROWS_AS(Time(-1us), mercator::DataError);
    CHECK_THROWS_AS(Time(23h, 60min), mercator::DataError);
    CHECK_THROWS_AS(Time(Time::Parts(-1h)), mercator::DataError);
    CHECK(Time(24h - 1us) == Time(23h, 59min, 59s, 999'999us));
}

TEST_CASE("times of day have one text each, and are read from it") {
    for (const char* text : {"00:00:00", "09:30:00", "23:59:59.999999", "12:00:00.000001"})
        CHECK(to_string(parse_time(text).value()) == text);
    CHECK(parse_time("09:30") == Time(9h, 30min));
    CHECK(parse_time("09:30:00.5") == Time(9h, 30min, 0s, 500'000us));
    CHECK(parse_time("09:30:00.1234569") == Time(9h, 30min, 0s, 123'456us)); // cut, not rounded
    for (const char* text : {"", "9:30", "24:00:00", "23:60:00", "23:59:60", "-01:00:00",
                             "09:30:00.", "09:30:00.1234567890", "09:30:00 ", "09:30:00Z"})
        CHECK_FALSE(parse_time(text).has_value());
}

TEST_CASE("TYP-17 intervals have one text each, and are read from it") {
    const auto text_of = [](Interval interval) { return mercator::to_string(interval); };
    CHECK(text_of(0us) == "00:00:00");
    CHECK(text_of(-1us) == "-00:00:00.000001");
    CHECK(text_of(-838h - 59min - 59s - 1us) == "-838:59:59.000001");
    CHECK(text_of(100h) == "100:00:00");
    constexpr Interval longest(std::numeric_limits<std::int64_t>::max());
    constexpr Interval lowest(std::numeric_limits<std::int64_t>::min());
    CHECK(text_of(longest) == "2562047788:00:54.775807");
    CHECK(text_of(lowest) == "-2562047788:00:54.775808");
    for (const Interval interval : {Interval(0), Interval(-1), Interval(838h), longest, lowest})
        CHECK(parse_interval(text_of(interval)) == interval);
    for (const char* text :
         {"", "-", "1", "1:2:3", "2562047788:00:54.775808", "-2562047788:00:54.775809",
          "2562047789:00:00", "99999999999999999999999:00:00", "00:60:00", "00:00:60", "+01:00:00",
          "00:00:00.", "--01:00:00"})
        CHECK_FALSE(parse_interval(text).has_value());
}

TEST_CASE("TYP-32 durations of other units are stored as microseconds, or refused") {
    using Conversion = mercator::Conversion<std::chrono::minutes>;
    CHECK(Conversion::to_value(-90min) == mercator::Value(Interval(-90min)));
    CHECK(Conversion::from_value(mercator::Value(Interval(3h)), "T.m") == 180min);
    CHECK_THROWS_AS(static_cast<void>(Conversion::from_value(mercator::Value(90s), "T.m")),
                    mercator::DataError);
    CHECK_THROWS_AS(static_cast<void>(mercator::Conversion<std::chrono::hours>::to_value(
                        std::chrono::hours(std::numeric_limits<std::chrono::hours::rep>::max()))),
                    mercator::DataError);
    using Small = std::chrono::duration<std::int8_t>;
    CHECK(
        mercator::Conversion<Small>::from_value(mercator::Value(Interval(-128s)), "T.s").count() ==
        -128);
    CHECK_THROWS_AS(static_cast<void>(mercator::Conversion<Small>::from_value(
                        mercator::Value(Interval(128s)), "T.s")),
                    mercator::DataError);
}

TEST_CASE("values of the new kinds are shown as people write them") {
    CHECK(display(mercator::Value(Time(9h, 30min))) == "09:30:00");
    CHECK(display(mercator::Value(Interval(-25h))) == "-25:00:00");
    CHECK(display(mercator::Value(mercator::Uuid())) == "00000000-0000-0000-0000-000000000000");
    CHECK(to_string(mercator::SqlType(Time())) == "Time");
    CHECK(to_string(mercator::SqlType(mercator::Interval())) == "Interval");
    CHECK(to_string(mercator::SqlType(mercator::Uuid())) == "Uuid");
}
