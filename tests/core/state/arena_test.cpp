// SPDX-License-Identifier: MIT
#include <mercator/state/arena.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <random>
#include <utility>
#include <vector>

TEST_CASE("an arena's pieces do not overlap and stay where they are") {
    mercator::Arena arena;
    std::mt19937 random(11);
    std::vector<std::pair<std::byte*, std::size_t>> pieces;
    for (int i = 0; i < 2'000; ++i) {
        const std::size_t size = i % 100 == 0 ? 100'000 : random() % 300;
        std::byte* piece = arena.allocate(size);
        REQUIRE(piece != nullptr);
        std::memset(piece, i % 251, size);
        pieces.emplace_back(piece, size);
    }
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        for (std::size_t k = 0; k < pieces[i].second; ++k)
            wrong += pieces[i].first[k] == std::byte(i % 251) ? 0U : 1U;
    }
    CHECK(wrong == 0);
    CHECK(arena.reserved() >= 2'000'000);
}

TEST_CASE("an arena's empty piece is no null pointer, and what is given back is handed out again") {
    mercator::Arena arena;
    CHECK(arena.allocate(0) != nullptr);
    std::byte* piece = arena.allocate(100);
    arena.give_back(piece + 40);
    CHECK(arena.allocate(10) == piece + 40);
}
