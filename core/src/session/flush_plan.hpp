// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/state/column_set.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/state/instance_state.hpp>

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace mercator {

/// In which order new objects are inserted and deleted ones removed: referred objects first, the
/// other way round for deletes. Depends on nothing but the order in which objects came to the
/// session, so the same program sends the same statements every time.
class FlushPlan {
public:
    FlushPlan(Graph& graph, const std::vector<Link>& links) : graph_(graph), links_(links) {}

    /// Objects of one class that do not refer to each other.
    struct Step {
        const Mapper* mapper;
        std::vector<InstanceState*> states;
    };
    [[nodiscard]] std::vector<Step> inserts(const std::vector<InstanceState*>& states);
    [[nodiscard]] std::vector<Step> deletes(const std::vector<InstanceState*>& states);

    /// Links to a parent that is inserted later than its child: the child is inserted without them
    /// and updated afterwards. Known once `inserts` has run.
    [[nodiscard]] const std::vector<Link>& postponed() const noexcept { return postponed_; }
    /// References between rows to be deleted that no order satisfies: they are set to NULL first.
    /// Known once `deletes` has run.
    [[nodiscard]] const std::vector<Link>& released() const noexcept { return released_; }
    /// The classes of these objects, those that others refer to first.
    [[nodiscard]] static std::vector<const Mapper*>
    sorted_mappers(const std::vector<InstanceState*>& states);
    /// Classes that are referred to before those that refer to them, else as given.
    [[nodiscard]] static std::vector<const Mapper*>
    parents_first(const std::vector<const Mapper*>& mappers);

private:
    using Parents = std::unordered_map<const InstanceState*, std::vector<const InstanceState*>>;

    [[nodiscard]] static std::vector<Step>
    levels(const Mapper& mapper, const std::vector<InstanceState*>& states, const Parents& parents);
    void postpone(const std::vector<Step>& steps);
    void release(const std::vector<Step>& steps);
    [[nodiscard]] InstanceState* stored_parent(InstanceState& child,
                                               const Relationship& relationship);

    Graph& graph_;
    const std::vector<Link>& links_;
    std::vector<Link> postponed_;
    std::vector<Link> released_;
};

} // namespace mercator
