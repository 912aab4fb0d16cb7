// SPDX-License-Identifier: MIT
// people [--uri URI] [--echo]: a class hierarchy in one table, and in a table for each class; and
// how a row of an unknown class ends.
#include "office.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <string>

namespace {

using namespace people;
using mercator::Decimal;

/// A row of a class that this program does not know is in the way of those who ask for everybody,
/// who are told which it is; not of those who ask for employees.
template <class Kind>
void meet_alien(mercator::Database& db) {
    add_alien<Kind>(db);
    auto session = db.session();
    try {
        static_cast<void>(everybody<Kind>(session));
    } catch (const mercator::DataError& error) {
        fmt::print("DataError: {}\n", error.what());
    }
    fmt::print("  {} employees are still at work\n",
               session.query<typename Kind::Employee>().all().size());
}

/// Nobody becomes somebody else by a word in a member.
template <class Kind>
void pretend(mercator::Session& session) {
    const auto emmy = session.query<typename Kind::Employee>()
                          .where(mercator::col(&Kind::Person::name) == "Emmy")
                          .one();
    emmy->type = "customer";
    try {
        session.commit();
    } catch (const mercator::StateError& error) {
        fmt::print("StateError: {}\n", error.what());
        session.rollback();
    }
}

template <class Kind>
bool keep_people(mercator::Database& db) {
    fmt::print("{}:\n", Kind::name);
    auto session = db.session();
    for (const auto& person : everybody<Kind>(session))
        fmt::print("  {} ({})\n", person->summary(), role_of<Kind>(*person));
    raise_salary<Kind>(session, "Georg", Decimal("899.50"));
    fmt::print("invited: {}\n", fmt::join(invited<Kind>(session, Decimal("4000"), 100), ", "));
    pretend<Kind>(session);
    const bool agree = payroll_by_walking<Kind>(session) == payroll_by_sql<Kind>(session);
    session.close();
    meet_alien<Kind>(db);
    return agree;
}

int run(const mercator::Config& config) {
    mercator::Database db(config);
    open_office(db);
    const bool single_agrees = keep_people<Single>(db);
    fmt::print("\n");
    const bool joined_agrees = keep_people<Joined>(db);
    if (!single_agrees || !joined_agrees) {
        fmt::print(stderr, "people: objects and database disagree\n");
        return 1;
    }
    auto session = db.session();
    fmt::print("people: objects and database agree, payroll {}\n",
               payroll_by_sql<Joined>(session).to_string());
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    std::string uri = "sqlite:///people.db";
    bool echo = false;
    CLI::App app{"Persons, employees and customers on any database. Drops its tables (people,\n"
                 "joined_people, joined_employees, joined_customers) in the database it is given,\n"
                 "and makes them anew."};
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
        fmt::print(stderr, "people: {}\n", error.what());
        return 2;
    }
}
