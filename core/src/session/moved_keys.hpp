// SPDX-License-Identifier: MIT
#pragma once

#include "transaction_record.hpp"

#include <mercator/loading/load_context.hpp>
#include <mercator/state/graph.hpp>

#include <cstdint>
#include <vector>

namespace mercator {

/// What a change of a row's key means for the rows that refer to it. With ON UPDATE CASCADE the
/// database takes them along, and what is in memory has to follow; where it would refuse, those
/// that can be without a parent let go of it for the time of the change.
class MovedKeys {
public:
    MovedKeys(LoadContext& context, TransactionRecord& record) :
        context_(context),
        graph_(*context.graph()),
        record_(record) {}

    /// Children, loaded where they were not, that have to let go of `parent` before its key
    /// changes.
    [[nodiscard]] std::vector<Link> children_to_release(InstanceState& parent);
    /// After the parent's row has its new key, which its members hold: the children in memory get
    /// it, too. Returns those that still have to be written. `row_before` is the parent's snapshot
    /// of the old row.
    void take_along(InstanceState& parent, const std::byte* row_before,
                    std::vector<InstanceState*>& to_write);

    /// The same for those that had let go: they refer to the parent again, unless they were given
    /// another one.
    void take_back(InstanceState& parent, const std::byte* row_before,
                   const std::vector<Link>& let_go, std::vector<InstanceState*>& to_write);

    /// Does the child's row refer to the parent's, as both are in the database?
    [[nodiscard]] static bool refers(const InstanceState& child, const ForeignKey& key,
                                     const InstanceState& parent, const std::byte* parent_row);

private:
    void take_child_along(InstanceState& child, const ForeignKey& key, InstanceState& parent,
                          std::vector<InstanceState*>& to_write);

    LoadContext& context_;
    Graph& graph_;
    TransactionRecord& record_;
};

} // namespace mercator
