// SPDX-License-Identifier: MIT
#pragma once

#include "measure.hpp"

#include <mercator/engine/engine.hpp>

#include <vector>

namespace benchmarks {

/// Building a SELECT of two joins, five columns, three predicates, two order keys, limit and offset: with its SQL rendered,
/// and with its SQL found in the engine's cache. The reference appends the same text by hand.
[[nodiscard]] std::vector<Workload> query_workloads(mercator::Engine& engine);

}  // namespace benchmarks
