// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mercator.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

/// Students and courses, tied together in the two ways there are.
namespace students {

struct Course;
struct Student;

/// The first way: a table without a class. It is written by adding a course to a student, or a
/// student to a course; its date fills itself in.
extern const mercator::Table enrollments;

struct Student {
    std::int64_t id{};
    std::string name;
    mercator::Many<Course> courses;
};

struct Course {
    std::int64_t id{};
    std::string title;
    mercator::Many<Student> students; ///< never held: each use is a query (Lazy::dynamic)
};

void describe(mercator::Mapping<Student>& student);
void describe(mercator::Mapping<Course>& course);

/// The second way: a class of its own, because what ties the two has a grade.
namespace graded {

struct Course;
struct Student;

struct Enrollment {
    std::int64_t student_id{};
    std::int64_t course_id{};
    mercator::Date enrollment_date{};
    std::optional<std::string> grade;
    mercator::One<Student> student;
    mercator::One<Course> course;
};

struct Student {
    std::int64_t id{};
    std::string name;
    mercator::Many<Enrollment> enrollments;

    /// The courses behind the enrollments, to be read and changed like a collection.
    [[nodiscard]] auto courses() {
        return mercator::through<&Student::enrollments, &Enrollment::course>(*this);
    }
};

struct Course {
    std::int64_t id{};
    std::string title;
    mercator::Many<Enrollment> enrollments;
};

void describe(mercator::Mapping<Student>& student);
void describe(mercator::Mapping<Course>& course);
void describe(mercator::Mapping<Enrollment>& enrollment);

/// Enrolls the student; the row is written with the next flush.
std::shared_ptr<Enrollment> enroll(mercator::Session& session,
                                   const std::shared_ptr<Student>& student,
                                   const std::shared_ptr<Course>& course,
                                   std::optional<std::string> grade = std::nullopt);

} // namespace graded

} // namespace students
