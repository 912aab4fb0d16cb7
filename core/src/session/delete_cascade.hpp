// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/state/graph.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace mercator {

/// What the deletes of one flush reached beyond the objects that `delete_` was called for, so that
/// it can be taken back when nothing is written after all.
class DeleteCascade {
public:
    /// Notes how things are before the first cascade.
    void begin(const Graph& graph, const std::vector<InstanceState*>& pending,
               const std::vector<InstanceState*>& deleted);
    /// The child is about to leave its parent, which is to be deleted.
    void note_letting_go(InstanceState& parent, const Relationship& relationship,
                         InstanceState& child);
    /// New objects that are not to be inserted after all.
    [[nodiscard]] std::vector<const InstanceState*> dropped() const;
    /// All is written: new objects that were dropped leave those that still show them.
    void leave(Graph& graph) const;
    /// Children that are deleted as well stay, children that were let go return, links are as they
    /// were.
    void take_back(Graph& graph, std::vector<InstanceState*>& pending,
                   std::vector<InstanceState*>& deleted);

private:
    struct LettingGo {
        InstanceState* parent;
        const Relationship* relationship;
        std::vector<std::shared_ptr<void>> members;            ///< of the parent's collection
        std::vector<std::pair<InstanceState*, bool>> children; ///< was their side loaded?
    };
    std::vector<LettingGo> let_go_;
    std::vector<Link> links_;
    std::vector<InstanceState*> pending_;
    std::size_t deleted_ = 0;
    bool begun_ = false;
};

} // namespace mercator
