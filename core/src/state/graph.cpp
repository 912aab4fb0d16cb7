// SPDX-License-Identifier: MIT
#include <mercator/state/graph.hpp>

#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <unordered_set>

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

bool same_foreign_key(const Relationship& a, const Relationship& b) noexcept {
    if (a.pairs.size() != b.pairs.size()) return false;
    for (std::size_t pair = 0; pair < a.pairs.size(); ++pair) {
        if (child_column(a, pair) != child_column(b, pair)) return false;
    }
    return true;
}

bool touches(const ColumnSet& columns, const Relationship& relationship) noexcept {
    for (std::size_t pair = 0; pair < relationship.pairs.size(); ++pair) {
        if (columns.contains(child_column(relationship, pair))) return true;
    }
    return false;
}

bool can_be_empty(const Relationship& relationship) noexcept {
    const Mapper& child =
        relationship.direction == Direction::ManyToOne ? *relationship.owner : *relationship.target;
    for (std::size_t pair = 0; pair < relationship.pairs.size(); ++pair) {
        if (child.columns()[child_column(relationship, pair)].field.optional) return true;
    }
    return false;
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

void Graph::register_row(InstanceState& state) {
    IdentityKey key;
    row_identity(state, key);
    enter(state, key);
}

void Graph::row_identity(const InstanceState& state, IdentityKey& key) {
    if (!state.is_tracked()) {
        identity_of(*state.mapper, state.object(), key);
        return;
    }
    std::vector<Value> values;
    for (const auto index : state.mapper->primary_key()) {
        values.push_back(snapshot_value(*state.mapper, state.snapshot, index));
    }
    identity_of(*state.mapper, values, key);
}

void Graph::align_identity(InstanceState& state) {
    IdentityKey key;
    row_identity(state, key);
    forget_identity(state);
    if (InstanceState* other = identities(*state.mapper).find(key)) {
        // Read while the key belonged to another row, one that is gone with the transaction.
        forget_identity(*other);
        other->status = ObjectStatus::Detached;
    }
    enter(state, key);
}

void Graph::enter(InstanceState& state, const IdentityKey& key) {
    IdentityMap& map = identities(*state.mapper);
    InstanceState* other = key.bytes.empty() ? &map.find_or_insert(key.hash, state) : map.find(key);
    if (other != nullptr && other != &state) {
        throw StateError(fmt::format("two objects of {} in this session have the same primary key; "
                                     "change one of them or use "
                                     "the object that is already there",
                                     state.mapper->class_name()),
                         std::string(state.mapper->class_name()));
    }
    state.key_hash = key.hash;
    state.key_size = static_cast<std::uint32_t>(key.bytes.size());
    if (!key.bytes.empty() && other == nullptr) {
        auto* bytes = arena_.allocate(key.bytes.size());
        std::memcpy(bytes, key.bytes.data(), key.bytes.size());
        state.key = bytes;
        map.insert(state);
    }
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

// Links
// -----------------------------------------------------------------------------------------------------------------

void Graph::record(InstanceState& child, InstanceState* parent, const Relationship& relationship) {
    const LinkKey key{&child, &relationship};
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

void Graph::clear_written_links() {
    const auto all = std::exchange(links_, {});
    clear_links();
    for (const auto& link : all) {
        if (link.child->status == ObjectStatus::Detached)
            record(*link.child, link.parent, *link.relationship);
    }
}

void Graph::restore_links(const std::vector<Link>& links) {
    auto later = std::move(links_);
    clear_links();
    for (const auto& link : links) record(*link.child, link.parent, *link.relationship);
    for (const auto& link : later) record(*link.child, link.parent, *link.relationship);
}

bool Graph::forget_links_of(const InstanceState& child) {
    if (std::none_of(links_.begin(), links_.end(),
                     [&](const Link& link) { return link.child == &child; }))
        return false;
    const auto all = std::exchange(links_, {});
    clear_links();
    for (const auto& link : all) {
        if (link.child != &child) record(*link.child, link.parent, *link.relationship);
    }
    return true;
}

// Filling members
// ---------------------------------------------------------------------------------------------------------

void Graph::set_one(InstanceState& owner, const Relationship& relationship, InstanceState* target) {
    RelatedAccess::set(owner.one(relationship), target == nullptr ? nullptr : target->object());
}

void Graph::set_many(InstanceState& owner, const Relationship& relationship,
                     const std::vector<InstanceState*>& targets) {
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
        if (link.parent != &owner || link.child->mapper != relationship.target) continue;
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
        InstanceState* parent = parent_by_key(state, relationship);
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
            RelatedAccess::set_loaded(state.many(relationship), true);
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
            RelatedAccess::set_loaded(many, true);
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

void Graph::connect_again(InstanceState& state) {
    for (const auto& relationship : state.mapper->relationships()) {
        if (relationship.is_collection) {
            const auto items = RelatedAccess::items(
                state.many(relationship)); // a copy: children may change the list
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

// RelationshipHost
// ----------------------------------------------------------------------------------------------------------

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
