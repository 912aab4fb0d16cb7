// SPDX-License-Identifier: MIT
#include <mercator/state/graph.hpp>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace mercator {

namespace {

bool is_known(InstanceState& owner, const Relationship& side) {
    return side.is_collection ? RelatedAccess::is_loaded(owner.many(side))
                              : RelatedAccess::is_loaded(owner.one(side));
}

/// Members that criteria of a query have left out may be related all the same.
bool is_whole(InstanceState& owner, const Relationship& side) {
    return is_known(owner, side) &&
           !(side.is_collection ? RelatedAccess::is_partial(owner.many(side))
                                : RelatedAccess::is_partial(owner.one(side)));
}

/// Does another row for the same two objects stand in the way of nothing?
bool may_repeat(const Relationship& side) {
    std::vector<std::string> columns;
    for (const auto& link : side.owner_links)
        columns.push_back(side.secondary->columns[link.link].name);
    for (const auto& link : side.target_links)
        columns.push_back(side.secondary->columns[link.link].name);
    return !side.secondary->has_unique(std::move(columns));
}

} // namespace

std::optional<bool> Graph::are_associated(InstanceState& owner, InstanceState& target,
                                          const Relationship& side) {
    if (const Association* change = associations_.find(owner, target, side)) return change->added;
    if (is_known(owner, side) && is_in_collection(owner, side, target)) return true;
    if (is_whole(owner, side)) return false;
    if (side.reverse == nullptr || side.reverse->view_only) return std::nullopt;
    if (is_known(target, *side.reverse) && is_in_collection(target, *side.reverse, owner))
        return true;
    if (is_whole(target, *side.reverse)) return false;
    return std::nullopt;
}

/// Nothing is read for it: where neither side is loaded, the pair is added to what loading finds.
void Graph::associate(InstanceState& owner, InstanceState& target, const Relationship& side) {
    if (are_associated(owner, target, side).value_or(false)) return;
    associations_.record({&owner, &target, &side});
    show_associate(owner, side, target);
    if (side.reverse != nullptr) show_associate(target, *side.reverse, owner);
    note_owner(owner, side, target);
    save_along(owner, target, side);
    if (side.reverse == nullptr) return;
    note_owner(target, *side.reverse, owner);
    save_along(target, owner, *side.reverse);
}

void Graph::dissociate(InstanceState& owner, InstanceState& target, const Relationship& side) {
    const auto before = are_associated(owner, target, side);
    if (before.has_value() && !*before) return;
    associations_.record({&owner, &target, &side, false, before.has_value()});
    take_from_collection(owner, side, target);
    if (side.reverse != nullptr) take_from_collection(target, *side.reverse, owner);
    note_loss(target, side);
    if (side.reverse != nullptr) note_loss(owner, *side.reverse);
}

/// A side with room for one has to know whose place a new one takes, so it is loaded first.
void Graph::assign_associate(InstanceState& owner, const Relationship& side,
                             InstanceState* target) {
    know_whose_place(owner, side);
    void* old = RelatedAccess::target(owner.one(side));
    if (old == (target == nullptr ? nullptr : target->object())) return;
    if (old != nullptr) dissociate(owner, state_of(old), side);
    if (target != nullptr) associate(owner, *target, side);
}

/// Puts the target into the owner's member, if that is known.
void Graph::show_associate(InstanceState& owner, const Relationship& side, InstanceState& target) {
    if (side.is_collection) {
        RelatedMany& many = owner.many(side);
        if (RelatedAccess::is_loaded(many) && !members_.find(many, target.object()))
            RelatedAccess::push(many, target.object());
        return;
    }
    RelatedOne& one = owner.one(side);
    know_whose_place(owner, side);
    void* old = RelatedAccess::target(one);
    if (old == target.object()) return;
    if (old != nullptr) dissociate(owner, state_of(old), side);
    RelatedAccess::set(one, target.object());
}

/// What was loaded, with what was changed in memory since.
std::vector<InstanceState*> Graph::current_associates(InstanceState& owner,
                                                      const Relationship& side,
                                                      const std::vector<InstanceState*>& targets) {
    std::vector<InstanceState*> members;
    members.reserve(targets.size());
    for (InstanceState* target : targets) {
        if (target->status == ObjectStatus::Deleted) continue;
        if (Association* change = associations_.find(owner, *target, side)) {
            if (!change->added) {
                change->row_was_seen = true;
                continue;
            }
            associations_.forget(owner, *target, side); // somebody else has added it already
        }
        members.push_back(target);
    }
    if (side.view_only || associations_.empty()) return members;
    const Relationship& recorded = recorded_side(side);
    associations_.for_each_of(owner, [&](const Association& change) {
        if (!change.added || change.relationship != &recorded) return;
        if (&recorded == &side && change.owner == &owner) {
            members.push_back(change.target);
        } else if (&recorded != &side && change.target == &owner) {
            members.push_back(change.owner);
        }
    });
    return members;
}

void Graph::set_associates(InstanceState& owner, const Relationship& side,
                           const std::vector<InstanceState*>& targets) {
    auto members = current_associates(owner, side, targets);
    if (members.size() > 1 && may_repeat(side)) {
        std::unordered_set<const InstanceState*> there;
        std::erase_if(members, [&](InstanceState* member) { return !there.insert(member).second; });
    }
    RelatedMany& many = owner.many(side);
    RelatedAccess::unload(many);
    for (InstanceState* member : members) RelatedAccess::push(many, member->object());
    RelatedAccess::set_loaded(many, true);
    if (!side.single_parent) return;
    for (InstanceState* member : members) note_owner(owner, side, *member);
}

void Graph::associate_again(InstanceState& state, const Relationship& side) {
    std::vector<std::shared_ptr<void>> members; // a copy: saving them may change the list
    if (side.is_collection) {
        members = std::as_const(RelatedAccess::items(state.many(side)));
    } else if (const auto& held = RelatedAccess::held(state.one(side))) {
        members.push_back(held);
    }
    for (const auto& member : members) {
        InstanceState& target = state_of(member.get());
        associations_.record({&state, &target, &side});
        if (side.reverse != nullptr) show_associate(target, *side.reverse, state);
        save_along(state, target, side);
    }
}

/// A new object that is not to be saved any more leaves those it was given to.
void Graph::leave_associates(InstanceState& state, const Relationship& side) {
    std::vector<std::pair<InstanceState*, InstanceState*>> pairs;
    const Relationship& recorded = recorded_side(side);
    associations_.for_each_of(state, [&](const Association& change) {
        if (change.relationship == &recorded) pairs.emplace_back(change.owner, change.target);
    });
    for (const auto& [owner, target] : pairs) {
        associations_.forget(*owner, *target, recorded);
        if (target == &state) {
            take_from_collection(*owner, recorded, state);
        } else if (recorded.reverse != nullptr) {
            take_from_collection(*target, *recorded.reverse, state);
        }
    }
}

void Graph::clear_written_associations() {
    if (associations_.empty()) return;
    std::vector<Association> kept;
    associations_.for_each([&](const Association& change) {
        if (change.owner->status == ObjectStatus::Detached ||
            change.target->status == ObjectStatus::Detached)
            kept.push_back(change);
    });
    associations_.clear();
    for (const auto& change : kept) associations_.record(change);
}

void Graph::restore_associations(const std::vector<Association>& earlier) {
    if (earlier.empty()) return;
    std::vector<Association> later;
    associations_.for_each([&](const Association& change) { later.push_back(change); });
    associations_.clear();
    const auto put_back = [&](const Association& change) {
        if (change.owner->status != ObjectStatus::Transient &&
            change.target->status != ObjectStatus::Transient)
            associations_.record(change);
    };
    for (const auto& change : earlier) put_back(change);
    for (const auto& change : later) associations_.record(change);
}

void Graph::drop_deleted_elsewhere(const std::vector<const Mapper*>& classes) {
    const auto is_told_by_child = [](const Relationship& side) {
        return side.direction == Direction::ManyToOne ||
               (side.direction == Direction::OneToMany && side.reverse != nullptr);
    };
    for (const auto& slab : slabs_) {
        if (!slab) continue;
        for (const auto& side : slab->mapper().relationships()) {
            if (is_told_by_child(side) ||
                std::none_of(classes.begin(), classes.end(), [&](const Mapper* gone) {
                    return gone->is_a(*side.target);
                }))
                continue;
            slab->for_each([&](InstanceState& owner) {
                if (is_known(owner, side)) drop_deleted(owner, side);
            });
        }
    }
}

} // namespace mercator
