// SPDX-License-Identifier: MIT
// How much memory and how many statements loading asks for, counted.
#include "core/allocation_count.hpp"

#include <mercator/mercator.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>
#include <utility>

namespace {

std::atomic<std::uint64_t> allocations{0};

void* counted(std::size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}

void* counted(std::size_t size, std::align_val_t alignment) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    const auto step = static_cast<std::size_t>(alignment);
    if (void* memory = std::aligned_alloc(step, (size + step - 1) / step * step)) return memory;
    throw std::bad_alloc();
}

} // namespace

std::uint64_t test::allocations_so_far() noexcept {
    return allocations.load(std::memory_order_relaxed);
}

// The whole program's, the libraries included.
void* operator new(std::size_t size) {
    return counted(size);
}
void* operator new[](std::size_t size) {
    return counted(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return counted(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
    return counted(size, alignment);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
    return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}

namespace {

using mercator::col;

/// Its strings fit into std::string itself.
struct Pebble {
    std::int64_t id{};
    std::string name;
    std::optional<std::string> colour;
    double weight{};
};

void describe(mercator::Mapping<Pebble>& pebble) {
    pebble.table("pebbles");
    pebble.column<&Pebble::id>().primary_key();
    pebble.column<&Pebble::name>();
    pebble.column<&Pebble::colour>();
    pebble.column<&Pebble::weight>();
}

constexpr std::int64_t all_pebbles = 8'000;

class Beach {
public:
    Beach() : database(mercator::Config{.uri = "sqlite://"}) {
        database.create_all<Pebble>();
        mercator::Session session = database.session();
        for (std::int64_t id = 1; id <= all_pebbles; ++id) {
            session.add(Pebble{id, "pebble",
                               id % 2 == 0 ? std::optional<std::string>("grey") : std::nullopt,
                               1.5});
        }
        session.commit();
    }

    mercator::Database database;
};

template <class Action>
std::uint64_t allocations_of(Action&& action) {
    const std::uint64_t before = allocations.load();
    std::forward<Action>(action)();
    return allocations.load() - before;
}

auto first(mercator::Session& session, std::int64_t count) {
    return session.query<Pebble>().order_by(col(&Pebble::id)).limit(count);
}

/// Allocations for 8000 rows beyond those for 1000: what the rows themselves cost, plus three
/// doublings of each vector.
template <class Load>
std::uint64_t cost_of_7000_rows(Beach& beach, Load&& load) {
    std::uint64_t counts[2] = {0, 0};
    for (int round = 0; round < 2;
         ++round) { // the first round compiles, prepares and grows what is kept
        for (const int large : {0, 1}) {
            mercator::Session session = beach.database.session();
            counts[large] =
                allocations_of([&] { load(session, large == 0 ? 1'000 : all_pebbles); });
        }
    }
    return counts[1] - counts[0];
}

} // namespace

TEST_CASE("a row of short strings allocates nothing when read as a plain value") {
    Beach beach;
    const auto cost = cost_of_7000_rows(beach, [](mercator::Session& session, std::int64_t count) {
        CHECK(first(session, count).values().size() == static_cast<std::size_t>(count));
    });
    CHECK(cost <= 4);
}

TEST_CASE("a streamed row allocates nothing") {
    Beach beach;
    const auto cost = cost_of_7000_rows(beach, [](mercator::Session& session, std::int64_t count) {
        std::int64_t rows = 0;
        first(session, count).stream([&](const Pebble&) { ++rows; });
        CHECK(rows == count);
    });
    CHECK(cost == 0);
}

TEST_CASE("an object of short strings allocates nothing of its own, tracked or not") {
    Beach beach;
    const auto tracked =
        cost_of_7000_rows(beach, [](mercator::Session& session, std::int64_t count) {
            CHECK(first(session, count).all().size() == static_cast<std::size_t>(count));
        });
    const auto read_only =
        cost_of_7000_rows(beach, [](mercator::Session& session, std::int64_t count) {
            const auto query =
                session.query<const Pebble>().order_by(col(&Pebble::id)).limit(count);
            CHECK(query.all().size() == static_cast<std::size_t>(count));
        });
    // Blocks of the slab and the arena, and growth of the identity map and two vectors.
    CHECK(tracked < 40);
    CHECK(read_only < 40);
}

TEST_CASE("a repeated query is prepared once, whatever its values") {
    Beach beach;
    mercator::Session session = beach.database.session();
    const auto before = beach.database.engine().statistics();
    for (std::int64_t id = 1; id <= 10; ++id) {
        CHECK(session.query<Pebble>().where(col(&Pebble::id) == id).values().size() == 1);
    }
    const auto after = beach.database.engine().statistics();
    CHECK(after.statements_prepared - before.statements_prepared == 1);
    CHECK(after.statements_executed - before.statements_executed == 10);
    CHECK(after.compile_misses - before.compile_misses == 1);
}

TEST_CASE("lookups by key are prepared once and then allocate nothing but their objects' blocks") {
    Beach beach;
    mercator::Session session = beach.database.session();
    CHECK(session.get_values<Pebble>(1));
    const auto prepared = beach.database.engine().statistics().statements_prepared;
    const auto cost = allocations_of([&] {
        for (std::int64_t id = 1; id <= 1'000; ++id)
            static_cast<void>(session.get_values<Pebble>(id));
    });
    CHECK(cost == 0);
    CHECK(beach.database.engine().statistics().statements_prepared == prepared);
    const auto tracked = allocations_of([&] {
        for (std::int64_t id = 1; id <= 1'000; ++id) static_cast<void>(session.get<Pebble>(id));
    });
    CHECK(tracked < 40);
}
