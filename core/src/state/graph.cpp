// SPDX-License-Identifier: MIT
#include <mercator/state/graph.hpp>

#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

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
    raw->life_ = std::shared_ptr<Graph>(std::make_shared<char>(), raw);
    return graph;
}

Graph::~Graph() {
    client_ = nullptr;
    slabs_.clear();
}

std::size_t Graph::size() const noexcept {
    std::size_t count = 0;
    for (const auto& slab : slabs_) count += slab ? slab->size() : 0;
    return count;
}

void Graph::start_anew(std::shared_ptr<Graph>& graph) noexcept {
    Graph* const raw = graph.get();
    std::shared_ptr<Graph> anew;
    try {
        anew = std::shared_ptr<Graph>(raw, Deleter{nullptr});
    } catch (const std::bad_alloc&) {
        return; // they are kept then
    }
    std::get_deleter<Deleter>(graph)->graph = nullptr;
    std::get_deleter<Deleter>(anew)->graph = raw;
    graph = std::move(anew); // whoever has a std::weak_ptr to an object finds out
    raw->self_ = graph;
    raw->destroy_objects();
}

void Graph::destroy_objects() noexcept {
    GraphClient* client = std::exchange(client_, nullptr);
    ChangeObserver* observer = std::exchange(observer_, nullptr);
    slabs_.clear();
    identities_.clear();
    batches_.clear();
    static_cast<void>(arena_.start_again(0));
    rewrites_ = 0;
    clear_links();
    losses_.clear();
    owners_.clear();
    forget_changed_lists();
    associations_.clear();
    members_.clear();
    client_ = client;
    observer_ = observer;
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
    const std::size_t id = mapper.identity_root().id();
    if (identities_.size() <= id) identities_.resize(id + 1);
    auto& identities = identities_[id];
    if (!identities) identities = std::make_unique<IdentityMap>();
    return *identities;
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
    const Mapper& mapper = *state.mapper;
    if (observer_ != nullptr || mapper.looks_at_values()) [[unlikely]]
        bind_attributes(state);
    if (mapper.relationships().empty() && mapper.deferrable_columns().empty()) return;
    for (const auto column : state.mapper->deferrable_columns())
        DeferredAccess::bind(state.link(state.mapper->columns()[column]), &state, column);
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
        set_status(*other, ObjectStatus::Detached);
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

void Graph::tidy() {
    constexpr std::size_t not_worth_it = 1024;
    if (rewrites_ < not_worth_it) return;
    std::size_t objects = 0;
    std::size_t bytes = 0;
    for_each([&](const InstanceState& state) {
        ++objects;
        bytes += state.key_size;
        if (state.snapshot != nullptr) bytes += snapshot_size(*state.mapper, state.snapshot);
    });
    if (rewrites_ < objects) return;
    const auto former = arena_.start_again(bytes);
    rewrites_ = 0;
    const auto move = [&](const std::byte*& piece, std::size_t size) {
        if (piece == nullptr || size == 0) return;
        std::byte* place = arena_.allocate(size);
        std::memcpy(place, piece, size);
        piece = place;
    };
    for_each([&](InstanceState& state) {
        move(state.key, state.key_size);
        if (state.snapshot != nullptr)
            move(state.snapshot, snapshot_size(*state.mapper, state.snapshot));
    });
}

std::shared_ptr<void> Graph::handle(void* object) {
    return object == nullptr ? nullptr : std::shared_ptr<void>(self_.lock(), object);
}

void Graph::record(InstanceState& child, InstanceState* parent, const Relationship& relationship) {
    const LinkKey key{&child, &relationship};
    const auto [entry, added] = link_index_.try_emplace(key, links_.size());
    if (added) {
        links_.push_back({&child, parent, &relationship});
    } else {
        links_[entry->second] = {&child, parent, &relationship};
    }
    if (parent != nullptr && !relationship.discriminators.empty()) set_kind(child, relationship);
}

void Graph::clear_links() noexcept {
    links_.clear();
    link_index_.clear();
}

void Graph::clear_written_links() {
    const auto all = std::exchange(links_, {});
    clear_links();
    forget_losses();
    const auto waits = [&](const Link& link) {
        if (link.child->status == ObjectStatus::Detached) return true;
        // A new object that was expunged: where it has no member for its parent, only this tells.
        return link.child->status == ObjectStatus::Transient && link.parent != nullptr &&
               link.relationship->direction == Direction::OneToMany &&
               link.relationship->reverse == nullptr &&
               is_in_collection(*link.parent, *link.relationship, *link.child);
    };
    for (const auto& link : all) {
        if (waits(link)) record(*link.child, link.parent, *link.relationship);
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

} // namespace mercator
