// SPDX-License-Identifier: MIT
#include "school.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>

#include <map>
#include <optional>
#include <random>
#include <set>
#include <utility>

using namespace mercator;
using namespace school;
using test::Backend;

namespace {

using Pairs = std::set<std::pair<int, int>>; ///< student and course, by number

template <class List>
auto& at(List& list, int i) {
    return list[static_cast<std::size_t>(i)];
}

/// What there is, as plain values.
struct World {
    Pairs pairs;
    std::set<int> students;
    std::set<int> courses;

    void drop_pairs_of_the_gone() {
        std::erase_if(pairs, [&](const auto& pair) {
            return !students.contains(pair.first) || !courses.contains(pair.second);
        });
    }
};

/// A session at random work, and the model that tells what must be there.
class Work {
public:
    Work(Backend& backend, unsigned seed) : session_(backend->session()) {
        random_.seed(seed);
        for (int i = 0; i < 6; ++i) {
            add_student();
            add_course();
        }
        session_.commit();
        committed_ = now_;
    }

    void step() {
        switch (roll(16)) {
        case 0:
            return add_student();
        case 1:
            return add_course();
        case 2:
            return remove_object();
        case 3:
            return replace();
        case 4:
            return look();
        case 5:
            session_.flush();
            return check_table();
        case 6:
            return roll(3) == 0 ? commit() : fail();
        case 7:
            return roll(3) == 0 ? roll_back() : savepoint();
        case 8:
        case 9:
        case 10:
            return take_away();
        default:
            return bring_together();
        }
    }
    void commit() {
        session_.commit(); // with the savepoints
        savepoints_.clear();
        committed_ = now_;
        check_table();
    }
    void check_members() {
        for (const int student : now_.students) {
            std::set<int> there;
            for (const auto& course : at(students_, student)->courses)
                note(there, number_of(courses_, course), now_.courses);
            std::set<int> expected;
            for (const auto& [s, c] : now_.pairs) {
                if (s == student) expected.insert(c);
            }
            CHECK(there == expected);
        }
        for (const int course : now_.courses) {
            std::set<int> there;
            for (const auto& student : at(courses_, course)->students)
                note(there, number_of(students_, student), now_.students);
            std::set<int> expected;
            for (const auto& [s, c] : now_.pairs) {
                if (c == course) expected.insert(s);
            }
            CHECK(there == expected);
        }
    }

private:
    template <class T>
    static int number_of(const std::vector<std::shared_ptr<T>>& list,
                         const std::shared_ptr<T>& object) {
        return static_cast<int>(std::find(list.begin(), list.end(), object) - list.begin());
    }
    /// What is to be deleted still stands in collections until the commit.
    static void note(std::set<int>& there, int number, const std::set<int>& alive) {
        if (alive.contains(number)) CHECK(there.insert(number).second);
    }
    unsigned roll(unsigned sides) { return static_cast<unsigned>(random_() % sides); }
    int pick(const std::set<int>& set) {
        return *std::next(set.begin(),
                          static_cast<std::ptrdiff_t>(roll(static_cast<unsigned>(set.size()))));
    }

    void add_student() {
        const int number = static_cast<int>(students_.size());
        students_.push_back(session_.add(Student{.name = fmt::format("S{}", number)}));
        now_.students.insert(number);
    }
    void add_course() {
        const int number = static_cast<int>(courses_.size());
        Course fresh{.title = fmt::format("C{}", number)};
        if (roll(2) == 0) {
            const int student = pick(now_.students);
            fresh.students = {at(students_, student)};
            now_.pairs.emplace(student, number);
        }
        courses_.push_back(session_.add(std::move(fresh)));
        now_.courses.insert(number);
    }
    void remove_object() {
        if (roll(2) == 0 && now_.students.size() > 3) {
            const int student = pick(now_.students);
            session_.delete_(at(students_, student));
            now_.students.erase(student);
        } else if (now_.courses.size() > 3) {
            const int course = pick(now_.courses);
            session_.delete_(at(courses_, course));
            now_.courses.erase(course);
        }
        now_.drop_pairs_of_the_gone();
    }
    void bring_together() {
        const int s = pick(now_.students);
        const int c = pick(now_.courses);
        const auto& student = at(students_, s);
        const auto& course = at(courses_, c);
        // Adding what is there and was never read is refused by the database.
        if (now_.pairs.contains({s, c}) && !student->courses.loaded() && !course->students.loaded())
            return;
        roll(2) == 0 ? student->courses.add(course) : course->students.add(student);
        now_.pairs.emplace(s, c);
    }
    void take_away() {
        if (now_.pairs.empty()) return;
        auto [s, c] =
            *std::next(now_.pairs.begin(),
                       static_cast<std::ptrdiff_t>(roll(static_cast<unsigned>(now_.pairs.size()))));
        if (roll(4) == 0) s = pick(now_.students); // perhaps one that is not there
        const auto& student = at(students_, s);
        const auto& course = at(courses_, c);
        roll(2) == 0 ? student->courses.remove(course) : course->students.remove(student);
        now_.pairs.erase({s, c});
    }
    void replace() {
        const int s = pick(now_.students);
        Many<Course> wanted;
        std::erase_if(now_.pairs, [&](const auto& pair) { return pair.first == s; });
        for (unsigned i = roll(4); i > 0; --i) {
            const int c = pick(now_.courses);
            wanted.add(at(courses_, c));
            now_.pairs.emplace(s, c);
        }
        at(students_, s)->courses = std::move(wanted);
    }
    void look() {
        if (roll(2) == 0) {
            at(students_, pick(now_.students))->courses.load();
        } else {
            at(courses_, pick(now_.courses))->students.load();
        }
        if (roll(8) == 0) check_members();
    }
    void roll_back() {
        session_.rollback();
        savepoints_.clear();
        now_ = committed_;
        check_members();
        check_table();
    }
    void savepoint() {
        if (savepoints_.size() < 3 && roll(2) == 0) {
            savepoints_.emplace_back(session_.begin_nested(), now_);
        } else if (!savepoints_.empty()) {
            auto [savepoint, before] = std::move(savepoints_.back());
            savepoints_.pop_back();
            if (roll(2) == 0) {
                savepoint.commit();
            } else {
                savepoint.rollback();
                now_ = before;
            }
        }
    }
    /// A flush that the database refuses at its end: nothing is forgotten.
    void fail() {
        if (!savepoints_.empty()) return;
        const auto twin = session_.add(Course{.title = "last"});
        twin->students.add(at(students_, pick(now_.students)));
        const auto other = session_.add(Course{.id = -7, .title = "twin"});
        session_.flush();
        session_.expunge(other);
        const auto again = session_.add(Course{.id = -7, .title = "twin"});
        CHECK_THROWS_AS(session_.flush(), Error);
        session_.delete_(again);
        session_.delete_(twin);
    }
    void check_table() {
        std::map<std::int64_t, int> student_of;
        std::map<std::int64_t, int> course_of;
        for (const int s : now_.students) student_of[at(students_, s)->id] = s;
        for (const int c : now_.courses) course_of[at(courses_, c)->id] = c;
        Pairs there;
        const auto rows = session_.execute(select(col<std::int64_t>(enrollments, "student_id"),
                                                  col<std::int64_t>(enrollments, "course_id")));
        for (const auto& [student, course] : rows) {
            REQUIRE(student_of.contains(student));
            REQUIRE(course_of.contains(course));
            there.emplace(student_of[student], course_of[course]);
        }
        CHECK(there == now_.pairs);
        CHECK(there.size() == rows.size());
    }

    Session session_;
    std::mt19937 random_; // NOLINT: the same run every time
    std::vector<std::shared_ptr<Student>> students_;
    std::vector<std::shared_ptr<Course>> courses_;
    World now_;
    World committed_;
    std::vector<std::pair<Savepoint, World>> savepoints_;
};

} // namespace

TEST_CASE("REL-04 C10 random changes of pairs follow a set of pairs, through flush and rollback") {
    for (unsigned seed = 1; seed <= 8; ++seed) {
        CAPTURE(seed);
        Backend backend;
        backend->create_all<Student, Course>();
        Work work(backend, seed);
        for (int step = 0; step < 250; ++step) {
            CAPTURE(step);
            work.step();
        }
        work.check_members();
        work.commit();
    }
}
