// SPDX-License-Identifier: MIT
// What is probably a mistake and may be meant: told once, through the log, and silenced by saying
// so.
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace mercator;

namespace warned {

enum class Said { nothing, overlaps, viewonly, back_populates };

template <Said said>
struct Child;
template <Said said>
struct Parent {
    std::int64_t id{};
    Many<Child<said>> children;
};
template <Said said>
struct Child {
    std::int64_t id{};
    std::int64_t parent_id{};
    One<Parent<said>> parent;
};
template <Said said>
void describe(Mapping<Parent<said>>& parent) {
    parent.table("parent");
    parent.template column<&Parent<said>::id>().primary_key();
    auto children = parent.template relationship<&Parent<said>::children>();
    if (said == Said::back_populates) children.template back_populates<&Child<said>::parent>();
    if (said == Said::viewonly) children.viewonly();
}
template <Said said>
void describe(Mapping<Child<said>>& child) {
    child.table("child");
    child.template column<&Child<said>::id>().primary_key();
    child.template column<&Child<said>::parent_id>().template references<&Parent<said>::id>();
    auto parent = child.template relationship<&Child<said>::parent>();
    if (said == Said::back_populates) parent.template back_populates<&Parent<said>::children>();
    if (said == Said::overlaps) parent.overlaps("children");
}

template <Said said>
struct Course;
template <Said said>
struct Enrollment;
template <Said said>
struct Student {
    std::int64_t id{};
    Many<Course<said>> courses;
    Many<Enrollment<said>> enrollments;
};
template <Said said>
struct Course {
    std::int64_t id{};
    Many<Student<said>> students;
};
template <Said said>
struct Enrollment {
    std::int64_t student_id{};
    std::int64_t course_id{};
    std::optional<std::string> grade;
};
template <Said said>
void describe(Mapping<Student<said>>& student) {
    student.table("student");
    student.template column<&Student<said>::id>().primary_key();
    auto courses = student.template relationship<&Student<said>::courses>();
    courses
        .secondary(Table("enrollment",
                         Column("student_id", BigInteger()).primary_key().references("student.id"),
                         Column("course_id", BigInteger()).primary_key().references("course.id")))
        .template backref<&Course<said>::students>();
    if (said == Said::viewonly) courses.viewonly();
    if (said == Said::overlaps) courses.overlaps("enrollments");
    student.template relationship<&Student<said>::enrollments>();
}
template <Said said>
void describe(Mapping<Course<said>>& course) {
    course.table("course");
    course.template column<&Course<said>::id>().primary_key();
}
template <Said said>
void describe(Mapping<Enrollment<said>>& enrollment) {
    using E = Enrollment<said>;
    enrollment.table("enrollment");
    enrollment.template column<&E::student_id>().template references<&Student<said>::id>();
    enrollment.template column<&E::course_id>().template references<&Course<said>::id>();
    enrollment.template column<&E::grade>();
    enrollment.template primary_key<&E::student_id, &E::course_id>();
}

} // namespace warned

using namespace warned;

namespace {

struct Logged {
    std::vector<std::string> warnings;
    Database database;
    Logged() :
        database(Config{.uri = "ansi://",
                        .log = log_to([this](LogLevel level, std::string_view message) {
                            if (level == LogLevel::Warning) warnings.emplace_back(message);
                        })}) {}
};

void check_says(const std::string& text, std::initializer_list<const char*> parts) {
    CAPTURE(text);
    for (const char* part : parts) {
        CAPTURE(part);
        CHECK(text.find(part) != std::string::npos);
    }
}

} // namespace

TEST_CASE("REL-29 two relationships that write one column are told of once, with the column") {
    Logged log;
    log.database.map<Parent<Said::nothing>, Child<Said::nothing>>();
    REQUIRE(log.warnings.size() == 1);
    check_says(log.warnings[0], {".children", ".parent", "child(parent_id)", "back_populates",
                                 "viewonly()", ".overlaps(\""});
    log.database.map<Parent<Said::nothing>, Child<Said::nothing>>();
    CHECK(log.warnings.size() == 1);
}

TEST_CASE("REL-29 classes that become known one after the other are told of as well") {
    Logged log;
    log.database.map<Parent<Said::nothing>>();
    CHECK(log.warnings.empty());
    log.database.map<Child<Said::nothing>>();
    CHECK(log.warnings.size() == 1);
}

TEST_CASE("REL-29 back_populates, viewonly and overlaps silence the warning") {
    Logged log;
    log.database.map<Parent<Said::back_populates>, Child<Said::back_populates>>();
    CHECK(log.warnings.empty());
    Logged of_viewonly;
    of_viewonly.database.map<Parent<Said::viewonly>, Child<Said::viewonly>>();
    CHECK(of_viewonly.warnings.empty());
    Logged of_overlaps;
    of_overlaps.database.map<Parent<Said::overlaps>, Child<Said::overlaps>>();
    CHECK(of_overlaps.warnings.empty());
}

TEST_CASE("REL-08 a table between to which a class is mapped is told of once, with both names") {
    constexpr auto said = Said::nothing;
    const auto is_about_it = [](const std::string& text) {
        return text.find("mapped as well") != std::string::npos;
    };
    Logged log;
    log.database.map<Student<said>, Course<said>, Enrollment<said>>();
    REQUIRE(std::count_if(log.warnings.begin(), log.warnings.end(), is_about_it) == 1);
    const auto& text = *std::find_if(log.warnings.begin(), log.warnings.end(), is_about_it);
    check_says(text, {".courses", "table enrollment", "Enrollment<", "viewonly()", "through<",
                      ".overlaps(\""});
    log.database.map<Student<said>, Course<said>, Enrollment<said>>();
    CHECK(std::count_if(log.warnings.begin(), log.warnings.end(), is_about_it) == 1);
}

TEST_CASE("REL-08 the class may come to be known later, and describes the table then") {
    constexpr auto said = Said::nothing;
    Logged log;
    log.database.map<Student<said>, Course<said>>();
    CHECK(log.database.metadata().find("enrollment")->columns.size() == 2);
    CHECK(log.warnings.size() == 1); // a relationship leads to the class
    log.database.map<Enrollment<said>>();
    CHECK(log.database.metadata().find("enrollment")->columns.size() == 3);
    CHECK(log.warnings.size() == 1);
}

TEST_CASE("REL-08 viewonly and overlaps silence the warning") {
    Logged of_viewonly;
    of_viewonly.database
        .map<Student<Said::viewonly>, Course<Said::viewonly>, Enrollment<Said::viewonly>>();
    CHECK(of_viewonly.warnings.empty());
    Logged of_overlaps;
    of_overlaps.database
        .map<Student<Said::overlaps>, Course<Said::overlaps>, Enrollment<Said::overlaps>>();
    CHECK(of_overlaps.warnings.empty());
}
