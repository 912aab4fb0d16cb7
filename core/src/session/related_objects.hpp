// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_context.hpp>
#include <mercator/state/graph.hpp>

#include <vector>

namespace mercator {

/// All that stands on the other side of a relationship, one object or many; loads it if it is not.
[[nodiscard]] std::vector<InstanceState*>
related_objects(LoadContext& context, InstanceState& state, const Relationship& relationship);

} // namespace mercator
