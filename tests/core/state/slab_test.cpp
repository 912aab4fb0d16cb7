// SPDX-License-Identifier: MIT
#include <mercator/mercator.hpp>
#include <mercator/state/slab.hpp>

#include <doctest/doctest.h>

#include <set>

using namespace mercator;

namespace {

int alive = 0;

struct Counted {
    std::int64_t id{};
    std::string text = "a text that is too long to be kept without an allocation";
    Counted() { ++alive; }
    Counted(Counted&& other) noexcept : id(other.id), text(std::move(other.text)) { ++alive; }
    ~Counted() { --alive; }
};
void describe(Mapping<Counted>& counted) {
    counted.column<&Counted::id>().primary_key();
    counted.column<&Counted::text>();
}

struct alignas(64) Wide {
    std::int64_t id{};
};
void describe(Mapping<Wide>& wide) {
    wide.column<&Wide::id>().primary_key();
}

} // namespace

TEST_CASE("a slab makes objects next to their states, keeps them in place and destroys each once") {
    alive = 0;
    {
        Slab slab(mapper_of<Counted>());
        std::vector<InstanceState*> states;
        for (int i = 0; i < 5'000; ++i) {
            Counted given;
            given.id = i;
            InstanceState& state = i % 2 == 0 ? slab.construct() : slab.construct_from(&given);
            reinterpret_cast<Counted*>(state.object())->id = i;
            CHECK(&state_of(state.object()) == &state);
            CHECK(state.mapper == &mapper_of<Counted>());
            states.push_back(&state);
        }
        CHECK(slab.size() == 5'000);
        CHECK(alive == 5'000);
        std::int64_t next = 0;
        slab.for_each([&](InstanceState& state) {
            CHECK(&state == states[static_cast<std::size_t>(next)]);
            CHECK(reinterpret_cast<Counted*>(state.object())->id == next++);
        });
        CHECK(next == 5'000);
    }
    CHECK(alive == 0);
}

TEST_CASE("a slab hands out again what was not used, and leaves it out until then") {
    Slab slab(mapper_of<Counted>());
    static_cast<void>(slab.construct());
    InstanceState& spare = slab.construct();
    slab.recycle(spare);
    int seen = 0;
    slab.for_each([&](InstanceState&) { ++seen; });
    CHECK(seen == 1);
    CHECK(&slab.construct() == &spare);
    CHECK(&slab.construct() != &spare);
}

TEST_CASE("a slab keeps the alignment of its class") {
    Slab slab(mapper_of<Wide>());
    for (int i = 0; i < 200; ++i) {
        CHECK(reinterpret_cast<std::uintptr_t>(slab.construct().object()) % 64 == 0);
    }
}
