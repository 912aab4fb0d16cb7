// SPDX-License-Identifier: MIT
#include <mercator/types/temporal.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace mercator;
using namespace std::chrono;

namespace {

Date date(int y, unsigned m, unsigned d) {
    return {year(y), month(m), day(d)};
}

DateTime at(int y, unsigned m, unsigned d, microseconds time = {}) {
    return sys_days(date(y, m, d)) + time;
}

} // namespace

TEST_CASE("a day is written and read as YYYY-MM-DD") {
    CHECK(to_string(date(2024, 2, 29)) == "2024-02-29");
    CHECK(to_string(date(1, 1, 1)) == "0001-01-01");
    CHECK(to_string(date(9999, 12, 31)) == "9999-12-31");
    CHECK(parse_date("2024-02-29") == date(2024, 2, 29));
    CHECK(parse_date("0001-01-01") == date(1, 1, 1));
    CHECK(parse_date("9999-12-31") == date(9999, 12, 31));
    CHECK(parse_date("2000-02-29") == date(2000, 2, 29));
}

TEST_CASE("what is no day is not read") {
    for (const char* text : {"",
                             "2024",
                             "2024-02",
                             "2024-02-30",
                             "2023-02-29",
                             "1900-02-29",
                             "2024-13-01",
                             "2024-00-01",
                             "2024-01-00",
                             "2024-01-32",
                             "0000-01-01",
                             "10000-01-01",
                             "-001-01-01",
                             "2024-1-1",
                             "2024/01/01",
                             "20240101",
                             " 2024-01-01",
                             "2024-01-01 ",
                             "2024-01-01T",
                             "abcd-01-01",
                             "2024-01-01 00:00:00",
                             "+024-01-01"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_date(text));
    }
}

TEST_CASE("a moment is written without a fraction where there is none") {
    CHECK(to_string(at(2024, 2, 29, 12h + 30min)) == "2024-02-29 12:30:00");
    CHECK(to_string(at(2024, 2, 29, 23h + 59min + 59s + 123456us)) == "2024-02-29 23:59:59.123456");
    CHECK(to_string(at(2024, 2, 29, 1us)) == "2024-02-29 00:00:00.000001");
    CHECK(to_string(at(1, 1, 1)) == "0001-01-01 00:00:00");
    CHECK(to_string(at(9999, 12, 31, 24h - 1us)) == "9999-12-31 23:59:59.999999");
    CHECK(to_string(at(1969, 12, 31, 24h - 1us)) == "1969-12-31 23:59:59.999999");
    CHECK(to_string(at(9999, 12, 31, 24h - 1us)).size() == max_date_time_text);
}

TEST_CASE("a moment is read in the forms that databases write") {
    const DateTime noon = at(2024, 2, 29, 12h);
    for (const char* text :
         {"2024-02-29 12:00", "2024-02-29 12:00:00", "2024-02-29T12:00:00", "2024-02-29 12:00:00.0",
          "2024-02-29 12:00:00.000000000", "2024-02-29T12:00:00Z", "2024-02-29 12:00:00+00",
          "2024-02-29 12:00:00+00:00", "2024-02-29 12:00Z"}) {
        CAPTURE(text);
        CHECK(parse_date_time(text) == noon);
    }
    CHECK(parse_date_time("2024-02-29") == at(2024, 2, 29));
    CHECK(parse_date_time("2024-02-29 00:00:00.5") == at(2024, 2, 29, 500ms));
    CHECK(parse_date_time("2024-02-29 00:00:00.000001") == at(2024, 2, 29, 1us));
    CHECK(parse_date_time("2024-02-29 00:00:00.000001999") == at(2024, 2, 29, 1us));
    CHECK(parse_date_time("0001-01-01 00:00:00") == at(1, 1, 1));
    CHECK(parse_date_time("9999-12-31 23:59:59.999999") == at(9999, 12, 31, 24h - 1us));
}

TEST_CASE("what is no moment in UTC is not read") {
    for (const char* text : {"",
                             "2024-02-30 00:00:00",
                             "2024-02-29 24:00:00",
                             "2024-02-29 23:60:00",
                             "2024-02-29 23:59:60",
                             "2024-02-29 1:00:00",
                             "2024-02-29 12",
                             "2024-02-29 ",
                             "2024-02-29 12:",
                             "2024-02-29 12:00:",
                             "2024-02-29 12:00:00.",
                             "2024-02-29 12:00:00.Z",
                             "2024-02-29 12:00:00.0000000000",
                             "2024-02-29 12:00:00+01",
                             "2024-02-29 12:00:00+00:30",
                             "2024-02-29 12:00:00-01:00",
                             "2024-02-29 12:00:00+",
                             "2024-02-29 12:00:00+0",
                             "2024-02-29 12:00:00+00:",
                             "2024-02-29 12:00:00ZZ",
                             "2024-02-29  12:00:00",
                             "2024-02-29x12:00:00",
                             "2024-02-29 12.00.00",
                             "0000-01-01 00:00:00",
                             "10000-01-01 00:00:00",
                             "2024-02-29Z",
                             "now",
                             "2024-02-29 12:00:00 "}) {
        CAPTURE(text);
        CHECK_FALSE(parse_date_time(text));
    }
}

TEST_CASE("days and moments outside the years 0001 to 9999 are not storable") {
    CHECK(is_storable(date(1, 1, 1)));
    CHECK(is_storable(date(9999, 12, 31)));
    CHECK_FALSE(is_storable(date(0, 12, 31)));
    CHECK_FALSE(is_storable(date(-1, 1, 1)));
    CHECK_FALSE(is_storable(date(10000, 1, 1)));
    CHECK_FALSE(is_storable(date(2023, 2, 29)));
    CHECK_FALSE(is_storable(Date()));
    CHECK(is_storable(at(1, 1, 1)));
    CHECK_FALSE(is_storable(at(1, 1, 1) - 1us));
    CHECK(is_storable(at(9999, 12, 31, 24h - 1us)));
    CHECK_FALSE(is_storable(at(10000, 1, 1)));
    CHECK_FALSE(is_storable(DateTime::min()));
    CHECK_FALSE(is_storable(DateTime::max()));
}

TEST_CASE("what is not storable has a text for people but none for a database") {
    char buffer[max_date_time_text];
    CHECK(write_text(date(10000, 1, 1), buffer) == 0);
    CHECK(write_text(DateTime::max(), buffer) == 0);
    CHECK_FALSE(parse_date(to_string(date(2023, 2, 29))));
    CHECK_FALSE(to_string(DateTime::min()).empty());
}

TEST_CASE("every day of four centuries and the ends of the calendar read back as written") {
    for (const int first : {1, 1800, 9900}) {
        const sys_days begin(date(first, 1, 1));
        const sys_days end(date(first + (first == 1800 ? 400 : 99), 12, 31));
        bool same = true;
        for (sys_days day = begin; day <= end; day += days(1)) {
            same = same && parse_date(to_string(Date(day))) == Date(day);
            const DateTime moment = day + 13h + 7min + 9s + 250us;
            same = same && parse_date_time(to_string(moment)) == moment;
        }
        CHECK(same);
    }
}

TEST_CASE("the text of moments sorts as time does") {
    const std::vector<DateTime> moments = {
        at(1, 1, 1),     at(999, 5, 5),        at(1969, 12, 31, 24h - 1us),
        at(2024, 2, 29), at(2024, 2, 29, 1us), at(2024, 2, 29, 1s),
        at(9999, 12, 31)};
    for (std::size_t i = 1; i < moments.size(); ++i) {
        CHECK(to_string(moments[i - 1]) < to_string(moments[i]));
    }
}

TEST_CASE("now is storable and today is its day") {
    const Date before = today();
    const DateTime now = utc_now();
    CHECK(is_storable(now));
    const Date day(floor<days>(now));
    CHECK((day == before || day == today()));
}
