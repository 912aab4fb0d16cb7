// SPDX-License-Identifier: MIT
#pragma once

#include "models.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace students {

/// Makes all tables anew and fills them in both ways: four students, four courses.
void open_school(mercator::Database& db);

/// The student drops one course and takes another; one row of `enrollments` goes, one comes.
void change_course(mercator::Session& session, const std::string& student, const std::string& from,
                   const std::string& to);

struct CourseLine {
    std::string title;
    std::vector<std::string> students;
    friend bool operator==(const CourseLine&, const CourseLine&) = default;
};

/// Who takes which course, told from the students' side.
[[nodiscard]] std::vector<CourseLine> rolls_by_walking(mercator::Session& session);
/// The same by a query over the table between.
[[nodiscard]] std::vector<CourseLine> rolls_by_sql(mercator::Session& session);

/// How many of a course's students have a name that begins so; no student is loaded for it.
[[nodiscard]] std::int64_t count_in_course(mercator::Session& session, const std::string& title,
                                           const std::string& beginning);

namespace graded {

/// Grades one enrollment. Throws mercator::NoResultFound when there is none.
void grade(mercator::Session& session, const std::string& student, const std::string& course,
           const std::string& mark);

/// The student leaves the school: the enrollments go along.
void leave(mercator::Session& session, const std::string& student);

struct Report {
    std::string student;
    std::vector<std::string> marks; ///< "Algebra: A"
    friend bool operator==(const Report&, const Report&) = default;
};
[[nodiscard]] std::vector<Report> reports(mercator::Session& session);

} // namespace graded

} // namespace students
