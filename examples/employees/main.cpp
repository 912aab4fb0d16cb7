// SPDX-License-Identifier: MIT
// employees [--uri URI] [--echo]: values that are computed from columns by one formula, for objects
// and for queries; and how bad input ends.
#include "payroll.hpp"

#include <mercator/session/check_hybrid.hpp>

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <string>

namespace {

using namespace employees;

void print_payroll(mercator::Session& session) {
    for (const auto& line : payroll_by_sql(session))
        fmt::print("  {:<22} {:>10}\n", line.name, line.salary.to_string());
    for (const auto& band : bands(session))
        fmt::print("  {:<6} {} of them, {:>10}\n", band.name, band.employees,
                   band.salaries.to_string());
}

void raise_and_rename(mercator::Session& session) {
    const Decimal amount(50'000);
    fmt::print("more than {}: {}\n", amount.to_string(),
               fmt::join(earning_more_than(session, amount), ", "));
    fmt::print("after a raise by 5 % also: {}\n",
               fmt::join(lifted_above(session, amount, 5), ", "));
    fmt::print("{} of those below get it\n", raise_below(session, amount, 5));
    rename(session, "Melville Dewey", "Melvil Dui");
    print_payroll(session);
}

/// Each is refused with an error of its own class, and the table stays as it was.
void make_mistakes(mercator::Session& session) {
    try {
        rename(session, "Alan Turing", "Madonna");
    } catch (const mercator::ValidationError& error) {
        fmt::print("ValidationError: {}\n", error.what());
    }
    const auto turing = session.query<Employee>().where(full_name() == "Alan Turing").one();
    turing->hours_worked = -8;
    try {
        session.commit();
    } catch (const mercator::ValidationError& error) {
        fmt::print("ValidationError: {}\n", error.what());
        turing->hours_worked = 2000;
        session.commit(); // the session goes on
    }
    try {
        mercator::check_hybrid<careless_length>(session);
    } catch (const mercator::HybridMismatch& error) {
        fmt::print("HybridMismatch: {}\n", error.what());
    }
}

int run(const mercator::Config& config) {
    mercator::Database db(config);
    open_payroll(db);
    auto session = db.session();
    fmt::print("The payroll:\n");
    print_payroll(session);
    raise_and_rename(session);
    make_mistakes(session);
    session.close();
    auto fresh = db.session();
    const auto compared = compare_hybrids(fresh);
    if (payroll_by_walking(fresh) != payroll_by_sql(fresh)) {
        fmt::print(stderr, "employees: objects and database disagree\n");
        return 1;
    }
    fmt::print("employees: objects and database agree on {} values\n", compared);
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    std::string uri = "sqlite:///employees.db";
    bool echo = false;
    CLI::App app{"Employees and their salaries on any database. Drops the table employees in the\n"
                 "database it is given, and makes it anew."};
    app.add_option("--uri", uri,
                   "sqlite:///file, postgresql://… or mysql://user:password@host/database")
        ->envname("MERCATOR_URI")
        ->capture_default_str();
    app.add_flag("--echo", echo, "show the SQL");
    CLI11_PARSE(app, argc, argv);
    try {
        mercator::Config config{.uri = uri};
        if (echo) config.echo = mercator::Echo::Statements;
        return run(config);
    } catch (const mercator::Error& error) {
        std::fflush(stdout);
        fmt::print(stderr, "employees: {}\n", error.what());
        return 2;
    }
}
