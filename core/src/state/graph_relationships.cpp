// SPDX-License-Identifier: MIT
#include <mercator/state/graph.hpp>

#include "mapping/refusal.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace mercator {

namespace {

InstanceState& as_state(RelationshipOwner& owner) {
    return static_cast<InstanceState&>(owner);
}

} // namespace

void Graph::load(RelationshipOwner& owner, std::uint16_t index) {
    InstanceState& state = as_state(owner);
    const Relationship& relationship = state.mapper->relationships()[index];
    if (is_never_held(relationship.lazy)) {
        throw StateError(fmt::format("{} is never held in memory as a whole (Lazy::dynamic or "
                                     "Lazy::write_only); use query(), slice(), add() and remove()",
                                     relationship.where),
                         relationship.where);
    }
    client_of(state, relationship).load_relationship(state, relationship);
}

InstanceState& Graph::own_state(const std::shared_ptr<void>& target,
                                const Relationship& relationship) const {
    const Graph* graph = of(target);
    if (graph == nullptr) {
        throw StateError(fmt::format("the object given to {} is not known to any session; add it "
                                     "with session.add(...) and "
                                     "use the handle that this returns",
                                     relationship.where),
                         relationship.where);
    }
    if (graph != this) {
        throw StateError(
            fmt::format(
                "the object given to {} belongs to another session; load it in this session first",
                relationship.where),
            relationship.where);
    }
    return state_of(target.get());
}

namespace {

void check_may_change(const Relationship& relationship) {
    if (!relationship.view_only) return;
    throw StateError(
        fmt::format("{} is for reading only (viewonly): a change of it would not be written; "
                    "change the relationships or members that its rows come from",
                    relationship.where),
        relationship.where);
}

} // namespace

namespace {

void run_validator(const Relationship& relationship, const void* owner, const void* target) {
    if (auto why = refusal([&] { relationship.validate(owner, target); })) {
        throw ValidationError(std::string(relationship.owner->class_name()),
                              {{relationship.where, std::move(*why)}});
    }
}

/// Both sides may have something against it.
void check_accepted(const Relationship& relationship, const void* owner, const void* target) {
    if (relationship.validate) [[unlikely]]
        run_validator(relationship, owner, target);
    const Relationship* reverse = relationship.reverse;
    if (reverse != nullptr && reverse->validate && reverse->validate_back_references) [[unlikely]]
        run_validator(*reverse, target, owner);
}

} // namespace

void Graph::check_given(const Mapper& mapper, const std::byte* object) const {
    for (const auto& relationship : mapper.relationships()) {
        const std::byte* member = object + relationship.offset;
        if (relationship.is_collection) {
            for (const auto& item :
                 RelatedAccess::items(*reinterpret_cast<const RelatedMany*>(member))) {
                check_may_change(relationship);
                check_accepted(relationship, object, own_state(item, relationship).object());
            }
        } else if (const auto& target =
                       RelatedAccess::held(*reinterpret_cast<const RelatedOne*>(member))) {
            check_may_change(relationship);
            check_accepted(relationship, object, own_state(target, relationship).object());
        }
    }
}

void Graph::assign(RelationshipOwner& owner, std::uint16_t index,
                   const std::shared_ptr<void>& target) {
    InstanceState& state = as_state(owner);
    const Relationship& relationship = state.mapper->relationships()[index];
    check_may_change(relationship);
    InstanceState* other = target ? &own_state(target, relationship) : nullptr;
    if (observer_ != nullptr) [[unlikely]]
        other = tell_set(state, relationship, other);
    if (other != nullptr) {
        check_single_parent(state, relationship, *other);
        check_accepted(relationship, state.object(), other->object());
    }
    if (relationship.direction == Direction::ManyToOne) {
        assign_parent(state, relationship, other);
    } else if (relationship.direction == Direction::ManyToMany) {
        assign_associate(state, relationship, other);
    } else {
        assign_child(state, relationship, other);
    }
}

void Graph::append(RelationshipOwner& owner, std::uint16_t index,
                   const std::shared_ptr<void>& target) {
    InstanceState& parent = as_state(owner);
    const Relationship& relationship = parent.mapper->relationships()[index];
    check_may_change(relationship);
    InstanceState* other = &own_state(target, relationship);
    if (observer_ != nullptr) [[unlikely]]
        other = tell_append(parent, relationship, *other);
    check_single_parent(parent, relationship, *other);
    check_accepted(relationship, parent.object(), other->object());
    if (relationship.direction == Direction::ManyToMany) {
        associate(parent, *other, relationship);
    } else {
        connect(*other, parent, relationship);
    }
}

void Graph::remove(RelationshipOwner& owner, std::uint16_t index, const void* target) {
    InstanceState& parent = as_state(owner);
    const Relationship& relationship = parent.mapper->relationships()[index];
    check_may_change(relationship);
    if (observer_ != nullptr && target != nullptr) [[unlikely]]
        tell_remove(parent, relationship, state_of(const_cast<void*>(target)));
    note_list(parent, relationship);
    if (relationship.direction == Direction::ManyToMany) {
        if (target != nullptr)
            dissociate(parent, state_of(const_cast<void*>(target)), relationship);
        return;
    }
    if (target == nullptr) return;
    InstanceState& child = state_of(const_cast<void*>(target));
    if (RelatedAccess::is_loaded(parent.many(relationship))
            ? !is_in_collection(parent, relationship, child)
            : !is_child(parent, relationship, child)) {
        return;
    }
    if (relationship.reverse != nullptr) {
        assign_parent(child, *relationship.reverse, nullptr);
        return;
    }
    record(child, nullptr, relationship);
    take_from_collection(parent, relationship, child);
}

/// `child` now belongs to `parent`, told by the parent's side.
void Graph::connect(InstanceState& child, InstanceState& parent, const Relationship& relationship) {
    if (relationship.reverse != nullptr) {
        assign_parent(child, *relationship.reverse, &parent);
        return;
    }
    // Without a member on the child's side, the last change or else the foreign key tells where the
    // child stands now.
    const auto link = link_index_.find({&child, &relationship});
    InstanceState* old = link != link_index_.end() ? links_[link->second].parent
                                                   : parent_by_key(child, relationship);
    if (old != nullptr && !old->mapper->is_a(*relationship.owner)) old = nullptr; // of another kind
    if (old != nullptr && old != &parent) take_from_collection(*old, relationship, child);
    record(child, &parent, relationship);
    if (old != &parent || !is_in_collection(parent, relationship, child))
        put_into_collection(parent, relationship, child);
    save_along(parent, child, relationship);
}

/// The parent that the child is known to have, without asking the database.
InstanceState* Graph::known_parent(InstanceState& child, const Relationship& relationship) {
    RelatedOne& one = child.one(relationship);
    if (RelatedAccess::is_loaded(one)) {
        void* target = RelatedAccess::target(one);
        return target == nullptr ? nullptr : &state_of(target);
    }
    return parent_by_key(child, relationship);
}

namespace {

/// Does the child's row say that its key refers to this class, where it may refer to several?
bool is_of_kind(const InstanceState& child, const Relationship& relationship) {
    const bool child_owns = relationship.direction == Direction::ManyToOne;
    return std::all_of(relationship.discriminators.begin(), relationship.discriminators.end(),
                       [&](const Relationship::Discriminator& part) {
                           return part.on_owner != child_owns ||
                                  mercator::load(child.mapper->columns()[part.column].field,
                                                 child.object()) == part.value;
                       });
}

} // namespace

/// The child's key refers to this class from now on, and to no other.
void Graph::set_kind(InstanceState& child, const Relationship& relationship) {
    const bool child_owns = relationship.direction == Direction::ManyToOne;
    for (const auto& part : relationship.discriminators) {
        if (part.on_owner == child_owns)
            store(child.mapper->columns()[part.column].field, child.object(), part.value);
    }
    for (const auto& other : child.mapper->relationships()) {
        if (other.direction != Direction::ManyToOne || other.discriminators.empty() ||
            !same_foreign_key(other, relationship) || is_of_kind(child, other))
            continue;
        RelatedOne& one = child.one(other);
        void* const old = RelatedAccess::target(one);
        if (old != nullptr && other.reverse != nullptr)
            take_from_collection(state_of(old), *other.reverse, child);
        RelatedAccess::set(one, nullptr);
    }
}

/// The object that the child's foreign key refers to, if it is in memory.
InstanceState* Graph::parent_by_key(InstanceState& child, const Relationship& relationship) {
    if (!is_of_kind(child, relationship)) return nullptr;
    const Mapper& parent =
        relationship.direction == Direction::ManyToOne ? *relationship.target : *relationship.owner;
    std::vector<Value> values;
    for (const auto index : parent.primary_key()) {
        for (std::size_t pair = 0; pair < relationship.pairs.size(); ++pair) {
            if (parent_column(relationship, pair) != index) continue;
            values.push_back(mercator::load(
                child.mapper->columns()[child_column(relationship, pair)].field, child.object()));
        }
    }
    const bool by_key =
        values.size() == parent.primary_key().size() &&
        std::none_of(values.begin(), values.end(), [](const Value& v) { return v.is_null(); });
    if (!by_key) return nullptr;
    IdentityKey key;
    try {
        identity_of(parent, values, key);
    } catch (const DataError&) {
        return nullptr; // a number that no key of the parent's class can have
    }
    InstanceState* const found = identities(parent).find(key);
    return found == nullptr || found->mapper->is_a(parent) ? found : nullptr;
}

void Graph::assign_parent(InstanceState& child, const Relationship& relationship,
                          InstanceState* parent) {
    InstanceState* old = known_parent(child, relationship);
    RelatedOne& one = child.one(relationship);
    if (old == parent && RelatedAccess::is_loaded(one)) return;
    if (parent != nullptr && relationship.reverse != nullptr && !relationship.reverse->view_only &&
        parent->status == ObjectStatus::Persistent && client_ != nullptr)
        know_whose_place(*parent, *relationship.reverse);
    if (old != nullptr && old != parent) {
        note_loss(*old, relationship);
        if (relationship.reverse != nullptr)
            take_from_collection(*old, *relationship.reverse, child);
    }
    RelatedAccess::set(one, parent == nullptr ? nullptr : parent->object());
    record(child, parent, relationship);
    if (parent == nullptr) return;
    note_owner(child, relationship, *parent);
    // A new child may name its parent by the foreign key before it stands in the parent's
    // collection.
    if (relationship.reverse != nullptr &&
        (old != parent || !is_in_collection(*parent, *relationship.reverse, child))) {
        put_into_collection(*parent, *relationship.reverse, child);
    }
    save_along(child, *parent, relationship);
    if (relationship.reverse != nullptr) save_along(*parent, child, *relationship.reverse);
}

void Graph::know_whose_place(InstanceState& owner, const Relationship& relationship) {
    if (!relationship.is_collection && !RelatedAccess::is_loaded(owner.one(relationship)))
        client_of(owner, relationship).load_for_change(owner, relationship);
}

/// One-to-one, told by the side that has no foreign key.
void Graph::assign_child(InstanceState& parent, const Relationship& relationship,
                         InstanceState* child) {
    RelatedOne& one = parent.one(relationship);
    know_whose_place(parent, relationship);
    void* old = RelatedAccess::target(one);
    if (old == (child == nullptr ? nullptr : child->object())) return;
    if (old != nullptr) {
        if (relationship.reverse != nullptr) {
            assign_parent(state_of(old), *relationship.reverse, nullptr);
        } else {
            record(state_of(old), nullptr, relationship);
        }
    }
    RelatedAccess::set(one, child == nullptr ? nullptr : child->object());
    if (child == nullptr) return;
    if (relationship.reverse != nullptr) {
        assign_parent(*child, *relationship.reverse, &parent);
    } else {
        record(*child, &parent, relationship);
        save_along(parent, *child, relationship);
    }
}

bool Graph::is_in_collection(InstanceState& parent, const Relationship& relationship,
                             const InstanceState& child) {
    if (!relationship.is_collection)
        return RelatedAccess::target(parent.one(relationship)) == child.object();
    return members_.find(parent.many(relationship), child.object()).has_value();
}

void Graph::take_from_collection(InstanceState& parent, const Relationship& relationship,
                                 const InstanceState& child) {
    if (!relationship.is_collection) {
        RelatedOne& one = parent.one(relationship);
        if (RelatedAccess::target(one) == child.object()) RelatedAccess::set(one, nullptr);
        return;
    }
    if (members_.take_out(parent.many(relationship), child.object()))
        note_list(parent, relationship);
}

void Graph::put_into_collection(InstanceState& parent, const Relationship& relationship,
                                InstanceState& child) {
    if (!relationship.is_collection) {
        RelatedOne& one = parent.one(relationship);
        void* old = RelatedAccess::target(one);
        RelatedAccess::set(one, child.object());
        if (old != nullptr && old != child.object() && relationship.reverse != nullptr) {
            RelatedAccess::set(state_of(old).one(*relationship.reverse), nullptr);
            record(state_of(old), nullptr, *relationship.reverse);
        }
        return;
    }
    note_list(parent, relationship);
    RelatedMany& many = parent.many(relationship);
    if (!RelatedAccess::is_loaded(many))
        return;                                // the link is applied when the collection is loaded
    RelatedAccess::push(many, child.object()); // callers know that it is not there yet
}

} // namespace mercator
