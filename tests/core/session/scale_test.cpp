// SPDX-License-Identifier: MIT
// What a flush of thousands of objects that refer to each other costs, counted: statements,
// allocations, and how often members are looked at. Nothing of it may grow with the square.
#include "core/allocation_count.hpp"

#include <mercator/dialect/recording.hpp>
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace mercator;

namespace {

std::uint64_t looks = 0; ///< at the members that functions stand for

class Stop {
public:
    [[nodiscard]] const std::string& name() const {
        ++looks;
        return name_;
    }
    void set_name(const std::string& name) { name_ = name; }

    std::int64_t id{};
    std::optional<std::int64_t> first_id, second_id, third_id, fourth_id, fifth_id;
    One<Stop> first, second, third, fourth, fifth;
    Many<Stop> after_first, after_second;

private:
    std::string name_;
};

void describe(Mapping<Stop>& stop) {
    stop.table("stops");
    stop.column<&Stop::id>().primary_key();
    stop.property<&Stop::name, &Stop::set_name>("name", String(20));
    stop.column<&Stop::first_id>().references<&Stop::id>();
    stop.column<&Stop::second_id>().references<&Stop::id>();
    stop.column<&Stop::third_id>().references<&Stop::id>();
    stop.column<&Stop::fourth_id>().references<&Stop::id>();
    stop.column<&Stop::fifth_id>().references<&Stop::id>();
    stop.relationship<&Stop::third>().foreign_key<&Stop::third_id>();
    stop.relationship<&Stop::fourth>().foreign_key<&Stop::fourth_id>();
    stop.relationship<&Stop::fifth>().foreign_key<&Stop::fifth_id>();
    stop.relationship<&Stop::after_first>().foreign_key<&Stop::first_id>().backref<&Stop::first>();
    stop.relationship<&Stop::after_second>()
        .foreign_key<&Stop::second_id>()
        .backref<&Stop::second>();
}

struct Cost {
    std::size_t statements = 0;
    std::uint64_t allocations = 0;
    std::uint64_t looks = 0;
};

constexpr std::size_t layers = 10;

/// `count` objects in layers, each with five parents in the layer before: written, moved to other
/// parents, deleted.
std::array<Cost, 3> costs(std::size_t count) {
    const auto recorder = Recorder::named("scale");
    Database database("ansi://scale");
    Session session = database.session();
    std::array<Cost, 3> spent;
    const auto measure = [&](Cost& cost) {
        recorder->clear();
        const std::uint64_t allocations = test::allocations_so_far();
        const std::uint64_t before = looks;
        session.flush();
        cost.allocations = test::allocations_so_far() - allocations;
        cost.looks = looks - before;
        cost.statements = recorder->statements().size();
    };
    std::mt19937 random(7);
    const std::size_t width = count / layers;
    std::vector<std::shared_ptr<Stop>> stops;
    const auto connect = [&](std::size_t i) {
        if (i < width) return;
        const auto parent = [&] { return stops[(i / width - 1) * width + random() % width]; };
        stops[i]->first = parent();
        stops[i]->second = parent();
        stops[i]->third = parent();
        stops[i]->fourth = parent();
        stops[i]->fifth = parent();
    };
    for (std::size_t i = 0; i < count; ++i) {
        Stop stop;
        stop.set_name("stop " + std::to_string(i));
        stops.push_back(session.add(std::move(stop)));
        connect(i);
    }
    measure(spent[0]);
    for (std::size_t i = 0; i < count; ++i) connect(i);
    measure(spent[1]);
    for (const auto& stop : stops) session.delete_(stop);
    measure(spent[2]);
    return spent;
}

} // namespace

TEST_CASE("C29 the cost of a flush of 10,000 objects with 50,000 references grows with their "
          "number, not with its square") {
    const auto small = costs(2'500);
    const auto large = costs(10'000);
    const std::array<const char*, 3> what{"insert", "update", "delete"};
    for (std::size_t i = 0; i < 3; ++i) {
        CAPTURE(std::string(what[i]));
        CAPTURE(small[i].statements);
        CAPTURE(large[i].statements);
        CAPTURE(small[i].allocations);
        CAPTURE(large[i].allocations);
        CAPTURE(small[i].looks);
        CAPTURE(large[i].looks);
        CHECK(large[i].statements < 6 * small[i].statements + 10);
        CHECK(large[i].allocations < 6 * small[i].allocations);
        CHECK(large[i].looks < 6 * small[i].looks + 10);
    }
    CHECK(large[0].statements == 10'001); // BEGIN, and one for each key that comes back
    CHECK(large[1].statements <= 200);
    CHECK(large[2].statements <= 200);
    CHECK(large[0].looks < 10 * 10'000);
}
