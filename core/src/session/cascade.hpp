// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/relationship.hpp>
#include <mercator/state/graph.hpp>

#include <vector>

namespace mercator {

/// What a relationship member holds in memory; nothing where it is not loaded.
[[nodiscard]] std::vector<InstanceState*> loaded_objects(InstanceState& state,
                                                         const Relationship& relationship);

/// The object itself, then everything that it reaches through loaded relationships with this
/// cascade; each once, also where they refer to each other in a circle.
[[nodiscard]] std::vector<InstanceState*> reached_by(InstanceState& state, Cascade cascade);

} // namespace mercator
