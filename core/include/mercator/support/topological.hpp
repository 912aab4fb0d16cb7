// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace mercator {

/// "`before` must come before `after`", by position in the caller's list of nodes.
struct DependencyEdge {
    std::size_t before;
    std::size_t after;
};

struct TopologicalOrder {
    std::vector<std::size_t> order; ///< every node once
    std::vector<std::size_t>
        dropped; ///< positions of the edges that `order` does not honour, ascending
};

/// Sorts nodes 0 … node_count-1 so that every edge is honoured. Where nodes are free, the smaller
/// number comes first, so the result depends on nothing but the input. A cycle is broken at its
/// smallest node: the edges that lead from its predecessor on the cycle into it are dropped. An
/// edge from a node to itself is no dependency and is ignored.
[[nodiscard]] MERCATOR_API TopologicalOrder
sort_topologically(std::size_t node_count, std::span<const DependencyEdge> edges);

} // namespace mercator
