// SPDX-License-Identifier: MIT
#include "key_sync.hpp"
#include "related_objects.hpp"
#include "session_core.hpp"

#include <mercator/loading/loader_strategy.hpp>
#include <mercator/loading/row_assembler.hpp>
#include <mercator/session/session.hpp>
#include <mercator/state/snapshot.hpp>

#include <algorithm>
#include <unordered_set>

namespace mercator {

Session::ValueChange Session::value_before(InstanceState& state, std::uint32_t offset,
                                           void* before) {
    const auto& columns = state.mapper->columns();
    const auto* property = &state.mapper->column_at(offset);
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [&](const auto& column) { return &column == property; });
    if (state.status == ObjectStatus::Pending || state.status == ObjectStatus::Transient)
        return ValueChange::Added;
    if (!state.is_tracked()) return ValueChange::None;
    const auto index = static_cast<std::size_t>(found - columns.begin());
    if (!changed_columns(*state.mapper, state.object(), state.snapshot).contains(index))
        return ValueChange::None;
    Field field = property->field;
    field.offset = 0;
    store(field, static_cast<std::byte*>(before),
          snapshot_value(*state.mapper, state.snapshot, index));
    return ValueChange::Changed;
}

namespace {

/// The value of a column in the object's row; NULL where there is no row yet.
Value value_in_row(const InstanceState& state, std::size_t column) {
    if (state.status == ObjectStatus::Pending || state.status == ObjectStatus::Transient) return {};
    return state.is_tracked() ? snapshot_value(*state.mapper, state.snapshot, column)
                              : load(state.mapper->columns()[column].field, state.object());
}

/// Does the child's row refer to the parent's, whatever was assigned since?
bool refers_in_rows(const InstanceState& child, const InstanceState& parent,
                    const Relationship& relationship) {
    for (std::size_t pair = 0; pair < relationship.pairs.size(); ++pair) {
        const Value key = value_in_row(parent, parent_column(relationship, pair));
        if (key.is_null() || !same_key(key, value_in_row(child, child_column(relationship, pair))))
            return false;
    }
    return true;
}

/// The parent that the child's row refers to; nullptr if it refers to none.
InstanceState* parent_in_rows(LoadContext& context, InstanceState& child,
                              const Relationship& relationship) {
    std::vector<Value> key;
    for (const auto index : relationship.target->primary_key()) {
        for (std::size_t pair = 0; pair < relationship.pairs.size(); ++pair) {
            if (parent_column(relationship, pair) == index)
                key.push_back(value_in_row(child, child_column(relationship, pair)));
        }
    }
    if (std::any_of(key.begin(), key.end(), [](const Value& value) { return value.is_null(); }))
        return nullptr;
    if (key.size() == relationship.target->primary_key().size())
        return load_by_key(context, *relationship.target, key, false);
    InstanceState* found = nullptr; // by a unique column: only memory is searched
    context.graph()->slab(*relationship.target).for_each([&](InstanceState& parent) {
        if (found == nullptr && refers_in_rows(child, parent, relationship)) found = &parent;
    });
    return found;
}

/// What was added and taken away is what the next flush writes.
template <class History>
void tell_associates(const Graph& graph, InstanceState& state, const Relationship& side,
                     const std::vector<InstanceState*>& now, History& history) {
    const Relationship& recorded = recorded_side(side);
    std::unordered_set<const InstanceState*> added;
    graph.associations().for_each_of(state, [&](const Association& change) {
        const bool is_owner = &recorded == &side;
        if (change.relationship != &recorded || (is_owner ? change.owner : change.target) != &state)
            return;
        InstanceState* other = is_owner ? change.target : change.owner;
        if (change.added) {
            added.insert(other);
        } else {
            history.deleted.push_back(other);
        }
    });
    for (InstanceState* other : now)
        (added.contains(other) ? history.added : history.unchanged).push_back(other);
}

} // namespace

Session::RelationshipHistory Session::relationship_history(InstanceState& state,
                                                           std::uint32_t offset) {
    const LoadContext::Use use(live(core_));
    const Relationship& relationship = state.mapper->relationship_at(offset);
    const bool is_child = relationship.direction == Direction::ManyToOne;
    RelationshipHistory history;
    const auto now = related_objects(live(core_), state, relationship);
    if (relationship.direction == Direction::ManyToMany) {
        tell_associates(*graph(), state, relationship, now, history);
        return history;
    }
    for (InstanceState* other : now) {
        const bool before = is_child ? refers_in_rows(state, *other, relationship)
                                     : refers_in_rows(*other, state, relationship);
        (before ? history.unchanged : history.added).push_back(other);
    }
    if (is_child) {
        if (!history.unchanged.empty()) return history;
        if (InstanceState* before = parent_in_rows(live(core_), state, relationship))
            history.deleted.push_back(before);
        return history;
    }
    for (const Link& link : graph()->links()) {
        if (link.parent == &state || !link.child->mapper->is_a(*relationship.target) ||
            !same_foreign_key(*link.relationship, relationship) ||
            !refers_in_rows(*link.child, state, relationship))
            continue;
        history.deleted.push_back(link.child);
    }
    return history;
}

} // namespace mercator
