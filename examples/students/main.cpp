// SPDX-License-Identifier: MIT
// students [--uri URI] [--echo]: many-to-many, with and without a class between the two.
#include "school.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <string>

namespace {

using namespace students;

void print_rolls(mercator::Session& session) {
    for (const auto& line : rolls_by_walking(session))
        fmt::print("  {:<10} {}\n", line.title, fmt::join(line.students, ", "));
}

bool keep_rolls(mercator::Database& db) {
    fmt::print("A table between the two:\n");
    auto session = db.session();
    print_rolls(session);
    change_course(session, "Georg", "Geometry", "Sets");
    fmt::print("Georg left Geometry for Sets:\n");
    session.close();
    auto fresh = db.session();
    print_rolls(fresh);
    fmt::print("{} of those in Sets begin with S\n", count_in_course(fresh, "Sets", "S"));
    return rolls_by_walking(fresh) == rolls_by_sql(fresh);
}

std::size_t keep_grades(mercator::Database& db) {
    fmt::print("\nA class between the two:\n");
    auto session = db.session();
    graded::grade(session, "Emmy", "Algebra", "A");
    graded::grade(session, "Sofia", "Numbers", "B+");
    graded::leave(session, "Georg");
    session.close();
    auto fresh = db.session();
    for (const auto& report : graded::reports(fresh))
        fmt::print("  {:<10} {}\n", report.student, fmt::join(report.marks, ", "));
    return static_cast<std::size_t>(fresh.query<graded::Enrollment>().count());
}

int run(const mercator::Config& config) {
    mercator::Database db(config);
    open_school(db);
    if (!keep_rolls(db)) {
        fmt::print(stderr, "students: objects and database disagree\n");
        return 1;
    }
    const std::size_t left = keep_grades(db);
    fmt::print("students: objects and database agree, {} graded enrollments\n", left);
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    std::string uri = "sqlite:///students.db";
    bool echo = false;
    CLI::App app{
        "Students and courses on any database. Drops its tables (students, courses,\n"
        "enrollments, and those that begin with graded_) in the database it is given, and\n"
        "makes them anew."};
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
        fmt::print(stderr, "students: {}\n", error.what());
        return 2;
    }
}
