// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_context.hpp>
#include <mercator/state/graph.hpp>

#include <cstddef>
#include <memory>
#include <unordered_map>
#include <vector>

namespace mercator {

/// One `session.merge(object, MergeLoad::no)`: the session's objects get what objects outside of it
/// hold as what their rows have. Nothing is asked of the database, and nothing is a change.
class MergeAsRow {
public:
    explicit MergeAsRow(LoadContext& context) : context_(context), graph_(*context.graph()) {}

    /// As `Merge::run`. StateError where the source cannot be what a row has; what was merged by
    /// then stays.
    [[nodiscard]] InstanceState& run(const Mapper& mapper, std::byte* source, const Graph* home);

private:
    [[nodiscard]] InstanceState& take(const Mapper& mapper, std::byte* source, const Graph* home);
    static void check_source(const Mapper& mapper, std::byte* source, const Graph* home);
    [[nodiscard]] InstanceState& object_of(const Mapper& mapper, const std::byte* source);
    void take_columns(InstanceState& target, const std::byte* source);
    void take_related(InstanceState& target, std::byte* source, const Graph* home);
    [[nodiscard]] InstanceState& take_member(InstanceState& owner, const Relationship& relationship,
                                             const std::shared_ptr<void>& member,
                                             const Graph* home);

    LoadContext& context_;
    Graph& graph_;
    std::unordered_map<const std::byte*, InstanceState*> done_;
    struct Waiting {
        InstanceState* target;
        std::byte* source;
        const Graph* home;
    };
    std::vector<Waiting> waiting_; ///< in the order in which they were found
};

} // namespace mercator
