// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/engine/connection.hpp>
#include <mercator/state/graph.hpp>

#include <span>

namespace mercator {

/// After an UPDATE: the members of columns that the database computes take their new values, in one
/// SELECT for many objects. All of one class, with the keys of their rows.
void fetch_computed(Graph& graph, Connection& connection, const Mapper& mapper,
                    std::span<InstanceState* const> states);

/// Puts back what was assigned to members that the database computes: it is not written.
void restore_computed(Slab& slab);

} // namespace mercator
