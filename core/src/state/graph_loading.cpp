// SPDX-License-Identifier: MIT
#include <mercator/state/graph.hpp>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace mercator {

void Graph::set_one(InstanceState& owner, const Relationship& relationship, InstanceState* target) {
    if (relationship.direction == Direction::ManyToMany) {
        std::vector<InstanceState*> read;
        if (target != nullptr) read.push_back(target);
        const auto now = current_associates(owner, relationship, read);
        target = now.empty() ? nullptr : now.back();
    } else if (relationship.direction == Direction::OneToMany) {
        target = current_child(owner, relationship, target);
    }
    RelatedAccess::set(owner.one(relationship), target == nullptr ? nullptr : target->object());
    if (relationship.single_parent && target != nullptr) note_owner(owner, relationship, *target);
}

void Graph::set_one(InstanceState& owner, const Relationship& relationship,
                    const std::vector<InstanceState*>& targets) {
    set_one(owner, relationship, targets.empty() ? nullptr : targets.front());
    if (targets.size() > 1 && client_ != nullptr) client_->found_several(relationship);
}

void Graph::set_many(InstanceState& owner, const Relationship& relationship,
                     const std::vector<InstanceState*>& targets) {
    if (relationship.direction == Direction::ManyToMany) {
        set_associates(owner, relationship, targets);
        return;
    }
    RelatedMany& many = owner.many(relationship);
    RelatedAccess::unload(many);
    const Relationship* reverse = relationship.reverse;
    for (InstanceState* target : targets) {
        if (target->status == ObjectStatus::Deleted || has_moved_away(*target, owner, relationship))
            continue;
        RelatedAccess::push(many, target->object());
        if (reverse != nullptr && !reverse->is_collection &&
            !RelatedAccess::is_loaded(target->one(*reverse))) {
            set_one(*target, *reverse, &owner);
        }
    }
    // What was added in memory before the collection was loaded.
    std::unordered_set<const InstanceState*> there;
    for (const auto& link : links_) {
        if (link.parent != &owner || !link.child->mapper->is_a(*relationship.target) ||
            link.child->status == ObjectStatus::Transient) // let go before it was written
            continue;
        if (!same_foreign_key(*link.relationship, relationship)) continue;
        if (there.empty()) there.insert(targets.begin(), targets.end());
        if (there.insert(link.child).second) RelatedAccess::push(many, link.child->object());
    }
    RelatedAccess::set_loaded(many, true);
}

bool Graph::has_moved_away(const InstanceState& child, const InstanceState& parent,
                           const Relationship& relationship) const {
    const auto link = link_index_.find({&child, &relationship});
    return link != link_index_.end() && links_[link->second].parent != &parent;
}

/// What was found where there is room for one, with what was changed in memory since.
InstanceState* Graph::current_child(const InstanceState& parent, const Relationship& relationship,
                                    InstanceState* found) const {
    if (found != nullptr &&
        (found->status == ObjectStatus::Deleted || has_moved_away(*found, parent, relationship)))
        found = nullptr;
    if (relationship.view_only) return found;
    for (const auto& link : links_) {
        if (link.parent == &parent && link.child->mapper->is_a(*relationship.target) &&
            link.child->status != ObjectStatus::Transient &&
            same_foreign_key(*link.relationship, relationship))
            found = link.child;
    }
    return found;
}

void Graph::unload_relationships(InstanceState& state) noexcept {
    for (const auto& relationship : state.mapper->relationships()) {
        if (relationship.is_collection) {
            RelatedAccess::unload(state.many(relationship));
            members_.forget(state.many(relationship));
        } else {
            RelatedAccess::unload(state.one(relationship));
        }
    }
}

void Graph::follow_row(InstanceState& state, const ColumnSet& changed) {
    for (const auto& relationship : state.mapper->relationships()) {
        if (relationship.direction != Direction::ManyToOne || !touches(changed, relationship))
            continue;
        if (link_index_.contains({&state, &relationship}))
            continue; // what was assigned and not written stays
        RelatedOne& one = state.one(relationship);
        if (void* old = RelatedAccess::target(one);
            old != nullptr && relationship.reverse != nullptr) {
            take_from_collection(state_of(old), *relationship.reverse, state);
        }
        RelatedAccess::unload(one);
    }
}

void Graph::leave_parents(InstanceState& state) {
    for (const auto& relationship : state.mapper->relationships()) {
        if (relationship.direction == Direction::ManyToMany) leave_associates(state, relationship);
        if (relationship.direction != Direction::ManyToOne || relationship.reverse == nullptr)
            continue;
        InstanceState* parent = known_parent(state, relationship);
        if (parent != nullptr) take_from_collection(*parent, *relationship.reverse, state);
    }
    for_each_slab([&](Slab& slab) { leave_owners(state, slab.mapper()); });
}

/// Those of a class that hold the object while it has no member for them.
void Graph::leave_owners(InstanceState& state, const Mapper& owners) {
    for (const auto& relationship : owners.relationships()) {
        if (relationship.reverse != nullptr || !state.mapper->is_a(*relationship.target) ||
            relationship.view_only)
            continue;
        if (relationship.direction == Direction::ManyToMany) leave_associates(state, relationship);
        if (relationship.direction != Direction::OneToMany) continue;
        const auto link = link_index_.find({&state, &relationship});
        if (link == link_index_.end()) continue;
        InstanceState* const parent = links_[link->second].parent;
        if (parent == nullptr || parent->mapper != &owners) continue;
        take_from_collection(*parent, relationship, state);
        record(state, nullptr, relationship);
    }
}

void Graph::enter_parents(InstanceState& state) {
    for (const auto& relationship : state.mapper->relationships()) {
        if (relationship.direction != Direction::ManyToOne || relationship.reverse == nullptr)
            continue;
        InstanceState* parent = known_parent(state, relationship);
        if (parent == nullptr || is_in_collection(*parent, *relationship.reverse, state)) continue;
        if (!relationship.reverse->is_collection) {
            RelatedAccess::unload(parent->one(*relationship.reverse));
        } else if (RelatedAccess::is_loaded(parent->many(*relationship.reverse))) {
            RelatedAccess::push(parent->many(*relationship.reverse), state.object());
        }
    }
}

void Graph::drop_deleted(InstanceState& parent, const Relationship& relationship) {
    const auto is_gone = [](void* object) {
        return object != nullptr && state_of(object).flushed_delete;
    };
    if (relationship.is_collection) {
        std::erase_if(RelatedAccess::items(parent.many(relationship)),
                      [&](const auto& item) { return is_gone(item.get()); });
    } else if (is_gone(RelatedAccess::target(parent.one(relationship)))) {
        RelatedAccess::set(parent.one(relationship), nullptr);
    }
}

namespace {

bool has_foreign_key(const InstanceState& state, const Relationship& relationship) {
    if (relationship.direction != Direction::ManyToOne) return false;
    for (std::size_t pair = 0; pair < relationship.pairs.size(); ++pair) {
        const auto& property = state.mapper->columns()[child_column(relationship, pair)];
        if (property.is_unset(state.object() + property.field.offset)) return false;
    }
    return true;
}

} // namespace

void Graph::mark_loaded(InstanceState& state) noexcept {
    for (const auto& relationship : state.mapper->relationships()) {
        if (relationship.is_collection) {
            RelatedAccess::set_loaded(state.many(relationship), !is_never_held(relationship.lazy));
        } else {
            RelatedOne& one = state.one(relationship);
            if (RelatedAccess::target(one) != nullptr || !has_foreign_key(state, relationship)) {
                RelatedAccess::set(one, RelatedAccess::target(one));
            }
        }
    }
}

void Graph::connect_initial(InstanceState& state) {
    for (const auto& relationship : state.mapper->relationships()) {
        if (relationship.is_collection) {
            RelatedMany& many = state.many(relationship);
            const auto given = std::exchange(RelatedAccess::items(many), {});
            RelatedAccess::set_loaded(many, !is_never_held(relationship.lazy));
            for (const auto& item : given) append(state, relationship.index, item);
        } else {
            RelatedOne& one = state.one(relationship);
            const std::shared_ptr<void> given = RelatedAccess::held(one);
            RelatedAccess::set(one, nullptr);
            // A One left unset on an object that already carries the foreign key's value is to be
            // loaded, not empty.
            if (given) {
                assign(state, relationship.index, given);
            } else if (has_foreign_key(state, relationship)) {
                RelatedAccess::unload(one);
            }
        }
    }
}

namespace {

/// A copy: what is done with them may change the list.
std::vector<InstanceState*> held_by(InstanceState& state, const Relationship& relationship) {
    std::vector<InstanceState*> held;
    if (relationship.is_collection) {
        const RelatedMany& many = state.many(relationship);
        for (const auto& item : RelatedAccess::items(many)) held.push_back(&state_of(item.get()));
    } else if (void* target = RelatedAccess::target(state.one(relationship))) {
        held.push_back(&state_of(target));
    }
    return held;
}

/// Does the child stand with another parent by now? A rollback has put it back there, while the new
/// parent that left the session still shows it.
bool has_gone_back(Graph& graph, InstanceState& child, const InstanceState& parent,
                   const Relationship& relationship) {
    if (child.status == ObjectStatus::Transient) {
        if (relationship.reverse == nullptr) return false;
        const void* const other = RelatedAccess::target(child.one(*relationship.reverse));
        return other != nullptr && other != parent.object();
    }
    if (relationship.reverse != nullptr)
        return graph.known_parent(child, *relationship.reverse) != &parent;
    const auto& links = graph.links();
    return std::none_of(links.begin(), links.end(), [&](const Link& link) {
        return link.child == &child && link.parent == &parent &&
               same_foreign_key(*link.relationship, relationship);
    });
}

} // namespace

void Graph::connect_again(InstanceState& state) {
    for (const auto& relationship : state.mapper->relationships()) {
        if (relationship.view_only) continue;
        if (relationship.direction == Direction::ManyToMany) {
            associate_again(state, relationship);
            continue;
        }
        for (InstanceState* other : held_by(state, relationship)) {
            if (relationship.direction == Direction::OneToMany) {
                if (has_gone_back(*this, *other, state, relationship)) {
                    take_from_collection(state, relationship, *other);
                    continue;
                }
                record(*other, &state, relationship);
                // A rollback that took the child's row may have emptied its side.
                if (relationship.reverse != nullptr)
                    RelatedAccess::set(other->one(*relationship.reverse), state.object());
            } else {
                record(state, other, relationship);
                if (relationship.reverse != nullptr) {
                    take_from_collection(*other, *relationship.reverse, state);
                    put_into_collection(*other, *relationship.reverse, state);
                }
            }
            save_along(state, *other, relationship);
        }
    }
}

} // namespace mercator
