// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/state/graph.hpp>

#include <vector>

namespace mercator {

/// Objects in memory whose rows the database deletes when it deletes these, as ON DELETE CASCADE of
/// the model's foreign keys says; and theirs in turn.
[[nodiscard]] std::vector<InstanceState*>
deleted_in_database(Graph& graph, const std::vector<InstanceState*>& deleted);

} // namespace mercator
