// SPDX-License-Identifier: MIT
#include "orphans.hpp"

#include <mercator/loading/row_assembler.hpp>
#include <mercator/state/identity_key.hpp>
#include <mercator/state/snapshot.hpp>

#include <algorithm>

namespace mercator {

namespace {

bool is_kept(const InstanceState& state) {
    return state.status == ObjectStatus::Pending || state.status == ObjectStatus::Persistent;
}

bool deletes_orphans(const Relationship* relationship) {
    return relationship != nullptr && has(relationship->cascade, Cascade::delete_orphan);
}

/// The link's relationship as told by the one side or the other; nullptr if that has no member.
const Relationship* side_of(const Link& link, Direction direction) {
    return link.relationship->direction == direction ? link.relationship
                                                     : link.relationship->reverse;
}

} // namespace

std::vector<InstanceState*> Orphans::find() {
    found_.clear();
    for (std::size_t i = 0; i < graph_.links().size(); ++i) {
        const Link link = graph_.links()[i]; // a copy: what follows may load
        if (!is_kept(*link.child)) continue;
        if (link.parent == nullptr && deletes_orphans(side_of(link, Direction::OneToMany)))
            add(link.child);
        const Relationship* reference = side_of(link, Direction::ManyToOne);
        if (!deletes_orphans(reference) || !link.child->is_tracked()) continue;
        InstanceState* const before = stored_target(*link.child, *reference);
        if (before != nullptr && before != link.parent &&
            graph_.single_owner(*before, *reference) == nullptr)
            add(before);
    }
    for (const auto& loss : graph_.losses()) {
        if (graph_.single_owner(*loss.object, *loss.relationship) == nullptr) add(loss.object);
    }
    return std::move(found_);
}

void Orphans::add(InstanceState* state) {
    if (is_kept(*state) && std::find(found_.begin(), found_.end(), state) == found_.end())
        found_.push_back(state);
}

/// What the owner's row refers to, whatever its members say by now.
InstanceState* Orphans::stored_target(InstanceState& owner, const Relationship& relationship) {
    std::vector<Value> key;
    for (const auto index : relationship.target->primary_key()) {
        for (const auto& [own, theirs] : relationship.pairs) {
            if (theirs == index) key.push_back(snapshot_value(*owner.mapper, owner.snapshot, own));
        }
    }
    if (key.size() != relationship.target->primary_key().size() ||
        std::any_of(key.begin(), key.end(), [](const Value& value) { return value.is_null(); }))
        return nullptr;
    IdentityKey identity;
    identity_of(*relationship.target, key, identity);
    if (InstanceState* known = graph_.identities(*relationship.target).find(identity)) return known;
    return load_by_key(context_, *relationship.target, key, false);
}

} // namespace mercator
