// SPDX-License-Identifier: MIT
// Views through association objects, as members of the class, over values, and in SQL.
#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

using namespace mercator;
using test::Backend;
using test::SqlLog;

namespace proxies {

struct Student;
struct Course {
    std::int64_t id{};
    std::string title;
};
struct Enrollment {
    std::int64_t student_id{};
    std::int64_t course_id{};
    std::string grade;
    One<Student> student;
    One<Course> course;
};
struct Nickname {
    std::int64_t id{};
    std::int64_t student_id{};
    std::string text;
};
struct Student {
    std::int64_t id{};
    std::string name;
    Many<Enrollment> enrollments;
    Many<Nickname> nicknames;
    auto courses() { return through<&Student::enrollments, &Enrollment::course>(*this); }
    auto called() { return through<&Student::nicknames, &Nickname::text>(*this); }
};
void describe(Mapping<Course>& course) {
    course.table("ap_courses");
    course.column<&Course::id>().primary_key();
    course.column<&Course::title>(String(20));
}
void describe(Mapping<Enrollment>& enrollment) {
    enrollment.table("ap_enrollments");
    enrollment.column<&Enrollment::student_id>().references<&Student::id>();
    enrollment.column<&Enrollment::course_id>().references<&Course::id>();
    enrollment.column<&Enrollment::grade>(String(2));
    enrollment.primary_key<&Enrollment::student_id, &Enrollment::course_id>();
    enrollment.relationship<&Enrollment::course>();
}
void describe(Mapping<Nickname>& nickname) {
    nickname.table("ap_nicknames");
    nickname.column<&Nickname::id>().primary_key();
    nickname.column<&Nickname::student_id>().references<&Student::id>();
    nickname.column<&Nickname::text>(String(20));
}
void describe(Mapping<Student>& student) {
    student.table("ap_students");
    student.column<&Student::id>().primary_key();
    student.column<&Student::name>(String(20));
    student.relationship<&Student::enrollments>()
        .cascade(Cascade::all | Cascade::delete_orphan)
        .backref<&Enrollment::student>();
    student.relationship<&Student::nicknames>().cascade(Cascade::all | Cascade::delete_orphan);
}

std::string titles(Student& student) {
    std::string text;
    for (const auto& course : student.courses()) text += course->title + ' ';
    return text;
}

/// Ada takes logic and art, Bob takes art.
struct School : Backend {
    School() {
        database().create_all<Student, Course, Enrollment, Nickname>();
        auto session = database().session();
        const auto logic = session.add(Course{.title = "logic"});
        const auto art = session.add(Course{.title = "art"});
        session.add(Course{.title = "music"});
        const auto ada = session.add(Student{.name = "Ada"});
        const auto bob = session.add(Student{.name = "Bob"});
        ada->courses().add(logic, [](Enrollment& enrollment) { enrollment.grade = "A"; });
        ada->courses().add(art);
        bob->courses().add(art, Enrollment{.grade = "C"});
        ada->called().add("Countess");
        session.commit();
        log = std::make_unique<SqlLog>(database().engine());
    }
    std::unique_ptr<SqlLog> log;
};

template <class T, class V>
std::shared_ptr<T> named(Session& session, V T::*member, const char* name) {
    return session.query<T>().where(col(member) == name).one();
}

} // namespace proxies

using namespace proxies;

TEST_CASE("REL-32 REL-09 a member function sees what is behind association objects") {
    School school;
    auto session = school->session();
    const auto students = session.query<Student>().order_by(col(&Student::name)).all();
    school.log->clear();
    CHECK(titles(*students[0]) == "logic art ");
    CHECK(titles(*students[1]) == "art ");
    // The association objects of both in one statement, and what they lead to in another.
    CHECK_MESSAGE(school.log->count() == 2, school.log->dump());
    const auto logic = named(session, &Course::title, "logic");
    const auto music = named(session, &Course::title, "music");
    CHECK(students[0]->courses().contains(logic));
    CHECK_FALSE(students[1]->courses().contains(logic));
    CHECK(students[0]->courses().size() == 2);
    CHECK(students[0]->courses().link_to(logic)->grade == "A");
    // What is there already is not completed once more.
    students[0]->courses().add(logic, [](Enrollment& enrollment) { enrollment.grade = "F"; });
    CHECK(students[0]->courses().link_to(logic)->grade == "A");
    students[1]->courses().add(music, [](Enrollment& enrollment) { enrollment.grade = "B"; });
    students[0]->courses().remove(logic);
    CHECK(titles(*students[0]) == "art "); // before the flush
    CHECK(titles(*students[1]) == "art music ");
    school.log->clear();
    session.commit();
    CHECK(school.log->rows("INSERT") == 1);
    CHECK(school.log->rows("DELETE") == 1);
    CHECK(school.log->rows("UPDATE") == 0);
    auto fresh = school->session();
    const auto bob = named(fresh, &Student::name, "Bob");
    CHECK(bob->courses().link_to(named(fresh, &Course::title, "music"))->grade == "B");
    CHECK(titles(*named(fresh, &Student::name, "Ada")) == "art ");
    Student nobody{.name = "Eve"};
    CHECK_THROWS_AS(nobody.courses().add(music), StateError);
}

TEST_CASE("REL-32 values of association objects are seen as values") {
    School school;
    auto session = school->session();
    const auto ada = named(session, &Student::name, "Ada");
    CHECK(*ada->called().begin() == "Countess");
    ada->called().add("Enchantress");
    ada->called().add("Countess"); // is there
    CHECK(ada->called().size() == 2);
    CHECK(ada->called().contains("Enchantress"));
    ada->called().remove("Countess");
    school.log->clear();
    session.commit();
    CHECK(school.log->rows("INSERT") == 1);
    CHECK(school.log->rows("DELETE") == 1);
    std::string names;
    for (const auto& name : named(session, &Student::name, "Ada")->called()) names += name;
    CHECK(names == "Enchantress");
}

TEST_CASE("REL-32 REL-47 conditions go through association objects") {
    School school;
    auto session = school->session();
    const auto courses = rel_through<&Student::enrollments, &Enrollment::course>();
    const auto found = [&](const Condition& condition) {
        school.log->clear();
        std::string names;
        for (const auto& student :
             session.query<Student>().where(condition).order_by(col(&Student::name)).all())
            names += student->name + ' ';
        CHECK_MESSAGE(school.log->count() == 1, school.log->dump());
        return names;
    };
    const auto logic = named(session, &Course::title, "logic");
    const auto art = named(session, &Course::title, "art");
    CHECK(found(courses.any(col(&Course::title) == "art")) == "Ada Bob ");
    CHECK(found(courses.contains(logic)) == "Ada ");
    CHECK(found(!courses.contains(logic) && courses.contains(art)) == "Bob ");
    CHECK(found(courses.any(col(&Course::title) == "music")) == "");
    // With what the association object says.
    CHECK(found(rel(&Student::enrollments)
                    .any(col(&Enrollment::grade) == "C", rel(&Enrollment::course) == art)) ==
          "Bob ");
}
