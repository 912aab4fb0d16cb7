// SPDX-License-Identifier: MIT
// What listeners cost where nobody listens, counted in allocations.
#include "core/allocation_count.hpp"

#include <mercator/dialect/recording.hpp>
#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

using namespace mercator;

namespace {

struct Parcel {
    std::int64_t id{};
    std::int64_t weight{};
    One<Parcel> inside;
    std::optional<std::int64_t> inside_id;
};
struct Crate {
    std::int64_t id{};
    Attribute<std::int64_t> weight{0};
    One<Crate> inside;
    std::optional<std::int64_t> inside_id;
};

void describe(Mapping<Parcel>& parcel) {
    parcel.table("cost_parcel");
    parcel.column<&Parcel::id>().primary_key().autoincrement(false);
    parcel.column<&Parcel::weight>();
    parcel.column<&Parcel::inside_id>().references<&Parcel::id>();
    parcel.relationship<&Parcel::inside>();
}
void describe(Mapping<Crate>& crate) {
    crate.table("cost_crate");
    crate.column<&Crate::id>().primary_key().autoincrement(false);
    crate.column<&Crate::weight>();
    crate.column<&Crate::inside_id>().references<&Crate::id>();
    crate.relationship<&Crate::inside>();
}

/// Allocations of adding, changing and committing a hundred objects, after a first time.
template <class T>
std::uint64_t cost(Database& database) {
    std::uint64_t spent = 0;
    for (int round = 0; round < 3; ++round) {
        Session session = database.session();
        std::vector<std::shared_ptr<T>> objects;
        objects.reserve(100);
        const std::uint64_t before = test::allocations_so_far();
        for (std::int64_t i = 1; i <= 100; ++i) {
            objects.push_back(session.add(T{.id = i, .weight = i}));
            if (i > 1) objects.back()->inside = objects.front();
        }
        session.commit();
        for (const auto& object : objects) object->weight = 7;
        session.flush();
        spent = test::allocations_so_far() - before;
        session.rollback();
    }
    return spent;
}

Config recorded(bool tracks) {
    Config config;
    config.uri = "ansi://listener-cost";
    config.track_modifications = tracks;
    return config;
}

} // namespace

TEST_CASE("EVT-05 EVT-06 tracking that is off costs no allocation, whoever listens; on, it does") {
    const auto recorder = Recorder::named("listener-cost");
    Database plain(recorded(false));
    Database heard(recorded(false));
    Database tracked(recorded(true));
    std::size_t told = 0;
    for (Database* database : {&heard, &tracked}) {
        database->on().models_committed(
            [&](Session&, std::span<const ModelChange> changes) { told += changes.size(); });
    }
    static_cast<void>(cost<Parcel>(plain)); // what a class and a database cost once
    static_cast<void>(cost<Parcel>(heard));
    const auto nothing = cost<Parcel>(plain);
    CHECK(cost<Parcel>(heard) == nothing);
    CHECK(told == 0);
    CHECK(cost<Parcel>(tracked) > nothing);
    CHECK(told == 300);
}

TEST_CASE("EVT-03 an attribute that nobody listens to costs what a plain member costs") {
    CHECK(sizeof(Attribute<std::string>) == sizeof(std::string) + sizeof(void*));
    CHECK(sizeof(Attribute<std::int64_t>) == sizeof(std::int64_t) + sizeof(void*));
    const auto recorder = Recorder::named("listener-cost");
    Database database(recorded(false));
    const auto plain = cost<Parcel>(database);
    CHECK(cost<Crate>(database) == plain);
    // One that has come and gone leaves nothing behind, for sessions made afterwards.
    database.on<Crate>().set<&Crate::weight>([](Crate&, std::int64_t&, std::int64_t) {}).remove();
    database.on<Crate>().before_insert([](Session&, Crate&) {}).remove();
    CHECK(cost<Crate>(database) == plain);
}
