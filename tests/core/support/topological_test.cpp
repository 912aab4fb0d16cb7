// SPDX-License-Identifier: MIT
#include <mercator/support/topological.hpp>

#include <doctest/doctest.h>

#include <random>

using mercator::DependencyEdge;
using mercator::sort_topologically;
using Numbers = std::vector<std::size_t>;

TEST_CASE("free nodes keep their order, edges move what they must") {
    CHECK(sort_topologically(4, {}).order == Numbers{0, 1, 2, 3});
    const std::vector<DependencyEdge> edges{{3, 0}, {2, 1}};
    CHECK(sort_topologically(4, edges).order == Numbers{2, 1, 3, 0});
}

TEST_CASE("a cycle is broken and reported, an edge to itself is not one") {
    const std::vector<DependencyEdge> edges{{0, 1}, {1, 2}, {2, 0}, {1, 1}, {2, 3}};
    const auto sorted = sort_topologically(4, edges);
    CHECK(sorted.order == Numbers{0, 1, 2, 3});
    CHECK(sorted.dropped == Numbers{2});
}

TEST_CASE("what merely waits behind a cycle loses no edge") {
    const std::vector<DependencyEdge> edges{{2, 0}, {1, 2}, {2, 1}};
    const auto sorted = sort_topologically(3, edges);
    CHECK(sorted.order == Numbers{1, 2, 0});
    CHECK(sorted.dropped == Numbers{2});
}

TEST_CASE("random graphs: every node once, every kept edge honoured, the same result twice") {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        const std::size_t nodes = 1 + random() % 12;
        std::vector<DependencyEdge> edges(random() % 30);
        for (auto& edge : edges) edge = {random() % nodes, random() % nodes};
        const auto sorted = sort_topologically(nodes, edges);
        REQUIRE(sorted.order.size() == nodes);
        Numbers position(nodes, nodes);
        for (std::size_t i = 0; i < nodes; ++i) position[sorted.order[i]] = i;
        std::size_t dropped = 0;
        for (std::size_t i = 0; i < edges.size(); ++i) {
            if (dropped < sorted.dropped.size() && sorted.dropped[dropped] == i) {
                ++dropped;
            } else if (edges[i].before != edges[i].after) {
                CHECK(position[edges[i].before] < position[edges[i].after]);
            }
        }
        CHECK(dropped == sorted.dropped.size());
        CHECK(sort_topologically(nodes, edges).order == sorted.order);
    }
}
