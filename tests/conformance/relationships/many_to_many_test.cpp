// SPDX-License-Identifier: MIT
#include "school.hpp"
#include "support/sql_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace mercator;
using namespace school;
using test::mentions;

TEST_CASE("REL-04 adding inserts one row, removing deletes one, from either side") {
    School school;
    auto session = school->session();
    const auto bob = session.get<Student>(school.bob);
    const auto logic = session.get<Course>(school.logic);
    const auto music = session.get<Course>(school.music);
    school.log->clear();

    SUBCASE("add, nothing loaded") {
        bob->courses.add(logic);
        CHECK_MESSAGE(school.log->count() == 0, school.log->dump());
        session.commit();
        CHECK_MESSAGE(school.log->count() == 1, school.log->dump());
        CHECK(mentions(school.log->texts("INSERT").front(),
                       "INSERT INTO enrollments (student_id, course_id, enrolled_on) VALUES"));
        CHECK(school.links() == "1-1 1-2 2-1 2-2");
        CHECK(bob->courses.size() == 2);
    }
    SUBCASE("add from the other side, both loaded") {
        CHECK(bob->courses.size() == 1);
        CHECK(logic->students.size() == 1);
        school.log->clear();
        logic->students.add(bob);
        CHECK(bob->courses.size() == 2);
        CHECK(bob->courses.contains(logic));
        CHECK_MESSAGE(school.log->count() == 0, school.log->dump());
        session.commit();
        CHECK_MESSAGE(school.log->count() == 1, school.log->dump());
        CHECK(school.log->rows("INSERT") == 1);
        CHECK(school.links() == "1-1 1-2 2-1 2-2");
    }
    SUBCASE("remove, nothing loaded") {
        bob->courses.remove(music);
        CHECK_MESSAGE(school.log->count() == 0, school.log->dump());
        session.commit();
        CHECK_MESSAGE(school.log->count() == 1, school.log->dump());
        CHECK(mentions(school.log->texts("DELETE").front(),
                       "DELETE FROM enrollments WHERE student_id = "));
        CHECK(school.links() == "1-1 1-2");
        CHECK(music->students.size() == 1);
    }
    SUBCASE("remove from the other side, both loaded") {
        CHECK(bob->courses.size() == 1);
        CHECK(music->students.size() == 2);
        school.log->clear();
        music->students.remove(bob);
        CHECK(bob->courses.empty());
        session.commit();
        CHECK_MESSAGE(school.log->count() == 1, school.log->dump());
        CHECK(school.links() == "1-1 1-2");
    }
    SUBCASE("a side that is loaded later shows what was changed before") {
        bob->courses.add(logic);
        bob->courses.remove(music);
        CHECK(logic->students.contains(bob));
        CHECK_FALSE(music->students.contains(bob));
        CHECK(bob->courses.size() == 1);
        CHECK(bob->courses.front() == logic);
        session.commit();
        CHECK(school.links() == "1-1 1-2 2-1");
    }
    SUBCASE("adding twice is once, also from both sides") {
        bob->courses.add(logic);
        bob->courses.add(logic);
        logic->students.add(bob);
        session.commit();
        CHECK(school.log->rows("INSERT") == 1);
        CHECK(school.links() == "1-1 1-2 2-1 2-2");
    }
    SUBCASE("adding what is there already is nothing") {
        CHECK(bob->courses.size() == 1);
        school.log->clear();
        bob->courses.add(music);
        music->students.add(bob);
        CHECK_FALSE(session.is_dirty());
        session.commit();
        CHECK_MESSAGE(school.log->count() == 0, school.log->dump());
        CHECK(bob->courses.size() == 1);
    }
    SUBCASE("remove then add of what was never read ends with one row") {
        bob->courses.remove(music);
        music->students.add(bob);
        bob->courses.remove(logic);
        bob->courses.add(logic);
        session.commit();
        CHECK(school.links() == "1-1 1-2 2-1 2-2");
        CHECK(bob->courses.size() == 2);
    }
    SUBCASE("add then remove is nothing, and so is remove then add") {
        CHECK(bob->courses.size() == 1);
        school.log->clear();
        bob->courses.add(logic);
        logic->students.remove(bob);
        music->students.remove(bob);
        bob->courses.add(music);
        CHECK_FALSE(session.is_dirty());
        session.commit();
        CHECK_MESSAGE(school.log->count() == 0, school.log->dump());
        CHECK(school.links() == "1-1 1-2 2-2");
        CHECK(bob->courses.size() == 1);
    }
    SUBCASE("clear deletes one row for each member") {
        const auto ada = session.get<Student>(school.ada);
        ada->courses.clear();
        CHECK(ada->courses.empty());
        session.commit();
        CHECK(school.log->rows("DELETE") == 2);
        CHECK(school.links() == "2-2");
    }
}

TEST_CASE("REL-04 new objects of both sides are written before the rows between them") {
    School school;
    auto session = school->session();
    const auto music = session.get<Course>(school.music);
    const auto history = session.add(Course{.title = "History"});
    const auto eve = session.add(Student{.name = "Eve", .courses = {history, music}});
    CHECK(history->students.size() == 1);
    CHECK(history->students.front() == eve);
    school.log->clear();
    session.commit();
    CHECK_MESSAGE(school.log->count("INSERT") == 3, school.log->dump());
    CHECK(school.log->rows("INSERT") == 4);
    CHECK(mentions(school.log->texts("INSERT").back(), "INSERT INTO enrollments"));
    CHECK(school.links() == "1-1 1-2 2-2 3-2 3-3");
    auto fresh = school->session();
    CHECK(fresh.get<Student>(eve->id)->courses.size() == 2);
}

TEST_CASE("REL-04 C28 replacing by an equal collection and reordering send nothing") {
    School school;
    auto session = school->session();
    const auto ada = session.get<Student>(school.ada);
    const auto logic = session.get<Course>(school.logic);
    const auto music = session.get<Course>(school.music);
    CHECK(ada->courses.size() == 2);
    school.log->clear();
    SUBCASE("equal") {
        ada->courses = {logic, music};
    }
    SUBCASE("in another order") {
        ada->courses = {music, logic};
    }
    SUBCASE("with a member twice") {
        ada->courses = {music, logic, music};
    }
    CHECK_FALSE(session.is_dirty());
    session.commit();
    CHECK_MESSAGE(school.log->count() == 0, school.log->dump());
    CHECK(ada->courses.size() == 2);
}

TEST_CASE("REL-04 C10 both sides changed in one flush: the table equals the model") {
    School school;
    auto session = school->session();
    const auto ada = session.get<Student>(school.ada);
    const auto bob = session.get<Student>(school.bob);
    const auto logic = session.get<Course>(school.logic);
    const auto music = session.get<Course>(school.music);
    const auto history = session.add(Course{.title = "History"});
    ada->courses = {history, music}; // loses logic
    logic->students.add(bob);
    history->students.add(ada); // known already
    music->students.remove(bob);
    bob->courses.add(history);
    school.log->clear();
    session.commit();
    CHECK(school.log->rows("DELETE") == 2);
    CHECK(school.log->rows("INSERT") == 3);
    CHECK(school.links() == "1-2 1-3 2-1 2-3");
    auto fresh = school->session();
    for (const auto& student : {ada, bob}) {
        const auto again = fresh.get<Student>(student->id);
        CHECK(again->courses.size() == student->courses.size());
        for (const auto& course : student->courses)
            CHECK(again->courses.contains(fresh.get<Course>(course->id)));
    }
}

TEST_CASE("REL-04 REL-06 thousands of rows go in batches, and all of them come and go") {
    School school;
    auto session = school->session();
    const auto music = session.get<Course>(school.music);
    constexpr std::size_t count = 3000;
    std::vector<std::shared_ptr<Student>> students;
    for (std::size_t i = 0; i < count; ++i) students.push_back(session.add(Student{.name = "S"}));
    session.flush();
    for (const auto& student : students) student->courses.add(music);
    school.log->clear();
    session.flush();
    CHECK(school.log->rows("INSERT") == count);
    CHECK(school.log->count("INSERT") <= 31);
    CHECK(music->students.size() == count + 2);
    const auto enrolled = session.scalar(
        select(func::count()).where(col<Date>(enrollments, "enrolled_on") == first_day()));
    CHECK(enrolled == count + 3);
    music->students.clear();
    school.log->clear();
    session.commit();
    CHECK(school.log->rows("DELETE") == count + 2);
    CHECK(school.log->count("DELETE") <= 31);
    CHECK(school.links() == "1-1");
}

TEST_CASE("REL-06 columns of the table between get their defaults") {
    School school;
    const auto rows = school.rows("SELECT state FROM enrollments ORDER BY student_id, course_id");
    REQUIRE(rows.size() == 3);
    CHECK(rows.front().front() == Value("open"));
    auto session = school->session();
    const auto days = session.execute(
        select(col<Date>(enrollments, "enrolled_on"), col<std::string>(enrollments, "state"))
            .where(col<std::int64_t>(enrollments, "student_id") == school.bob));
    REQUIRE(days.size() == 1);
    for (const auto& [day, state] : days) {
        CHECK(day == first_day());
        CHECK(state == "open");
    }
}

TEST_CASE("REL-04 deleting an object deletes its rows of the table between, and nothing else") {
    School school;
    auto session = school->session();
    SUBCASE("from the side that describes it, nothing loaded") {
        session.delete_(session.get<Student>(school.ada));
        school.log->clear();
        session.commit();
        REQUIRE_MESSAGE(school.log->count() == 2, school.log->dump());
        CHECK(mentions(school.log->texts()[0], "DELETE FROM enrollments WHERE student_id"));
        CHECK(mentions(school.log->texts()[1], "DELETE FROM students"));
        CHECK(school.links() == "2-2");
        CHECK(session.query<Course>().count() == 2);
    }
    SUBCASE("from the other side, loaded") {
        const auto music = session.get<Course>(school.music);
        const auto ada = session.get<Student>(school.ada);
        const auto bob = session.get<Student>(school.bob);
        CHECK(music->students.size() == 2);
        CHECK(ada->courses.size() == 2);
        session.delete_(music);
        school.log->clear();
        session.commit();
        CHECK_MESSAGE(school.log->count() == 2, school.log->dump());
        CHECK(school.links() == "1-1");
        CHECK(ada->courses.size() == 1);
        CHECK(bob->courses.empty());
    }
    SUBCASE("with changes of the same pair that were not written") {
        const auto ada = session.get<Student>(school.ada);
        const auto bob = session.get<Student>(school.bob);
        const auto logic = session.get<Course>(school.logic);
        ada->courses.remove(logic);
        bob->courses.add(logic);
        session.delete_(logic);
        session.commit();
        CHECK(school.links() == "1-2 2-2");
        CHECK(bob->courses.size() == 1);
    }
    SUBCASE("both sides in one flush") {
        session.delete_(session.get<Student>(school.ada));
        session.delete_(session.get<Course>(school.music));
        session.commit();
        CHECK(school.links().empty());
    }
    SUBCASE("an object that was never written takes its changes along") {
        const auto logic = session.get<Course>(school.logic);
        CHECK(logic->students.size() == 1);
        const auto eve = session.add(Student{.name = "Eve"});
        eve->courses.add(logic);
        CHECK(logic->students.size() == 2);
        session.delete_(eve);
        CHECK(logic->students.size() == 1);
        school.log->clear();
        session.commit();
        CHECK_MESSAGE(school.log->count() == 0, school.log->dump());
    }
}

TEST_CASE("C11 a row that another session has deleted already is a StaleDataError with the name") {
    School school;
    auto session = school->session();
    const auto ada = session.get<Student>(school.ada);
    const auto logic = session.get<Course>(school.logic);
    const auto delete_row = [&] {
        school.run("DELETE FROM enrollments WHERE student_id = 1 AND course_id = 1");
    };
    SUBCASE("where the members were read") {
        CHECK(ada->courses.size() == 2);
        session.commit();
        delete_row();
        ada->courses.remove(logic);
        std::string what;
        try {
            session.commit();
        } catch (const StaleDataError& error) {
            what = error.what();
            CHECK(error.where() == "Student.courses");
        }
        CHECK(what.find("Student.courses") != std::string::npos);
        CHECK(what.find("enrollments") != std::string::npos);
        session.rollback();
        CHECK(ada->courses.size() == 1);
        session.commit();
    }
    SUBCASE("where they never were, it is as wanted") {
        session.commit();
        delete_row();
        ada->courses.remove(logic);
        session.commit();
        CHECK(school.links() == "1-2 2-2");
    }
}

TEST_CASE("C11 a row that is there already is a UniqueViolation with the name") {
    School school;
    auto session = school->session();
    const auto bob = session.get<Student>(school.bob);
    const auto music = session.get<Course>(school.music);
    bob->courses.add(music); // not known to be there
    std::string what;
    try {
        session.flush();
    } catch (const UniqueViolation& error) {
        what = error.what();
    }
    CHECK(what.find("Student.courses") != std::string::npos);
    CHECK(session.is_dirty());       // nothing is forgotten
    CHECK(bob->courses.size() == 1); // reading the members tells that it was there
    CHECK_FALSE(session.is_dirty());
    session.commit();
    CHECK(school.links() == "1-1 1-2 2-2");
}

TEST_CASE("REL-04 a failed flush keeps changes, rollback forgets them") {
    School school;
    auto session = school->session();
    const auto ada = session.get<Student>(school.ada);
    const auto bob = session.get<Student>(school.bob);
    const auto logic = session.get<Course>(school.logic);
    SUBCASE("failure after the rows were written") {
        ada->courses.remove(logic);
        bob->courses.add(logic);
        session.flush();
        CHECK_FALSE(session.is_dirty());
        const auto twin = session.add(Course{.id = school.logic, .title = "Twin"});
        CHECK_THROWS_AS(session.commit(), Error);
        CHECK(session.is_dirty());
        session.expunge(twin);
        session.commit();
        CHECK(school.links() == "1-2 2-1 2-2");
        CHECK(bob->courses.size() == 2);
    }
    SUBCASE("rollback of what was written") {
        ada->courses.remove(logic);
        bob->courses.add(logic);
        session.flush();
        session.rollback();
        CHECK_FALSE(session.is_dirty());
        CHECK(ada->courses.size() == 2);
        CHECK(bob->courses.size() == 1);
        session.commit();
        CHECK(school.links() == "1-1 1-2 2-2");
    }
    SUBCASE("rollback of what was not") {
        ada->courses.remove(logic);
        bob->courses.add(logic);
        session.rollback();
        CHECK_FALSE(session.is_dirty());
        CHECK(ada->courses.size() == 2);
        session.commit();
        CHECK(school.links() == "1-1 1-2 2-2");
    }
    SUBCASE("a new object that is added again brings its members along") {
        const auto eve = session.add(Student{.name = "Eve", .courses = {logic}});
        session.flush();
        session.rollback();
        CHECK(session.status(eve) == ObjectStatus::Transient);
        session.add(eve);
        session.commit();
        CHECK(logic->students.size() == 2);
        CHECK(school.rows("SELECT course_id FROM enrollments").size() == 4);
    }
    SUBCASE("a savepoint") {
        bob->courses.add(logic);
        {
            auto savepoint = session.begin_nested();
            ada->courses.remove(logic);
            session.flush();
            savepoint.rollback();
        }
        CHECK(ada->courses.size() == 2);
        CHECK(bob->courses.size() == 2);
        session.commit();
        CHECK(school.links() == "1-1 1-2 2-1 2-2");
    }
}

TEST_CASE("REL-04 changes with an expunged object wait until it is back") {
    School school;
    auto session = school->session();
    const auto bob = session.get<Student>(school.bob);
    const auto logic = session.get<Course>(school.logic);
    bob->courses.add(logic);
    session.expunge(bob);
    CHECK_FALSE(session.is_dirty());
    CHECK_FALSE(session.is_modified(logic));
    session.commit();
    CHECK(school.links() == "1-1 1-2 2-2");
    session.add(bob);
    CHECK(session.is_dirty());
    session.commit();
    CHECK(school.links() == "1-1 1-2 2-1 2-2");
    CHECK_FALSE(session.is_dirty());
}

TEST_CASE("REL-04 the session tells of changes that are not written yet") {
    School school;
    auto session = school->session();
    const auto ada = session.get<Student>(school.ada);
    const auto bob = session.get<Student>(school.bob);
    const auto logic = session.get<Course>(school.logic);
    const auto music = session.get<Course>(school.music);
    CHECK_FALSE(session.is_dirty());
    bob->courses.add(logic);
    bob->courses.remove(music);
    CHECK(session.is_dirty());
    CHECK(session.is_modified(bob));
    CHECK(session.is_modified(logic));
    CHECK_FALSE(session.is_modified(ada));
    CHECK(session.dirty<Student>() == std::vector{bob});
    const auto history = session.history(bob, &Student::courses);
    CHECK(history.added == std::vector{logic});
    CHECK(history.deleted == std::vector{music});
    CHECK(history.unchanged.empty());
    const auto other = session.history(logic, &Course::students);
    CHECK(other.added == std::vector{bob});
    CHECK(other.unchanged == std::vector{ada});

    session.delete_(ada);
    std::vector<std::string> steps;
    for (const auto& step : session.flush_plan()) steps.push_back(to_string(step));
    CHECK(steps ==
          std::vector<std::string>{
              "delete 1 row of Student.courses", "delete all rows of Student.courses for 1 Student",
              "insert 1 row of Student.courses (student_id, course_id)", "delete 1 Student"});
}

TEST_CASE("REL-04 a query that reads the table between flushes what was changed") {
    School school;
    auto session = school->session();
    const auto bob = session.get<Student>(school.bob);
    const auto logic = session.get<Course>(school.logic);
    bob->courses.add(logic);
    school.log->clear();
    CHECK(session.query<Course>().count() == 2); // reads none of its rows
    CHECK(school.log->count("INSERT") == 0);
    CHECK(session.query<Student>()
              .join<&Student::courses>()
              .where(col(&Course::title) == "Logic")
              .count() == 2);
    CHECK(school.log->count("INSERT") == 1);
    session.rollback();
}

TEST_CASE("REL-22 a collection works with algorithms and ranges") {
    static_assert(std::random_access_iterator<Many<Course>::iterator>);
    School school;
    auto session = school->session();
    const auto ada = session.get<Student>(school.ada);
    const auto logic = session.get<Course>(school.logic);
    CHECK(ada->courses.front() == ada->courses[0]);
    CHECK(ada->courses.back() == ada->courses[1]);
    CHECK(std::find(ada->courses.begin(), ada->courses.end(), logic) != ada->courses.end());
    CHECK(std::count_if(ada->courses.begin(), ada->courses.end(),
                        [](const auto& course) { return course->title == "Music"; }) == 1);
    CHECK(ada->courses.end() - ada->courses.begin() == 2);
    CHECK((ada->courses.begin() + 1)[0] == ada->courses.back());
    std::string titles;
    for (const auto& course : ada->courses) titles += course->title;
    CHECK(titles == "LogicMusic");
}

TEST_CASE("REL-04 REL-22 100,000 members are added and removed one by one in no time to speak of") {
    School school;
    auto session = school->session();
    const auto guard = session.no_autoflush();
    const auto logic = session.get<Course>(school.logic);
    CHECK(logic->students.size() == 1);
    std::vector<std::shared_ptr<Student>> students;
    constexpr int count = 100'000;
    students.reserve(count);
    for (int i = 0; i < count; ++i) students.push_back(session.add(Student{.name = "S"}));
    for (const auto& student : students) logic->students.add(student);
    CHECK(logic->students.size() == count + 1);
    for (const auto& student : students) logic->students.add(student);
    CHECK(logic->students.size() == count + 1);
    for (const auto& student : students) student->courses.remove(logic);
    CHECK(logic->students.size() == 1);
    session.rollback();
}
