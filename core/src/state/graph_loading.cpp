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
    const auto moved_away = [&](InstanceState& child) {
        const auto link = link_index_.find({&child, &relationship});
        return link != link_index_.end() && links_[link->second].parent != &owner;
    };
    for (InstanceState* target : targets) {
        if (target->status == ObjectStatus::Deleted || moved_away(*target)) continue;
        RelatedAccess::push(many, target->object());
        if (reverse != nullptr && !reverse->is_collection &&
            !RelatedAccess::is_loaded(target->one(*reverse))) {
            set_one(*target, *reverse, &owner);
        }
    }
    // What was added in memory before the collection was loaded.
    std::unordered_set<const InstanceState*> there;
    for (const auto& link : links_) {
        if (link.parent != &owner || link.child->mapper != relationship.target ||
            link.child->status == ObjectStatus::Transient) // let go before it was written
            continue;
        if (!same_foreign_key(*link.relationship, relationship)) continue;
        if (there.empty()) there.insert(targets.begin(), targets.end());
        if (there.insert(link.child).second) RelatedAccess::push(many, link.child->object());
    }
    RelatedAccess::set_loaded(many, true);
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

/// Does the child stand with another parent by now? A rollback has put it back there, while the new
/// parent that left the session still shows it.
bool has_gone_back(Graph& graph, InstanceState& child, const InstanceState& parent,
                   const Relationship& relationship) {
    if (child.status == ObjectStatus::Transient) return false;
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
        if (relationship.is_collection) {
            const auto items = RelatedAccess::items(
                state.many(relationship)); // a copy: children may change the list
            for (const auto& item : items) {
                InstanceState& child = state_of(item.get());
                if (has_gone_back(*this, child, state, relationship)) {
                    take_from_collection(state, relationship, child);
                    continue;
                }
                record(child, &state, relationship);
                save_along(state, child, relationship);
            }
            continue;
        }
        void* target = RelatedAccess::target(state.one(relationship));
        if (target == nullptr) continue;
        InstanceState& other = state_of(target);
        if (relationship.direction == Direction::OneToMany) {
            record(other, &state, relationship);
        } else {
            record(state, &other, relationship);
            if (relationship.reverse != nullptr) {
                take_from_collection(other, *relationship.reverse, state);
                put_into_collection(other, *relationship.reverse, state);
            }
        }
        save_along(state, other, relationship);
    }
}

} // namespace mercator
