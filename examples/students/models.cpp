// SPDX-License-Identifier: MIT
#include "models.hpp"

#include <utility>

namespace students {

const mercator::Table enrollments{
    "enrollments",
    mercator::Column("student_id", mercator::BigInteger()).references("students.id").primary_key(),
    mercator::Column("course_id", mercator::BigInteger()).references("courses.id").primary_key(),
    mercator::Column("enrollment_date", mercator::Date()).default_factory(mercator::today)};

void describe(mercator::Mapping<Student>& student) {
    student.table("students");
    student.column<&Student::id>().primary_key();
    student.column<&Student::name>(mercator::String(80));
    student.relationship<&Student::courses>()
        .secondary(enrollments)
        .backref<&Course::students>(mercator::Lazy::dynamic);
}

void describe(mercator::Mapping<Course>& course) {
    course.table("courses");
    course.column<&Course::id>().primary_key();
    course.column<&Course::title>(mercator::String(100)); // the relationship is the student's
}

namespace graded {

void describe(mercator::Mapping<Student>& student) {
    student.table("graded_students");
    student.column<&Student::id>().primary_key();
    student.column<&Student::name>(mercator::String(80));
}

void describe(mercator::Mapping<Course>& course) {
    course.table("graded_courses");
    course.column<&Course::id>().primary_key();
    course.column<&Course::title>(mercator::String(100));
}

void describe(mercator::Mapping<Enrollment>& enrollment) {
    using mercator::Cascade;
    enrollment.table("graded_enrollments");
    enrollment.column<&Enrollment::student_id>().references<&Student::id>();
    enrollment.column<&Enrollment::course_id>().references<&Course::id>();
    enrollment.primary_key<&Enrollment::student_id, &Enrollment::course_id>();
    enrollment.column<&Enrollment::enrollment_date>().default_factory(mercator::today);
    enrollment.column<&Enrollment::grade>(mercator::String(2));
    // An enrollment without its student or its course is nothing, so it goes with either.
    const auto owned = [](auto& enrollments_of) {
        enrollments_of.cascade(Cascade::all | Cascade::delete_orphan);
    };
    enrollment.relationship<&Enrollment::student>().backref<&Student::enrollments>(owned);
    enrollment.relationship<&Enrollment::course>().backref<&Course::enrollments>(owned);
}

std::shared_ptr<Enrollment> enroll(mercator::Session& session,
                                   const std::shared_ptr<Student>& student,
                                   const std::shared_ptr<Course>& course,
                                   std::optional<std::string> grade) {
    return session.add(Enrollment{.grade = std::move(grade), .student = student, .course = course});
}

} // namespace graded

} // namespace students
