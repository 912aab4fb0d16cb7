// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_context.hpp>
#include <mercator/state/column_set.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/state/instance_state.hpp>

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

namespace mercator {

/// In which order new objects are inserted and deleted ones removed: referred objects first, the
/// other way round for deletes. Depends on nothing but the order in which objects came to the
/// session, so the same program sends the same statements every time.
class FlushPlan {
public:
    FlushPlan(LoadContext& context, const std::vector<Link>& links) :
        context_(context),
        graph_(*context.graph()),
        links_(links) {}

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
    /// Steps of classes whose foreign keys go round in a circle: object by object.
    [[nodiscard]] std::vector<Step> circular_inserts(const std::vector<const Mapper*>& mappers,
                                                     const std::vector<InstanceState*>& states);
    void postpone(const std::vector<Step>& steps);
    [[nodiscard]] bool may_refer_to_absent_row(const Link& link);
    [[noreturn]] void throw_unresolvable(const Link& link) const;
    [[nodiscard]] std::string circle_of(const Link& link) const;
    void release(const std::vector<Step>& steps);
    [[nodiscard]] InstanceState* stored_parent(InstanceState& child,
                                               const Relationship& relationship);

    LoadContext& context_;
    Graph& graph_;
    const std::vector<Link>& links_;
    std::vector<Link> postponed_;
    std::vector<Link> released_;
};

} // namespace mercator
