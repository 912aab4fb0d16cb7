// SPDX-License-Identifier: MIT
#include <mercator/mercator.hpp>
#include <mercator/state/association_set.hpp>
#include <mercator/state/member_index.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace mercator;

namespace {

/// Two sides of one relationship, and some objects on each.
struct Sides {
    Sides() {
        forward.where = "Student.courses";
        backward.where = "Course.students";
        forward.reverse = &backward;
        backward.reverse = &forward;
    }
    Relationship forward;
    Relationship backward;
    InstanceState students[40];
    InstanceState courses[40];
};

std::vector<std::pair<const InstanceState*, bool>> targets(const AssociationSet& set) {
    std::vector<std::pair<const InstanceState*, bool>> list;
    set.for_each(
        [&](const Association& change) { list.emplace_back(change.target, change.added); });
    return list;
}

} // namespace

TEST_CASE("a change is kept once, whichever side tells of it") {
    Sides sides;
    auto& ada = sides.students[0];
    auto& logic = sides.courses[0];
    AssociationSet set;
    set.record({&ada, &logic, &sides.forward});
    set.record({&logic, &ada, &sides.backward});
    REQUIRE(set.size() == 1);
    CHECK(set.find(logic, ada, sides.backward) == set.find(ada, logic, sides.forward));
    CHECK(set.concerns(ada));
    CHECK(set.concerns(logic));
    set.record({&logic, &ada, &sides.backward, false});
    CHECK(set.empty());
    CHECK_FALSE(set.concerns(ada));
    CHECK(set.find(ada, logic, sides.forward) == nullptr);
}

TEST_CASE("what undoes a removal leaves nothing only where the row had been seen") {
    Sides sides;
    auto& ada = sides.students[0];
    auto& logic = sides.courses[0];
    AssociationSet set;
    set.record({&ada, &logic, &sides.forward, false, true});
    set.record({&ada, &logic, &sides.forward});
    CHECK(set.empty());
    set.record({&ada, &logic, &sides.forward, false});
    set.record({&ada, &logic, &sides.forward});
    REQUIRE(set.size() == 1);
    CHECK(set.find(ada, logic, sides.forward)->added);
    CHECK(set.find(ada, logic, sides.forward)->replaces);
    set.record({&ada, &logic, &sides.forward, false});
    REQUIRE(set.size() == 1);
    CHECK_FALSE(set.find(ada, logic, sides.forward)->added);
    CHECK_FALSE(set.find(ada, logic, sides.forward)->row_was_seen);
}

TEST_CASE("changes are recorded under the side that describes the other") {
    Sides sides;
    CHECK(&recorded_side(sides.forward) == &sides.backward); // by name
    sides.forward.backref = std::make_shared<Relationship>();
    CHECK(&recorded_side(sides.forward) == &sides.forward);
    CHECK(&recorded_side(sides.backward) == &sides.forward);
    Relationship alone;
    CHECK(&recorded_side(alone) == &alone);
}

TEST_CASE("an object may be associated with itself") {
    Relationship follows;
    InstanceState ada;
    AssociationSet set;
    set.record({&ada, &ada, &follows});
    int seen = 0;
    set.for_each_of(ada, [&](const Association&) { ++seen; });
    CHECK(seen == 1);
}

TEST_CASE("changes stay in the order in which they came, also after many were undone") {
    Sides sides;
    sides.forward.backref = std::make_shared<Relationship>();
    AssociationSet set;
    auto& ada = sides.students[0];
    for (auto& course : sides.courses) set.record({&ada, &course, &sides.forward});
    for (int i = 1; i < 40; ++i) set.record({&ada, &sides.courses[i], &sides.forward, false});
    set.record({&ada, &sides.courses[7], &sides.forward, false});
    REQUIRE(targets(set) == std::vector<std::pair<const InstanceState*, bool>>{
                                {&sides.courses[0], true}, {&sides.courses[7], false}});
}

TEST_CASE("a random run of changes is what a set of pairs says") {
    Sides sides;
    sides.forward.backref = std::make_shared<Relationship>();
    AssociationSet set;
    std::set<std::pair<const InstanceState*, const InstanceState*>> model;
    std::mt19937 random(4711); // NOLINT: the same run every time
    const auto pick = [&](auto& list) -> InstanceState& { return list[random() % 40]; };
    for (int step = 0; step < 20000; ++step) {
        InstanceState& student = pick(sides.students);
        InstanceState& course = pick(sides.courses);
        const bool there = model.contains({&student, &course});
        if (random() % 2 == 0) {
            set.record({&student, &course, &sides.forward, !there, there});
        } else {
            set.record({&course, &student, &sides.backward, !there, there});
        }
        if (there) {
            model.erase({&student, &course});
        } else {
            model.insert({&student, &course});
        }
        if (step % 500 != 0) continue;
        std::set<std::pair<const InstanceState*, const InstanceState*>> kept;
        set.for_each([&](const Association& c) { kept.emplace(c.owner, c.target); });
        CHECK(kept == model);
        CHECK(set.size() == model.size());
        const InstanceState& one = sides.students[3];
        std::size_t of_one = 0;
        set.for_each_of(one, [&](const Association& c) { of_one += c.owner == &one ? 1U : 0U; });
        CHECK(of_one == static_cast<std::size_t>(
                            std::count_if(model.begin(), model.end(),
                                          [&](const auto& pair) { return pair.first == &one; })));
    }
}

TEST_CASE("members of a large collection are found and taken out wherever they stand") {
    RelatedMany many;
    MemberIndex index;
    std::vector<int> objects(2000);
    std::vector<int*> model;
    std::mt19937 random(17); // NOLINT: the same run every time
    for (int step = 0; step < 30000; ++step) {
        int* object = &objects[random() % objects.size()];
        const auto place = std::find(model.begin(), model.end(), object);
        REQUIRE(index.find(many, object).has_value() == (place != model.end()));
        if (place == model.end()) {
            RelatedAccess::push(many, object);
            model.push_back(object);
        } else {
            REQUIRE(index.take_out(many, object));
            model.erase(place);
        }
        if (step % 1000 == 7) {
            const auto& items = RelatedAccess::items(std::as_const(many));
            REQUIRE(items.size() == model.size());
            for (std::size_t i = 0; i < items.size(); ++i) CHECK(items[i].get() == model[i]);
        }
        if (step % 5000 == 11) {
            RelatedAccess::unload(many);
            model.clear();
        }
    }
    CHECK_FALSE(index.take_out(many, nullptr));
}
