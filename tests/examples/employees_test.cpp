// SPDX-License-Identifier: MIT
// The hybrids of examples/employees, with the statements that they take.
#include "employees/payroll.hpp"

#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/session/check_hybrid.hpp>

#include <doctest/doctest.h>

using namespace employees;
using mercator::col;
using mercator::test::Backend;
using mercator::test::SqlLog;

namespace {

using Names = std::vector<std::string>;

struct Payroll : Backend {
    Payroll() { open_payroll(database()); }
};

} // namespace

TEST_CASE("HYB-01 HYB-04 HYB-05 employees: names and salaries are the same in memory and in SQL") {
    Payroll payroll;
    auto session = payroll->session();
    const SqlLog log(payroll->engine());
    const std::vector<PayLine> wanted{
        {"Ada Lovelace", Decimal("112500.00")},  {"Grace Brewster Hopper", Decimal("96250.00")},
        {"Émile Zola", Decimal("53020.00")},     {"Alan Turing", Decimal("50000.00")},
        {"Melville Dewey", Decimal("49104.00")}, {"Bob Cratchit", Decimal("31200.00")}};
    CHECK((payroll_by_sql(session) == wanted));
    CHECK((payroll_by_walking(session) == wanted));
    CHECK_MESSAGE(log.count() == 2, log.dump());
    for (const auto& line : payroll_by_sql(session)) // hours times a rate with two places
        CHECK(line.salary.to_string().size() == line.salary.to_string().find('.') + 3);
    CHECK(compare_hybrids(session) == 24);
}

TEST_CASE("HYB-01 employees: Employee.salary > 50000 is a query, and the argument is a parameter") {
    Payroll payroll;
    auto session = payroll->session();
    SqlLog log(payroll->engine());
    CHECK(earning_more_than(session, Decimal(50'000)) ==
          Names{"Ada Lovelace", "Grace Brewster Hopper", "Émile Zola"});
    REQUIRE(log.count() == 1);
    CHECK(log.texts().front().find("50000") == std::string::npos);
    // The literal of the lesson.
    CHECK(session.query<Employee>().where(salary() > 50000).all().size() == 3);
    CHECK(earning_more_than(session, Decimal("112500.00")).empty());
}

TEST_CASE("HYB-03 HYB-10 employees: a hybrid with an argument tells who a raise would lift") {
    Payroll payroll;
    auto session = payroll->session();
    SqlLog log(payroll->engine());
    CHECK(lifted_above(session, Decimal(50'000), 5) == Names{"Alan Turing", "Melville Dewey"});
    CHECK(lifted_above(session, Decimal(50'000), 0).empty());
    CHECK(log.count() == 2);
    for (const auto& employee : session.query<Employee>().all()) {
        const auto in_sql =
            session.scalar(select(paid_after_raise(5)).where(col(&Employee::id) == employee->id));
        CHECK(paid_after_raise(*employee, 5) == in_sql);
    }
}

TEST_CASE("HYB-06 HYB-07 employees: bands are grouped by a conditional hybrid") {
    Payroll payroll;
    auto session = payroll->session();
    const SqlLog log(payroll->engine());
    CHECK((bands(session) == std::vector<Band>{{"middle", 2, Decimal("149270.00")},
                                               {"low", 3, Decimal("130304.00")},
                                               {"high", 1, Decimal("112500.00")}}));
    CHECK(log.count() == 1);
    for (const auto& employee : session.query<Employee>().where(pay_band() == "middle").all())
        CHECK(pay_band(*employee) == "middle");
}

TEST_CASE("HYB-12 employees: raises and new names are one UPDATE each, by hybrids") {
    Payroll payroll;
    auto session = payroll->session();
    SqlLog log(payroll->engine());
    CHECK(raise_below(session, Decimal(50'000), 5) == 2);
    CHECK(rename(session, "Melville Dewey", "Melvil Dui"));
    CHECK_FALSE(rename(session, "Melville Dewey", "Somebody Else"));
    CHECK(log.count("UPDATE") == 3);
    CHECK_MESSAGE(log.count() == 3, log.dump());
    auto fresh = payroll->session();
    const auto dui = fresh.query<Employee>().where(full_name() == "Melvil Dui").one();
    CHECK(dui->first_name == "Melvil");
    CHECK(dui->hourly_rate.to_string() == "26.04");
    CHECK(salary(*dui).to_string() == "51559.20");
    full_name.assign(*dui, std::string("Melville Louis Kossuth Dewey"));
    CHECK(dui->first_name == "Melville Louis Kossuth");
    CHECK((payroll_by_walking(fresh) == payroll_by_sql(fresh)));
}

TEST_CASE("HYB-02 employees: a hybrid whose two sides differ is found, and the row is named") {
    Payroll payroll;
    auto session = payroll->session();
    CHECK(mercator::check_hybrid<short_name>(session) == 6);
    try {
        static_cast<void>(mercator::check_hybrid<careless_length>(session));
        FAIL("bytes are no letters");
    } catch (const mercator::HybridMismatch& error) {
        CHECK(error.hybrid().find("careless_length") != std::string::npos);
        const auto zola = session.query<Employee>().where(short_name() == "É. Zola").one();
        CHECK(error.row() == "Employee(id=" + std::to_string(zola->id) + ")");
        CHECK(error.in_memory() == "6");
        CHECK(error.in_database() == "5");
    }
}

TEST_CASE("employees: bad names, hours and rates are refused, and nothing is lost") {
    Payroll payroll;
    auto session = payroll->session();
    const auto before = payroll_by_sql(session);
    SqlLog log(payroll->engine());
    CHECK_THROWS_WITH_AS(rename(session, "Alan Turing", "Madonna"), doctest::Contains("Madonna"),
                         mercator::ValidationError);
    CHECK(log.count() == 0);
    const auto turing = session.query<Employee>().where(full_name() == "Alan Turing").one();
    log.clear();
    turing->hours_worked = -8;
    CHECK_THROWS_WITH_AS(session.commit(), doctest::Contains("hours_worked"),
                         mercator::ValidationError);
    CHECK(log.count() == 0);
    session.rollback();
    if (payroll.can().check_constraints) {
        CHECK_THROWS_AS(raise_below(session, Decimal(50'000), -100), mercator::CheckViolation);
        session.rollback();
    }
    auto fresh = payroll->session();
    CHECK((payroll_by_sql(fresh) == before));
}
