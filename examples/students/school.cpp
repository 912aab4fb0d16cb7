// SPDX-License-Identifier: MIT
#include "school.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace students {

using mercator::col;

namespace {

constexpr std::array names{"Emmy", "Georg", "Sofia", "Srinivasa"};
constexpr std::array titles{"Algebra", "Geometry", "Numbers", "Sets"};

template <class AnyStudent>
auto student_named(mercator::Session& session, const std::string& name) {
    return session.query<AnyStudent>().where(col(&AnyStudent::name) == name).one();
}
template <class AnyCourse>
auto course_titled(mercator::Session& session, const std::string& title) {
    return session.query<AnyCourse>().where(col(&AnyCourse::title) == title).one();
}

void fill_plain(mercator::Session& session) {
    std::vector<std::shared_ptr<Course>> courses;
    for (const char* title : titles) courses.push_back(session.add(Course{.title = title}));
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto student = session.add(Student{.name = names[i]});
        for (std::size_t j = 0; j <= i; ++j) student->courses.add(courses[j]);
    }
}

void fill_graded(mercator::Session& session) {
    std::vector<std::shared_ptr<graded::Course>> courses;
    for (const char* title : titles) courses.push_back(session.add(graded::Course{.title = title}));
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto student = session.add(graded::Student{.name = names[i]});
        for (std::size_t j = 0; j <= i; ++j) graded::enroll(session, student, courses[j]);
    }
}

} // namespace

void open_school(mercator::Database& db) {
    db.drop_all<Student, Course, graded::Student, graded::Course, graded::Enrollment>();
    db.create_all<Student, Course, graded::Student, graded::Course, graded::Enrollment>();
    auto session = db.session();
    fill_plain(session);
    fill_graded(session);
    session.commit();
}

void change_course(mercator::Session& session, const std::string& student, const std::string& from,
                   const std::string& to) {
    const auto who = student_named<Student>(session, student);
    who->courses.remove(course_titled<Course>(session, from));
    who->courses.add(course_titled<Course>(session, to));
    session.commit();
}

std::vector<CourseLine> rolls_by_walking(mercator::Session& session) {
    std::map<std::string, std::vector<std::string>> rolls;
    for (const auto& student : session.query<Student>().order_by(col(&Student::name)).all()) {
        for (const auto& course : student->courses) rolls[course->title].push_back(student->name);
    }
    std::vector<CourseLine> lines;
    for (auto& [title, roll] : rolls) lines.push_back({title, std::move(roll)});
    return lines;
}

std::vector<CourseLine> rolls_by_sql(mercator::Session& session) {
    const auto rows = session.execute(select(col(&Course::title), col(&Student::name))
                                          .select_from<Student>()
                                          .join<&Student::courses>()
                                          .order_by(col(&Course::title), col(&Student::name)));
    std::vector<CourseLine> lines;
    for (const auto& [title, student] : rows) {
        if (lines.empty() || lines.back().title != title) lines.push_back({title, {}});
        lines.back().students.push_back(student);
    }
    return lines;
}

std::int64_t count_in_course(mercator::Session& session, const std::string& title,
                             const std::string& beginning) {
    return course_titled<Course>(session, title)
        ->students.query()
        .where(col(&Student::name).startswith(beginning))
        .count();
}

namespace graded {

void grade(mercator::Session& session, const std::string& student, const std::string& course,
           const std::string& mark) {
    const auto who = student_named<Student>(session, student);
    const auto what = course_titled<Course>(session, course);
    session.get_one<Enrollment>(who->id, what->id)->grade = mark;
    session.commit();
}

void leave(mercator::Session& session, const std::string& student) {
    session.delete_(student_named<Student>(session, student));
    session.commit();
}

std::vector<Report> reports(mercator::Session& session) {
    const auto all = session.query<Student>()
                         .order_by(col(&Student::name))
                         .options(mercator::selectin<&Student::enrollments>().then(
                             mercator::joined<&Enrollment::course>()))
                         .all();
    std::vector<Report> reports;
    for (const auto& student : all) {
        Report report{student->name, {}};
        for (const auto& enrollment : student->enrollments) {
            report.marks.push_back(
                fmt::format("{}: {}", enrollment->course->title, enrollment->grade.value_or("-")));
        }
        std::sort(report.marks.begin(), report.marks.end());
        reports.push_back(std::move(report));
    }
    return reports;
}

} // namespace graded

} // namespace students
