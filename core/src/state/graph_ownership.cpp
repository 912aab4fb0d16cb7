// SPDX-License-Identifier: MIT
// Who holds whom: cascades while relationships change, and targets that have one owner at most.
#include <mercator/state/graph.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {

namespace {

bool is_kept(const InstanceState& state) {
    return state.status == ObjectStatus::Pending || state.status == ObjectStatus::Persistent;
}

bool holds(InstanceState& owner, const Relationship& relationship, const InstanceState& target) {
    if (!relationship.is_collection)
        return RelatedAccess::target(owner.one(relationship)) == target.object();
    const auto& items = RelatedAccess::items(owner.many(relationship));
    return std::any_of(items.begin(), items.end(),
                       [&](const auto& item) { return item.get() == target.object(); });
}

bool has_one_owner(const Relationship& relationship) {
    return relationship.single_parent || has(relationship.cascade, Cascade::delete_orphan);
}

} // namespace

void Graph::save_along(const InstanceState& from, InstanceState& to,
                       const Relationship& relationship) {
    if (client_ == nullptr || to.status != ObjectStatus::Transient || !is_kept(from)) return;
    if (has(relationship.cascade, Cascade::save_update)) client_->cascade_save(to);
}

InstanceState* Graph::single_owner(InstanceState& target, const Relationship& relationship) {
    const auto noted = owners_.find({&target, &relationship});
    if (noted != owners_.end() && is_kept(*noted->second) &&
        holds(*noted->second, relationship, target))
        return noted->second;
    if (relationship.reverse == nullptr) return nullptr;
    const Relationship& reverse = *relationship.reverse;
    std::vector<void*> others;
    if (reverse.is_collection) {
        for (const auto& item : RelatedAccess::items(target.many(reverse)))
            others.push_back(item.get());
    } else if (void* other = RelatedAccess::target(target.one(reverse))) {
        others.push_back(other);
    }
    for (void* other : others) {
        if (is_kept(state_of(other))) return &state_of(other);
    }
    return nullptr;
}

void Graph::check_single_parent(const InstanceState& owner, const Relationship& relationship,
                                InstanceState& target) {
    if (!relationship.single_parent) return;
    const InstanceState* other = single_owner(target, relationship);
    if (other == nullptr || other == &owner) return;
    throw StateError(
        fmt::format("{} holds this {} already for another {}, and single_parent allows one only; "
                    "take it from there first",
                    relationship.where, target.mapper->class_name(), owner.mapper->class_name()),
        relationship.where);
}

void Graph::note_owner(InstanceState& owner, const Relationship& relationship,
                       InstanceState& target) {
    if (has_one_owner(relationship)) owners_[{&target, &relationship}] = &owner;
}

void Graph::note_loss(InstanceState& target, const Relationship& relationship) {
    if (has(relationship.cascade, Cascade::delete_orphan))
        losses_.push_back({&target, &relationship});
}

} // namespace mercator
