// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_context.hpp>
#include <mercator/state/graph.hpp>

#include <vector>

namespace mercator {

/// Objects that have lost an owner whose relationship says delete-orphan: taken out of a
/// collection, replaced in a One, or let go by the side with the foreign key. As in SQLAlchemy, one
/// lost owner is enough, whatever other relationships of that kind still hold; an object that never
/// had an owner is none, and neither is one that has another owner of the same relationship by now.
class Orphans {
public:
    explicit Orphans(LoadContext& context) : context_(context), graph_(*context.graph()) {}

    /// Each once, in the order in which they were let go. Loads what was let go without having been
    /// in memory.
    [[nodiscard]] std::vector<InstanceState*> find();

private:
    void add(InstanceState* state);
    [[nodiscard]] InstanceState* stored_target(InstanceState& owner,
                                               const Relationship& relationship);

    LoadContext& context_;
    Graph& graph_;
    std::vector<InstanceState*> found_;
};

} // namespace mercator
