// SPDX-License-Identifier: MIT
#include "cell.hpp"

#include <chrono>

using namespace types_test;
using mercator::Date;
using mercator::DateTime;

using Moment = Cell<DateTime>;
using Day = Cell<Date>;

namespace {

DateTime moment(const char* text) {
    return mercator::parse_date_time(text).value();
}
Date day(const char* text) {
    return mercator::parse_date(text).value();
}

} // namespace

TEST_CASE("TYP-05 moments keep their microseconds, from year 1 to 9999 [A24] [A27] [A28]") {
    Backend backend;
    check_round_trip<Moment>(
        backend, {DateTime{}, moment("2024-02-29 12:30:45.123456"), moment("2024-02-29 12:30:45"),
                  moment("2024-02-29 12:30:45.000001"), moment("2024-02-29 23:59:59.999999"),
                  moment("1969-12-31 23:59:59.5"), moment("1969-12-31 23:59:59.999999"),
                  moment("1582-10-10 00:00:00"), moment("0001-01-01 00:00:00"),
                  moment("0001-01-01 00:00:00.000001"), moment("0999-06-01 01:02:03.04"),
                  moment("9999-12-31 23:59:59.999999"), moment("2038-01-19 03:14:08"),
                  moment("2024-03-31 02:30:00")});
}

TEST_CASE("TYP-05 moments compare and sort as time does, with and without a fraction") {
    Backend backend;
    backend->create_all<Moment>();
    const std::vector<DateTime> in_order{
        moment("0001-01-01 00:00:00"),        moment("1969-12-31 23:59:59.999999"),
        moment("1970-01-01 00:00:00"),        moment("2024-01-01 00:00:00"),
        moment("2024-01-01 00:00:00.000001"), moment("2024-01-01 00:00:00.1"),
        moment("2024-01-01 00:00:01"),        moment("9999-12-31 00:00:00")};
    mercator::Session session = backend->session();
    for (auto it = in_order.rbegin(); it != in_order.rend(); ++it)
        session.add(Moment{.value = *it});
    session.commit();
    std::vector<DateTime> found;
    for (const auto& row : session.query<Moment>().order_by(col(&Moment::value)).values())
        found.push_back(row.value);
    CHECK(found == in_order);
    for (std::size_t i = 0; i < in_order.size(); ++i) {
        CHECK(session.query<Moment>().where(col(&Moment::value) < in_order[i]).count() ==
              static_cast<std::int64_t>(i));
    }
}

TEST_CASE("TYP-05 a moment that no calendar of ours holds is refused before it is sent") {
    Backend backend;
    const auto too_late = moment("9999-12-31 23:59:59.999999") + std::chrono::microseconds(1);
    check_refused<Moment>(backend, DateTime{}, too_late);
}

TEST_CASE("TYP-06 days come back from year 1 to 9999 [A24]") {
    Backend backend;
    check_round_trip<Day>(backend, {day("1970-01-01"), day("0001-01-01"), day("0999-12-31"),
                                    day("1582-10-04"), day("1582-10-15"), day("1600-02-29"),
                                    day("1969-12-31"), day("2000-02-29"), day("2024-12-31"),
                                    day("9999-12-31")});
}

TEST_CASE("TYP-06 days compare and sort as the calendar does") {
    Backend backend;
    backend->create_all<Day>();
    mercator::Session session = backend->session();
    for (const char* text : {"2024-10-01", "0001-01-01", "2024-09-30", "9999-12-31"})
        session.add(Day{.value = day(text)});
    session.commit();
    std::vector<Date> found;
    for (const auto& row : session.query<Day>().order_by(col(&Day::value).desc()).values())
        found.push_back(row.value);
    CHECK(found == std::vector<Date>{day("9999-12-31"), day("2024-10-01"), day("2024-09-30"),
                                     day("0001-01-01")});
    CHECK(session.query<Day>()
              .where(col(&Day::value).between(day("2024-09-30"), day("2024-10-01")))
              .count() == 2);
}

TEST_CASE("TYP-06 a day that does not exist is refused before it is sent") {
    Backend backend;
    using namespace std::chrono_literals;
    check_refused<Day>(backend, day("2024-01-01"), Date(2023y / 2 / 29));
}
