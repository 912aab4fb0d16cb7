// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/code_place.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

namespace mercator {

struct InstanceState;
struct LoadNode; // loading/load_node.hpp; known here by name only

/// The objects that one result brought together. Touching an unloaded relationship or column of one
/// can load it for all of them. It owns nothing, and lives in its graph as long as an object still
/// counts it as its latest result. Belongs to the session's thread.
struct LoadBatch {
    std::vector<InstanceState*> members; ///< each once, in the order of the result
    /// What the query's options said about these objects, for what is loaded later.
    std::shared_ptr<const LoadNode> options;
    CodePlace place; ///< where the user's code asked for them, or for those that they hang from
    /// How often a relationship (by index) was loaded for one of them alone.
    std::vector<std::uint32_t> single_loads;
    std::size_t users = 0; ///< objects whose latest result this is
};

/// The batches of a graph. An object met again in a later result belongs to that one from then on.
class MERCATOR_API LoadBatches {
public:
    /// A batch of these objects; one that a join brought several times is a member once.
    LoadBatch& make(std::span<InstanceState* const> objects,
                    std::shared_ptr<const LoadNode> options, CodePlace place);
    /// The object leaves its batch: its session has let it go.
    void leave(InstanceState& state) noexcept;
    void clear() noexcept { batches_.clear(); }
    [[nodiscard]] std::size_t size() const noexcept { return batches_.size(); }

private:
    void drop(LoadBatch& batch) noexcept;
    std::unordered_map<const LoadBatch*, std::unique_ptr<LoadBatch>> batches_;
};

} // namespace mercator
