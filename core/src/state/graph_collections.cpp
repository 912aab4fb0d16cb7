// SPDX-License-Identifier: MIT
#include <mercator/state/graph.hpp>

#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>

// What collections and columns that are not loaded tell of themselves.

namespace mercator {

GraphClient& Graph::client_of(const InstanceState& owner, const Relationship& relationship) const {
    if (client_ == nullptr || owner.status == ObjectStatus::Detached) {
        throw DetachedError(
            fmt::format(
                "{} was not loaded while its session lived; load it before the session ends, for "
                "instance by touching it",
                relationship.where),
            relationship.where);
    }
    return *client_;
}

void Graph::load_column(RelationshipOwner& owner, std::uint16_t column) {
    auto& state = static_cast<InstanceState&>(owner);
    const ColumnProperty& property = state.mapper->columns()[column];
    if (client_ == nullptr || state.status == ObjectStatus::Detached) {
        throw DetachedError(
            fmt::format("{} is deferred and was not loaded while its session lived; touch it "
                        "before, or undefer it for the query",
                        property.where),
            property.where);
    }
    client_->load_column(state, property);
}

bool Graph::is_asked_each_time(RelationshipOwner& owner, std::uint16_t index) {
    const InstanceState& state = static_cast<InstanceState&>(owner);
    const Relationship& relationship = state.mapper->relationships()[index];
    if (relationship.lazy == Lazy::write_only) {
        throw StateError(fmt::format("{} is not read by itself (Lazy::write_only), since it may be "
                                     "large; use query(), count() or slice()",
                                     relationship.where),
                         relationship.where);
    }
    return relationship.lazy == Lazy::dynamic;
}

bool Graph::owns(const std::shared_ptr<void>& target) const noexcept {
    return of(target) == this;
}

namespace {

/// The value by which the owner's row is known; a change of it in memory has not reached others.
Value row_value(const InstanceState& state, std::uint16_t column) {
    return state.is_tracked()
               ? snapshot_value(*state.mapper, state.snapshot, column)
               : mercator::load(state.mapper->columns()[column].field, state.object());
}

} // namespace

/// Told by the last change in memory, or else by the child's own foreign key.
bool Graph::is_child(InstanceState& parent, const Relationship& relationship,
                     InstanceState& child) const {
    if (child.status == ObjectStatus::Deleted) return false;
    const auto link = link_index_.find({&child, &relationship});
    if (link != link_index_.end()) return links_[link->second].parent == &parent;
    for (const auto& [own, theirs] : relationship.pairs) {
        const Value key = mercator::load(child.mapper->columns()[theirs].field, child.object());
        if (key.is_null() || !(key == row_value(parent, own))) return false;
    }
    return std::all_of(relationship.discriminators.begin(), relationship.discriminators.end(),
                       [&](const Relationship::Discriminator& part) {
                           return part.on_owner ||
                                  mercator::load(child.mapper->columns()[part.column].field,
                                                 child.object()) == part.value;
                       });
}

/// As far as memory knows.
std::optional<bool> Graph::is_member(InstanceState& owner, const Relationship& relationship,
                                     InstanceState& target) {
    if (RelatedAccess::is_loaded(owner.many(relationship)))
        return is_in_collection(owner, relationship, target);
    if (target.status == ObjectStatus::Deleted) return false;
    if (relationship.direction == Direction::ManyToMany) {
        const auto known = are_associated(owner, target, relationship);
        const auto has_row = [](const InstanceState& state) {
            return state.status == ObjectStatus::Persistent;
        };
        if (known || (has_row(owner) && has_row(target))) return known;
        return false;
    }
    if (!relationship.is_simple || relationship.pairs.empty()) return std::nullopt;
    return is_child(owner, relationship, target);
}

std::size_t Graph::count(RelationshipOwner& owner, std::uint16_t index) {
    auto& state = static_cast<InstanceState&>(owner);
    const Relationship& relationship = state.mapper->relationships()[index];
    return client_of(state, relationship).count_related(state, relationship);
}

bool Graph::is_empty(RelationshipOwner& owner, std::uint16_t index) {
    auto& state = static_cast<InstanceState&>(owner);
    const Relationship& relationship = state.mapper->relationships()[index];
    return !client_of(state, relationship).has_related(state, relationship);
}

bool Graph::contains(RelationshipOwner& owner, std::uint16_t index,
                     const std::shared_ptr<void>& target) {
    auto& state = static_cast<InstanceState&>(owner);
    const Relationship& relationship = state.mapper->relationships()[index];
    if (!owns(target)) return false;
    InstanceState& other = state_of(target.get());
    if (const auto known = is_member(state, relationship, other)) return *known;
    return client_of(state, relationship).is_related(state, relationship, other);
}

std::vector<std::shared_ptr<void>> Graph::slice(RelationshipOwner& owner, std::uint16_t index,
                                                std::size_t offset, std::size_t limit) {
    auto& state = static_cast<InstanceState&>(owner);
    const Relationship& relationship = state.mapper->relationships()[index];
    std::vector<std::shared_ptr<void>> handles;
    for (InstanceState* member :
         client_of(state, relationship).slice_related(state, relationship, offset, limit)) {
        handles.push_back(handle(*member));
    }
    return handles;
}

} // namespace mercator
