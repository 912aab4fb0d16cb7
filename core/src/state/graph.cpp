// SPDX-License-Identifier: MIT
#include <mercator/state/graph.hpp>

#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace mercator {

GraphClient::~GraphClient() = default;

std::uint16_t child_column(const Relationship& relationship, std::size_t pair) noexcept {
    const auto& columns = relationship.pairs[pair];
    return relationship.direction == Direction::ManyToOne ? columns.first : columns.second;
}

std::uint16_t parent_column(const Relationship& relationship, std::size_t pair) noexcept {
    const auto& columns = relationship.pairs[pair];
    return relationship.direction == Direction::ManyToOne ? columns.second : columns.first;
}

std::shared_ptr<Graph> Graph::create() {
    auto* raw = new Graph();
    std::shared_ptr<Graph> graph(raw, Deleter{raw});
    raw->self_ = graph;
    return graph;
}

Graph::~Graph() {
    client_ = nullptr;
    slabs_.clear();
}

Graph* Graph::of(const std::shared_ptr<void>& handle) noexcept {
    // The deleter in the control block is the proof that one of our graphs made this handle.
    const auto* deleter = std::get_deleter<Deleter>(handle);
    return deleter == nullptr ? nullptr : deleter->graph;
}

Slab& Graph::slab(const Mapper& mapper) {
    if (slabs_.size() <= mapper.id()) slabs_.resize(mapper.id() + 1);
    auto& slab = slabs_[mapper.id()];
    if (!slab) slab = std::make_unique<Slab>(mapper);
    return *slab;
}

IdentityMap& Graph::identities(const Mapper& mapper) {
    if (identities_.size() <= mapper.id()) identities_.resize(mapper.id() + 1);
    return identities_[mapper.id()];
}

InstanceState& Graph::construct(const Mapper& mapper) {
    InstanceState& state = slab(mapper).construct();
    bind_members(state);
    return state;
}

InstanceState& Graph::adopt(const Mapper& mapper, void* from) {
    InstanceState& state = slab(mapper).construct_from(from);
    bind_members(state);
    return state;
}

void Graph::bind_members(InstanceState& state) noexcept {
    state.host = this;
    for (const auto& relationship : state.mapper->relationships()) {
        if (relationship.is_collection) {
            RelatedAccess::bind(state.many(relationship), &state, relationship.index);
        } else {
            RelatedAccess::bind(state.one(relationship), &state, relationship.index);
        }
    }
}

void Graph::register_identity(InstanceState& state) {
    IdentityKey key;
    identity_of(*state.mapper, state.object(), key);
    enter(state, key);
}

void Graph::align_identity(InstanceState& state) {
    std::vector<Value> values;
    for (const auto index : state.mapper->primary_key()) {
        values.push_back(snapshot_value(*state.mapper, state.snapshot, index));
    }
    IdentityKey key;
    identity_of(*state.mapper, values, key);
    if (state.in_identity_map && state.key_hash == key.hash) return;
    forget_identity(state);
    enter(state, key);
}

void Graph::enter(InstanceState& state, const IdentityKey& key) {
    IdentityMap& map = identities(*state.mapper);
    InstanceState* other = map.find(key);
    if (other == &state) return;
    if (other != nullptr) {
        throw StateError(fmt::format("two objects of {} in this session have the same primary key; change one of them or use "
                                     "the object that is already there",
                                     state.mapper->class_name()),
                         std::string(state.mapper->class_name()));
    }
    state.key_hash = key.hash;
    state.key_size = static_cast<std::uint32_t>(key.bytes.size());
    if (!key.bytes.empty()) {
        auto* bytes = arena_.allocate(key.bytes.size());
        std::memcpy(bytes, key.bytes.data(), key.bytes.size());
        state.key = bytes;
    }
    map.insert(state);
    state.in_identity_map = true;
}

void Graph::forget_identity(InstanceState& state) noexcept {
    if (!state.in_identity_map) return;
    identities(*state.mapper).erase(state);
    state.in_identity_map = false;
}

std::shared_ptr<void> Graph::handle(void* object) {
    return object == nullptr ? nullptr : std::shared_ptr<void>(self_.lock(), object);
}

// Links -----------------------------------------------------------------------------------------------------------------

void Graph::record(InstanceState& child, InstanceState* parent, const Relationship& relationship) {
    const LinkKey key{&child, child_column(relationship)};
    const auto [entry, added] = link_index_.try_emplace(key, links_.size());
    if (added) {
        links_.push_back({&child, parent, &relationship});
    } else {
        links_[entry->second] = {&child, parent, &relationship};
    }
}

void Graph::clear_links() noexcept {
    links_.clear();
    link_index_.clear();
}

void Graph::restore_links(const std::vector<Link>& links) {
    auto later = std::move(links_);
    clear_links();
    for (const auto& link : links) record(*link.child, link.parent, *link.relationship);
    for (const auto& link : later) record(*link.child, link.parent, *link.relationship);
}

// Filling members ---------------------------------------------------------------------------------------------------------

void Graph::set_one(InstanceState& owner, const Relationship& relationship, InstanceState* target) {
    RelatedAccess::set(owner.one(relationship), target == nullptr ? nullptr : target->object());
}

void Graph::set_many(InstanceState& owner, const Relationship& relationship,
                     const std::vector<InstanceState*>& targets) {
    RelatedMany& many = owner.many(relationship);
    RelatedAccess::unload(many);
    const Relationship* reverse = relationship.reverse;
    const auto moved_away = [&](InstanceState& child) {
        const auto link = link_index_.find({&child, child_column(relationship)});
        return link != link_index_.end() && links_[link->second].parent != &owner;
    };
    for (InstanceState* target : targets) {
        if (target->status == ObjectStatus::Deleted || moved_away(*target)) continue;
        RelatedAccess::push(many, target->object());
        if (reverse != nullptr && !reverse->is_collection && !RelatedAccess::is_loaded(target->one(*reverse))) {
            set_one(*target, *reverse, &owner);
        }
    }
    // What was added in memory before the collection was loaded.
    for (const auto& link : links_) {
        if (link.parent != &owner || link.child->mapper != relationship.target) continue;
        if (child_column(*link.relationship) != child_column(relationship)) continue;
        auto& items = RelatedAccess::items(many);
        const bool there = std::any_of(items.begin(), items.end(),
                                       [&](const auto& item) { return item.get() == link.child->object(); });
        if (!there) RelatedAccess::push(many, link.child->object());
    }
    RelatedAccess::set_loaded(many, true);
}

void Graph::unload_relationships(InstanceState& state) noexcept {
    for (const auto& relationship : state.mapper->relationships()) {
        if (relationship.is_collection) {
            RelatedAccess::unload(state.many(relationship));
        } else {
            RelatedAccess::unload(state.one(relationship));
        }
    }
}

void Graph::leave_parents(InstanceState& state) {
    for (const auto& relationship : state.mapper->relationships()) {
        if (relationship.direction != Direction::ManyToOne || relationship.reverse == nullptr) continue;
        InstanceState* parent = known_parent(state, relationship);
        if (parent != nullptr) take_from_collection(*parent, *relationship.reverse, state);
    }
}

void Graph::mark_loaded(InstanceState& state) noexcept {
    for (const auto& relationship : state.mapper->relationships()) {
        if (relationship.is_collection) {
            RelatedAccess::set_loaded(state.many(relationship), true);
        } else {
            RelatedOne& one = state.one(relationship);
            RelatedAccess::set(one, RelatedAccess::target(one));
        }
    }
}

void Graph::connect_initial(InstanceState& state) {
    for (const auto& relationship : state.mapper->relationships()) {
        if (relationship.is_collection) {
            RelatedMany& many = state.many(relationship);
            const auto given = std::exchange(RelatedAccess::items(many), {});
            RelatedAccess::set_loaded(many, true);
            for (const auto& item : given) append(state, relationship.index, item);
        } else {
            RelatedOne& one = state.one(relationship);
            const std::shared_ptr<void> given = RelatedAccess::held(one);
            RelatedAccess::set(one, nullptr);
            // A One left unset on an object that already carries the foreign key's value is to be loaded, not empty.
            if (given) {
                assign(state, relationship.index, given);
            } else if (relationship.direction == Direction::ManyToOne) {
                bool has_key = true;
                for (std::size_t pair = 0; pair < relationship.pairs.size(); ++pair) {
                    const auto& property = state.mapper->columns()[child_column(relationship, pair)];
                    has_key = has_key && !property.is_unset(state.object() + property.field.offset);
                }
                if (has_key) RelatedAccess::unload(one);
            }
        }
    }
}

void Graph::connect_again(InstanceState& state) {
    for (const auto& relationship : state.mapper->relationships()) {
        if (relationship.is_collection) {
            const auto items = RelatedAccess::items(state.many(relationship));   // a copy: children may change the list
            for (const auto& item : items) {
                InstanceState& child = state_of(item.get());
                record(child, &state, relationship);
                if (client_ != nullptr) client_->cascade_save(child);
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
        if (client_ != nullptr) client_->cascade_save(other);
    }
}

// RelationshipHost ----------------------------------------------------------------------------------------------------------

namespace {

InstanceState& as_state(RelationshipOwner& owner) { return static_cast<InstanceState&>(owner); }

}  // namespace

void Graph::load(RelationshipOwner& owner, std::uint16_t index) {
    InstanceState& state = as_state(owner);
    const Relationship& relationship = state.mapper->relationships()[index];
    if (client_ == nullptr || state.status == ObjectStatus::Detached) {
        throw DetachedError(fmt::format("{} was not loaded while its session lived; load it before the session ends, for "
                                        "instance by touching it",
                                        relationship.where),
                            relationship.where);
    }
    client_->load_relationship(state, relationship);
}

InstanceState& Graph::own_state(const std::shared_ptr<void>& target, const Relationship& relationship) const {
    const Graph* graph = of(target);
    if (graph == nullptr) {
        throw StateError(fmt::format("the object given to {} is not known to any session; add it with session.add(...) and "
                                     "use the handle that this returns",
                                     relationship.where),
                         relationship.where);
    }
    if (graph != this) {
        throw StateError(fmt::format("the object given to {} belongs to another session; load it in this session first",
                                     relationship.where),
                         relationship.where);
    }
    return state_of(target.get());
}

void Graph::assign(RelationshipOwner& owner, std::uint16_t index, const std::shared_ptr<void>& target) {
    InstanceState& state = as_state(owner);
    const Relationship& relationship = state.mapper->relationships()[index];
    InstanceState* other = target ? &own_state(target, relationship) : nullptr;
    if (relationship.direction == Direction::ManyToOne) {
        assign_parent(state, relationship, other);
    } else {
        assign_child(state, relationship, other);
    }
}

void Graph::append(RelationshipOwner& owner, std::uint16_t index, const std::shared_ptr<void>& target) {
    InstanceState& parent = as_state(owner);
    const Relationship& relationship = parent.mapper->relationships()[index];
    connect(own_state(target, relationship), &parent, relationship);
}

void Graph::remove(RelationshipOwner& owner, std::uint16_t index, const void* target) {
    InstanceState& parent = as_state(owner);
    const Relationship& relationship = parent.mapper->relationships()[index];
    RelatedMany& many = parent.many(relationship);
    many.load();
    const auto& items = RelatedAccess::items(many);
    const bool there =
        std::any_of(items.begin(), items.end(), [&](const auto& item) { return item.get() == target; });
    if (there) connect(state_of(const_cast<void*>(target)), nullptr, relationship);
}

/// `child` now belongs to `parent`, told by the parent's side.
void Graph::connect(InstanceState& child, InstanceState* parent, const Relationship& relationship) {
    if (relationship.reverse != nullptr) {
        assign_parent(child, *relationship.reverse, parent);
        return;
    }
    const auto link = link_index_.find({&child, child_column(relationship)});
    if (link != link_index_.end() && links_[link->second].parent != nullptr) {
        take_from_collection(*links_[link->second].parent, relationship, child);
    }
    record(child, parent, relationship);
    // Without a member on the child's side only a search can tell where the child stands now.
    if (parent == nullptr) {
        slab(*relationship.owner).for_each([&](InstanceState& any) { take_from_collection(any, relationship, child); });
        return;
    }
    take_from_collection(*parent, relationship, child);
    put_into_collection(*parent, relationship, child);
    if (client_ != nullptr) client_->cascade_save(child);
}

/// The parent that the child is known to have, without asking the database.
InstanceState* Graph::known_parent(InstanceState& child, const Relationship& relationship) {
    RelatedOne& one = child.one(relationship);
    if (RelatedAccess::is_loaded(one)) {
        void* target = RelatedAccess::target(one);
        return target == nullptr ? nullptr : &state_of(target);
    }
    std::vector<Value> values;
    for (const auto index : relationship.target->primary_key()) {
        for (std::size_t pair = 0; pair < relationship.pairs.size(); ++pair) {
            if (parent_column(relationship, pair) != index) continue;
            values.push_back(
                mercator::load(child.mapper->columns()[child_column(relationship, pair)].field, child.object()));
        }
    }
    const bool by_key = values.size() == relationship.target->primary_key().size() &&
                        std::none_of(values.begin(), values.end(), [](const Value& v) { return v.is_null(); });
    if (!by_key) return nullptr;
    IdentityKey key;
    identity_of(*relationship.target, values, key);
    return identities(*relationship.target).find(key);
}

void Graph::assign_parent(InstanceState& child, const Relationship& relationship, InstanceState* parent) {
    InstanceState* old = known_parent(child, relationship);
    RelatedOne& one = child.one(relationship);
    if (old == parent && RelatedAccess::is_loaded(one)) return;
    if (old != nullptr && old != parent && relationship.reverse != nullptr) take_from_collection(*old, *relationship.reverse, child);
    RelatedAccess::set(one, parent == nullptr ? nullptr : parent->object());
    record(child, parent, relationship);
    if (parent == nullptr) return;
    if (old != parent && relationship.reverse != nullptr) put_into_collection(*parent, *relationship.reverse, child);
    if (client_ != nullptr) {
        client_->cascade_save(*parent);
        client_->cascade_save(child);
    }
}

/// One-to-one, told by the side that has no foreign key.
void Graph::assign_child(InstanceState& parent, const Relationship& relationship, InstanceState* child) {
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

void Graph::take_from_collection(InstanceState& parent, const Relationship& relationship, const InstanceState& child) {
    if (!relationship.is_collection) {
        RelatedOne& one = parent.one(relationship);
        if (RelatedAccess::target(one) == child.object()) RelatedAccess::set(one, nullptr);
        return;
    }
    std::erase_if(RelatedAccess::items(parent.many(relationship)),
                  [&](const auto& item) { return item.get() == child.object(); });
}

void Graph::put_into_collection(InstanceState& parent, const Relationship& relationship, InstanceState& child) {
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
    if (!RelatedAccess::is_loaded(many)) return;   // the link is applied when the collection is loaded
    RelatedAccess::push(many, child.object());   // callers know that it is not there yet
}

}  // namespace mercator
