// SPDX-License-Identifier: MIT
#include "native_cell.hpp"

#include <chrono>
#include <limits>

using namespace types_test;
using namespace std::chrono_literals;
using mercator::Interval;
using mercator::Time;

using Clock = Cell<Time>;
using Lasting = Cell<Interval>;

namespace {

Time time(const char* text) {
    return mercator::parse_time(text).value();
}

/// What the standard library itself offers, as members.
struct Shift {
    std::int64_t id{};
    std::chrono::hh_mm_ss<std::chrono::microseconds> starts{};
    std::optional<std::chrono::hh_mm_ss<std::chrono::microseconds>> ends;
    std::chrono::seconds pause{};
    std::chrono::milliseconds reaction{};
    std::chrono::minutes walk{};
    std::optional<std::chrono::hours> week;
    std::chrono::days leave{};
    std::chrono::microseconds exact{};
    std::chrono::sys_time<std::chrono::microseconds> at{};
    std::chrono::year_month_day on{std::chrono::year{2000} / 1 / 1};
};

void describe(mercator::Mapping<Shift>& shift) {
    shift.column<&Shift::id>().primary_key();
    shift.column<&Shift::starts>();
    shift.column<&Shift::ends>();
    shift.column<&Shift::pause>();
    shift.column<&Shift::reaction>();
    shift.column<&Shift::walk>();
    shift.column<&Shift::week>();
    shift.column<&Shift::leave>();
    shift.column<&Shift::exact>();
    shift.column<&Shift::at>();
    shift.column<&Shift::on>();
}

} // namespace

TEST_CASE("TYP-17 times of day keep their microseconds [A27]") {
    Backend backend;
    check_round_trip<Clock>(backend,
                            {Time{}, time("00:00:00.000001"), time("09:30"), time("12:00:00.5"),
                             time("12:00:00"), time("23:59:59.999999"), time("01:02:03.040506")});
}

TEST_CASE("TYP-17 intervals keep their sign, more than a day and their microseconds [A27]") {
    Backend backend;
    check_round_trip<Lasting>(backend, {0us, 1us, -1us, 999'999us, -1'500'000us, 24h, 25h + 1us,
                                        -838h - 59min - 59s - 1us, 10'000h * 24,
                                        Interval(std::numeric_limits<std::int64_t>::max()),
                                        Interval(std::numeric_limits<std::int64_t>::min() + 1)});
}

TEST_CASE("TYP-17 times of day compare and sort from midnight to midnight") {
    Backend backend;
    backend->create_all<Clock>();
    mercator::Session session = backend->session();
    for (const char* text : {"12:00:00.5", "00:00:00", "12:00:00", "09:30:00", "23:59:59.999999"})
        session.add(Clock{.value = time(text)});
    session.commit();
    std::vector<Time> found;
    for (const auto& row : session.query<Clock>().order_by(col(&Clock::value)).values())
        found.push_back(row.value);
    CHECK(std::is_sorted(found.begin(), found.end()));
    CHECK(session.query<Clock>().where(col(&Clock::value) >= time("12:00")).count() == 3);
    CHECK(session.scalar(select(mercator::func::max(col(&Clock::value)))) ==
          time("23:59:59.999999"));
}

TEST_CASE("TYP-17 intervals compare and sort as numbers do") {
    Backend backend;
    backend->create_all<Lasting>();
    mercator::Session session = backend->session();
    for (const Interval value :
         {Interval(25h), Interval(-1us), Interval(0), Interval(-24h), Interval(90s)})
        session.add(Lasting{.value = value});
    session.commit();
    std::vector<Interval> found;
    for (const auto& row : session.query<Lasting>().order_by(col(&Lasting::value)).values())
        found.push_back(row.value);
    CHECK(found == std::vector<Interval>{-24h, -1us, 0us, 90s, 25h});
    CHECK(session.query<Lasting>().where(col(&Lasting::value) < 0us).count() == 2);
    CHECK(session.query<Lasting>().where(col(&Lasting::value) == 25h).count() == 1);
}

TEST_CASE("TYP-17 a time that is no time of day is an error, and an interval [A26]") {
    Backend backend;
    // Where a time of day is text, an interval is none.
    const bool has_time_type = native_name(backend, Time()) != "TEXT";
    const auto attempt = [&](const std::string& literal, Interval interval) {
        CAPTURE(literal);
        if (!write_native(backend, "TIME(6)", literal)) return;
        check_unreadable<Clock>(backend);
        if (has_time_type) CHECK(only_value<Lasting>(backend) == interval);
    };
    attempt("'24:00:00'", 24h);
    attempt("'-838:59:59.000001'", -838h - 59min - 59s - 1us);
    attempt("'838:59:58.999999'", 838h + 59min + 58s + 999'999us);
}

TEST_CASE("TYP-17 a native interval is its microseconds; one with months is an error [A39]") {
    Backend backend;
    if (native_name(backend, Interval()) != "INTERVAL")
        return mercator::test::skip("an interval is a number here");
    for (const char* months : {"'1 month'", "'-1 year'", "'1 month -30 days'"})
        check_refused_or_absent<Lasting>(backend, "INTERVAL", months);
    for (const char* style : {"postgres", "postgres_verbose", "sql_standard", "iso_8601"}) {
        CAPTURE(style);
        REQUIRE(write_native(backend, "INTERVAL", "INTERVAL '1 day' - INTERVAL '1 hour'"));
        mercator::Session session = backend->session();
        session.connection().execute_script(std::string("SET IntervalStyle = '") + style + "'");
        CHECK(session.query<Lasting>().one()->value == 23h);
        const auto added = session.add(Lasting{.id = 2, .value = -25h - 1us, .maybe = 1us});
        session.flush();
        session.refresh(added);
        CHECK(added->value == -25h - 1us);
        session.rollback();
    }
}

TEST_CASE("TYP-32 TYP-17 the standard library's clock types are members as they are") {
    Backend backend;
    backend->create_all<Shift>();
    const Shift shift{
        .starts = std::chrono::hh_mm_ss<std::chrono::microseconds>(8h + 30min + 1us),
        .ends = std::chrono::hh_mm_ss<std::chrono::microseconds>(23h + 59min + 59s + 999'999us),
        .pause = -90s,
        .reaction = 250ms,
        .walk = 1'000min,
        .week = 38h,
        .leave = std::chrono::days(30),
        .exact = 1'234'567us,
        .at = std::chrono::sys_days(std::chrono::year{2024} / 2 / 29) + 1us,
        .on = std::chrono::year{2024} / 2 / 29};
    {
        mercator::Session session = backend->session();
        session.add(shift);
        session.add(Shift{});
        session.commit();
    }
    mercator::Session session = backend->session();
    const auto found = session.query<Shift>().order_by(col(&Shift::id)).all();
    REQUIRE(found.size() == 2);
    CHECK(found[0]->starts.to_duration() == shift.starts.to_duration());
    REQUIRE(found[0]->ends.has_value());
    CHECK(found[0]->ends->to_duration() == shift.ends->to_duration());
    CHECK(found[0]->pause == shift.pause);
    CHECK(found[0]->reaction == shift.reaction);
    CHECK(found[0]->walk == shift.walk);
    CHECK(found[0]->week == shift.week);
    CHECK(found[0]->leave == shift.leave);
    CHECK(found[0]->exact == shift.exact);
    CHECK(found[0]->at == shift.at);
    CHECK(found[0]->on == shift.on);
    CHECK_FALSE(found[1]->ends.has_value());
    CHECK_FALSE(found[1]->week.has_value());
    CHECK_FALSE(session.is_dirty());
    CHECK(session.query<Shift>().where(col(&Shift::pause) == -90'000ms).count() == 1);
    CHECK(session.query<Shift>().where(col(&Shift::starts) > Time(8h)).count() == 1);
    found[0]->walk = 5min;
    found[0]->starts = std::chrono::hh_mm_ss<std::chrono::microseconds>(7h);
    session.commit();
    mercator::Session reader = backend->session();
    CHECK(reader.query<Shift>().where(col(&Shift::walk) == 5min).count() == 1);
    CHECK(reader.query<Shift>().where(col(&Shift::starts) == Time(7h)).count() == 1);
}

TEST_CASE("TYP-17 an interval that is no whole number of the member's units is refused [A04]") {
    Backend backend;
    backend->create_all<Lasting>();
    {
        mercator::Session session = backend->session();
        session.add(Lasting{.value = 1'500ms});
        session.commit();
    }
    check_unreadable<Cell<std::chrono::seconds>>(backend);
    CHECK(only_value<Cell<std::chrono::milliseconds>>(backend) == 1'500ms);
}

TEST_CASE("TYP-17 a duration too long for microseconds is refused before it is sent [A04]") {
    Backend backend;
    check_refused<Cell<std::chrono::hours>>(backend, 1h, std::chrono::hours(1LL << 40));
}
