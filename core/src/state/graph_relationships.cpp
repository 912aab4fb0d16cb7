// SPDX-License-Identifier: MIT
#include <mercator/state/graph.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {

namespace {

InstanceState& as_state(RelationshipOwner& owner) {
    return static_cast<InstanceState&>(owner);
}

} // namespace

void Graph::load(RelationshipOwner& owner, std::uint16_t index) {
    InstanceState& state = as_state(owner);
    const Relationship& relationship = state.mapper->relationships()[index];
    if (client_ == nullptr || state.status == ObjectStatus::Detached) {
        throw DetachedError(
            fmt::format(
                "{} was not loaded while its session lived; load it before the session ends, for "
                "instance by touching it",
                relationship.where),
            relationship.where);
    }
    client_->load_relationship(state, relationship);
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

void Graph::check_given(const Mapper& mapper, const std::byte* object) const {
    for (const auto& relationship : mapper.relationships()) {
        const std::byte* member = object + relationship.offset;
        if (relationship.is_collection) {
            for (const auto& item :
                 RelatedAccess::items(*reinterpret_cast<const RelatedMany*>(member))) {
                own_state(item, relationship);
            }
        } else if (const auto& target =
                       RelatedAccess::held(*reinterpret_cast<const RelatedOne*>(member))) {
            own_state(target, relationship);
        }
    }
}

void Graph::assign(RelationshipOwner& owner, std::uint16_t index,
                   const std::shared_ptr<void>& target) {
    InstanceState& state = as_state(owner);
    const Relationship& relationship = state.mapper->relationships()[index];
    InstanceState* other = target ? &own_state(target, relationship) : nullptr;
    if (relationship.direction == Direction::ManyToOne) {
        assign_parent(state, relationship, other);
    } else {
        assign_child(state, relationship, other);
    }
}

void Graph::append(RelationshipOwner& owner, std::uint16_t index,
                   const std::shared_ptr<void>& target) {
    InstanceState& parent = as_state(owner);
    const Relationship& relationship = parent.mapper->relationships()[index];
    connect(own_state(target, relationship), parent, relationship);
}

void Graph::remove(RelationshipOwner& owner, std::uint16_t index, const void* target) {
    InstanceState& parent = as_state(owner);
    const Relationship& relationship = parent.mapper->relationships()[index];
    RelatedMany& many = parent.many(relationship);
    many.load();
    if (target == nullptr) return;
    InstanceState& child =
        state_of(const_cast<void*>(target)); // looked into only once it is known to be a member
    if (!is_in_collection(parent, relationship, child)) return;
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
    InstanceState* const old = link != link_index_.end() ? links_[link->second].parent
                                                         : parent_by_key(child, relationship);
    if (old != nullptr && old != &parent) take_from_collection(*old, relationship, child);
    record(child, &parent, relationship);
    if (old != &parent || !is_in_collection(parent, relationship, child))
        put_into_collection(parent, relationship, child);
    if (client_ != nullptr) client_->cascade_save(child);
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

/// The object that the child's foreign key refers to, if it is in memory.
InstanceState* Graph::parent_by_key(InstanceState& child, const Relationship& relationship) {
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
    return identities(parent).find(key);
}

void Graph::assign_parent(InstanceState& child, const Relationship& relationship,
                          InstanceState* parent) {
    InstanceState* old = known_parent(child, relationship);
    RelatedOne& one = child.one(relationship);
    if (old == parent && RelatedAccess::is_loaded(one)) return;
    if (old != nullptr && old != parent && relationship.reverse != nullptr)
        take_from_collection(*old, *relationship.reverse, child);
    RelatedAccess::set(one, parent == nullptr ? nullptr : parent->object());
    record(child, parent, relationship);
    if (parent == nullptr) return;
    // A new child may name its parent by the foreign key before it stands in the parent's
    // collection.
    if (relationship.reverse != nullptr &&
        (old != parent || !is_in_collection(*parent, *relationship.reverse, child))) {
        put_into_collection(*parent, *relationship.reverse, child);
    }
    if (client_ != nullptr) {
        client_->cascade_save(*parent);
        client_->cascade_save(child);
    }
}

/// One-to-one, told by the side that has no foreign key.
void Graph::assign_child(InstanceState& parent, const Relationship& relationship,
                         InstanceState* child) {
    RelatedOne& one = parent.one(relationship);
    if (!RelatedAccess::is_loaded(one)) load(parent, relationship.index);
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
        if (client_ != nullptr) client_->cascade_save(*child);
    }
}

bool Graph::is_in_collection(InstanceState& parent, const Relationship& relationship,
                             const InstanceState& child) {
    if (!relationship.is_collection)
        return RelatedAccess::target(parent.one(relationship)) == child.object();
    const auto& items = RelatedAccess::items(parent.many(relationship));
    return std::any_of(items.rbegin(), items.rend(),
                       [&](const auto& item) { return item.get() == child.object(); });
}

void Graph::take_from_collection(InstanceState& parent, const Relationship& relationship,
                                 const InstanceState& child) {
    if (!relationship.is_collection) {
        RelatedOne& one = parent.one(relationship);
        if (RelatedAccess::target(one) == child.object()) RelatedAccess::set(one, nullptr);
        return;
    }
    auto& items = RelatedAccess::items(parent.many(relationship));
    // From the end: what empties a collection goes backwards.
    const auto found = std::find_if(items.rbegin(), items.rend(),
                                    [&](const auto& item) { return item.get() == child.object(); });
    if (found != items.rend()) items.erase(std::next(found).base());
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
    RelatedMany& many = parent.many(relationship);
    if (!RelatedAccess::is_loaded(many))
        return;                                // the link is applied when the collection is loaded
    RelatedAccess::push(many, child.object()); // callers know that it is not there yet
}

} // namespace mercator
