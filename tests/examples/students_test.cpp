// SPDX-License-Identifier: MIT
// Many-to-many in the two ways of examples/students.
#include "students/school.hpp"

#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <doctest/doctest.h>

using namespace students;
using mercator::col;
using mercator::test::Backend;
using mercator::test::SqlLog;

TEST_CASE("students: changing a course deletes one row of the table between and inserts one") {
    Backend backend;
    open_school(*backend);
    auto session = backend->session();
    const SqlLog log(backend->engine());
    change_course(session, "Georg", "Geometry", "Sets");
    CHECK(log.rows("DELETE") == 1);
    CHECK(log.rows("INSERT") == 1);
    CHECK(log.count("UPDATE") == 0);
    const std::vector<CourseLine> wanted{{"Algebra", {"Emmy", "Georg", "Sofia", "Srinivasa"}},
                                         {"Geometry", {"Sofia", "Srinivasa"}},
                                         {"Numbers", {"Sofia", "Srinivasa"}},
                                         {"Sets", {"Georg", "Srinivasa"}}};
    auto fresh = backend->session();
    CHECK((rolls_by_walking(fresh) == wanted));
    CHECK((rolls_by_sql(fresh) == wanted));
}

TEST_CASE("students: every row of the table between has got its date") {
    Backend backend;
    open_school(*backend);
    const auto rows = backend.rows("SELECT enrollment_date FROM enrollments");
    REQUIRE(rows.size() == 10);
    for (const auto& row : rows) CHECK_FALSE(row.front().is_null());
}

TEST_CASE("students: a dynamic collection is counted and filtered by the database") {
    Backend backend;
    open_school(*backend);
    auto session = backend->session();
    const SqlLog log(backend->engine());
    CHECK(count_in_course(session, "Algebra", "S") == 2);
    CHECK(log.count() == 2); // the course, the count
    const auto algebra = session.query<Course>().where(col(&Course::title) == "Algebra").one();
    std::int64_t read = 0;
    for (const auto& student : algebra->students) read += student->name.empty() ? 0 : 1;
    CHECK(read == 4);
    const auto emmy = session.query<Student>().where(col(&Student::name) == "Emmy").one();
    algebra->students.remove(emmy);
    CHECK(algebra->students.size() == 3); // the removal is flushed first
}

TEST_CASE("students: enrollments with grades go with the student that leaves") {
    Backend backend;
    open_school(*backend);
    auto session = backend->session();
    graded::grade(session, "Emmy", "Algebra", "A");
    CHECK_THROWS_AS(graded::grade(session, "Emmy", "Sets", "A"), mercator::NoResultFound);
    graded::leave(session, "Georg");
    auto fresh = backend->session();
    const SqlLog log(backend->engine());
    const auto reports = graded::reports(fresh);
    CHECK(log.count() == 2); // students; enrollments joined with their courses
    REQUIRE(reports.size() == 3);
    CHECK(reports[0].student == "Emmy");
    CHECK((reports[0].marks == std::vector<std::string>{"Algebra: A"}));
    CHECK(reports[2].marks.size() == 4);
    CHECK(fresh.query<graded::Enrollment>().count() == 8);
}

TEST_CASE("students: the helper enrolls and the courses are read through the enrollments") {
    Backend backend;
    open_school(*backend);
    auto session = backend->session();
    const auto emmy =
        session.query<graded::Student>().where(col(&graded::Student::name) == "Emmy").one();
    const auto sets =
        session.query<graded::Course>().where(col(&graded::Course::title) == "Sets").one();
    const auto enrollment = graded::enroll(session, emmy, sets, "B");
    CHECK(emmy->courses().size() == 2); // before any flush
    CHECK(emmy->courses().link_to(sets) == enrollment);
    session.commit();
    CHECK(enrollment->course_id == sets->id);
    CHECK(mercator::to_string(enrollment->enrollment_date) ==
          mercator::to_string(mercator::today()));
}
