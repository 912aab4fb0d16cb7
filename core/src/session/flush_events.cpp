// SPDX-License-Identifier: MIT
#include "flush_events.hpp"

#include "key_sync.hpp"
#include "ordered_lists.hpp"
#include "raised.hpp"
#include "row_changes.hpp"

namespace mercator {

void FlushEvents::before_writing(const std::vector<InstanceState*>& pending,
                                 const std::vector<InstanceState*>& deleted) {
    const Raised in_listener(in_listener_);
    tell_all(SessionEvent::BeforeDelete, deleted);
    tell_all(SessionEvent::BeforeInsert, pending);
    before_updates();
}

void FlushEvents::tell_all(SessionEvent event, const std::vector<InstanceState*>& states) const {
    if (!listeners_.any(event)) return;
    for (InstanceState* state : states) listeners_.tell_of(event, session_, object(*state));
}

/// A listener may change other objects, which are told of as well: again until there are none.
void FlushEvents::before_updates() const {
    if (!listeners_.any(SessionEvent::BeforeUpdate)) return;
    std::unordered_set<const InstanceState*> told;
    for (bool again = true; again;) {
        again = false;
        OrderedLists::number_loaded(graph_);
        const LinksByChild links(graph_.links());
        std::vector<InstanceState*> changed;
        graph_.for_each([&](InstanceState& state) {
            if (!told.contains(&state) && would_update(state, links)) changed.push_back(&state);
        });
        for (InstanceState* state : changed) {
            told.insert(state);
            listeners_.tell_of(SessionEvent::BeforeUpdate, session_, object(*state));
            again = true;
        }
    }
}

void FlushEvents::note(std::span<InstanceState* const> states, RowChange change) {
    for (InstanceState* state : states) {
        // A new row that is completed by an UPDATE, or one that is written twice, is one change.
        if (change != RowChange::Delete && !written_.insert(state).second) continue;
        changes_.push_back({object(*state), change});
    }
}

void FlushEvents::after_writing() const {
    constexpr auto all = SessionListeners::kinds(
        SessionEvent::AfterInsert, SessionEvent::AfterUpdate, SessionEvent::AfterDelete);
    if (!listeners_.any_of(all)) return;
    const Raised in_listener(in_listener_);
    for (const auto& change : changes_) {
        const auto event = change.change == RowChange::Insert   ? SessionEvent::AfterInsert
                           : change.change == RowChange::Update ? SessionEvent::AfterUpdate
                                                                : SessionEvent::AfterDelete;
        listeners_.tell_of(event, session_, change.object);
    }
}

} // namespace mercator
