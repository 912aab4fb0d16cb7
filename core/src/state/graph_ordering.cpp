// SPDX-License-Identifier: MIT
// Which collections have places to be written to a column (`ordering_list`).
#include <mercator/state/graph.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator {

void Graph::note_ordered(InstanceState& owner, const Relationship& relationship) {
    if (among_changed_lists_.insert({&owner, &relationship}).second)
        changed_lists_.push_back({&owner, &relationship});
}

void Graph::forget_changed_lists() noexcept {
    changed_lists_.clear();
    among_changed_lists_.clear();
}

void Graph::reorder(RelationshipOwner& owner, std::uint16_t index) {
    auto& state = static_cast<InstanceState&>(owner);
    const Relationship& relationship = state.mapper->relationships()[index];
    const RelatedMany& many = state.many(relationship);
    if (!many.loaded()) {
        if (is_never_held(relationship.lazy)) return load(owner, index); // which refuses
        client_of(state, relationship).load_for_change(state, relationship);
    }
    if (!relationship.position_offset) return;
    if (RelatedAccess::is_partial(many)) {
        throw StateError(
            fmt::format("{} was read in a way that may have left members out (a loader's "
                        "condition, noload), so that places in it are not known; read it without "
                        "them first",
                        relationship.where),
            relationship.where);
    }
    note_ordered(state, relationship);
}

void Graph::note_lists_of(std::span<InstanceState* const> members) {
    std::vector<const Relationship*> ordered;
    for_each_slab([&](const Slab& slab) {
        for (const auto& relationship : slab.mapper().relationships()) {
            if (relationship.position_offset) ordered.push_back(&relationship);
        }
    });
    if (ordered.empty()) return;
    for (InstanceState* member : members) {
        for (const Relationship* relationship : ordered) {
            if (!member->mapper->is_a(*relationship->target)) continue;
            InstanceState* owner = relationship->reverse != nullptr
                                       ? known_parent(*member, *relationship->reverse)
                                       : parent_by_key(*member, *relationship);
            if (owner != nullptr && RelatedAccess::is_loaded(owner->many(*relationship)))
                note_ordered(*owner, *relationship);
        }
    }
}

} // namespace mercator
