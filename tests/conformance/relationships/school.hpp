// SPDX-License-Identifier: MIT
#pragma once

#include "support/backend.hpp"
#include "support/sql_log.hpp"

#include <mercator/mercator.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// Students and courses with a table between that has no class, and people who follow each other.
namespace school {

struct Course;

inline mercator::Date first_day() {
    return {std::chrono::year(2024), std::chrono::September, std::chrono::day(2)};
}

inline const mercator::Table enrollments{
    "enrollments",
    mercator::Column("student_id", mercator::BigInteger()).references("students.id").primary_key(),
    mercator::Column("course_id", mercator::BigInteger()).references("courses.id").primary_key(),
    mercator::Column("enrolled_on", mercator::Date()).default_factory(first_day),
    mercator::Column("state", mercator::String(10)).server_default("open")};

struct Student {
    std::int64_t id{};
    std::string name;
    mercator::Many<Course> courses;
};
struct Course {
    std::int64_t id{};
    std::string title;
    mercator::Many<Student> students;
};

inline void describe(mercator::Mapping<Student>& student) {
    student.table("students");
    student.column<&Student::id>().primary_key();
    student.column<&Student::name>(mercator::String(40));
    student.relationship<&Student::courses>().secondary(enrollments).backref<&Course::students>();
}
inline void describe(mercator::Mapping<Course>& course) {
    course.table("courses");
    course.column<&Course::id>().primary_key();
    course.column<&Course::title>(mercator::String(40));
}

/// Ada takes logic and music, Bob takes music.
struct School : mercator::test::Backend {
    School() {
        database().create_all<Student, Course>();
        auto session = database().session();
        const auto a = session.add(Student{.name = "Ada"});
        const auto b = session.add(Student{.name = "Bob"});
        const auto l = session.add(Course{.title = "Logic"});
        const auto m = session.add(Course{.title = "Music"});
        a->courses.add(l);
        a->courses.add(m);
        b->courses.add(m);
        session.commit();
        ada = a->id;
        bob = b->id;
        logic = l->id;
        music = m->id;
        log = std::make_unique<mercator::test::SqlLog>(database().engine());
    }
    /// "1-1 1-2 2-2": students and courses by number.
    [[nodiscard]] std::string links() {
        std::string text;
        for (const auto& row : rows("SELECT student_id, course_id FROM enrollments "
                                    "ORDER BY student_id, course_id")) {
            if (!text.empty()) text += ' ';
            text += mercator::display(row[0]) + '-' + mercator::display(row[1]);
        }
        return text;
    }

    std::int64_t ada = 0;
    std::int64_t bob = 0;
    std::int64_t logic = 0;
    std::int64_t music = 0;
    std::unique_ptr<mercator::test::SqlLog> log;
};

} // namespace school
