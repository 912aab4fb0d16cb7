// SPDX-License-Identifier: MIT
// What a session keeps: how objects come to it and leave it, and what is known of their changes.
#include "cascade.hpp"
#include "class_of_row.hpp"
#include "key_sync.hpp"
#include "merge.hpp"
#include "merge_as_row.hpp"
#include "ordered_lists.hpp"
#include "row_changes.hpp"
#include "session_change.hpp"
#include "value_rules.hpp"

#include <mercator/loading/row_assembler.hpp>
#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mercator {

namespace {

/// Searches from the end: what was added last is the most likely to be taken back.
void take_out(std::vector<InstanceState*>& list, InstanceState& state) {
    const auto found = std::find(list.rbegin(), list.rend(), &state);
    if (found != list.rend()) list.erase(std::next(found).base());
}

} // namespace

InstanceState& SessionCore::adopt(const Mapper& mapper, void* object) {
    Change change(*this);
    ValueRules::check_given(mapper, static_cast<std::byte*>(object));
    if (mapper.is_in_hierarchy()) check_can_be_added(mapper, static_cast<const std::byte*>(object));
    graph_->check_given(mapper, static_cast<const std::byte*>(
                                    object)); // what is refused must not stay behind half added
    if (listeners_.any(SessionEvent::Set)) tell_given(mapper, static_cast<std::byte*>(object));
    InstanceState& state = graph_->adopt(mapper, object);
    insert_later(state);
    try {
        graph_->connect_initial(state);
    } catch (...) { // a listener does not want it where it was to be
        take_out(pending_, state);
        graph_->set_status(state, ObjectStatus::Transient);
        graph_->leave_parents(state);
        static_cast<void>(graph_->forget_links_of(state));
        throw;
    }
    change.done();
    return state;
}

void SessionCore::insert_later(InstanceState& state) {
    if (state.mapper->discriminator() >= 0) set_discriminators({&state});
    graph_->set_status(state, ObjectStatus::Pending);
    state.position = next_position_++;
    pending_.push_back(&state);
}

void SessionCore::cascade_save(InstanceState& state) {
    if (state.status == ObjectStatus::Transient && !closed_) add_again(state);
}

void SessionCore::found_several(const Relationship& relationship) {
    if (std::find(told_of_several_.begin(), told_of_several_.end(), &relationship) !=
        told_of_several_.end())
        return;
    told_of_several_.push_back(&relationship);
    const auto sink = engine().options().log;
    cleaning(sink ? sink : default_log_sink())
        ->write(LogLevel::Warning,
                fmt::format("{} is a One, and several rows of {} refer to one {}: the first is "
                            "taken; make the foreign key unique, or the member a Many",
                            relationship.where, relationship.target->table().name,
                            relationship.owner->class_name()));
}

void SessionCore::add_again(InstanceState& state) {
    Change change(*this);
    come_back(state);
    change.done();
}

void SessionCore::come_back(InstanceState& state) {
    switch (state.status) {
    case ObjectStatus::Pending:
    case ObjectStatus::Persistent:
        return;
    case ObjectStatus::Deleted:
        if (state.flushed_delete) {
            throw StateError(
                "this object has been deleted in this transaction; roll back to have it again");
        }
        graph_->set_status(state, ObjectStatus::Persistent);
        std::erase(deleted_, &state);
        graph_->enter_parents(state); // collections that were loaded meanwhile are without it
        note_lists_of(state);
        return;
    case ObjectStatus::Transient:
        insert_later(state);
        graph_->mark_loaded(state);
        graph_->connect_again(state);
        return;
    case ObjectStatus::Detached:
        if (state.flushed_delete) {
            throw StateError("the row of this object has been deleted; add a new object instead, "
                             "or a copy of this one");
        }
        if (!state.is_tracked())
            state.snapshot = take_snapshot(*state.mapper, state.object(), graph_->arena());
        graph_->register_row(state);
        graph_->set_status(state, ObjectStatus::Persistent);
        bring_back_related(state);
        return;
    }
}

/// A flush that failed may have numbered them without it.
void SessionCore::note_lists_of(InstanceState& state) {
    InstanceState* const one = &state;
    graph_->note_lists_of({&one, 1});
}

/// What left the session along with an object comes back with it.
void SessionCore::bring_back_related(InstanceState& state) {
    for (const auto& relationship : state.mapper->relationships()) {
        if (!has(relationship.cascade, Cascade::save_update)) continue;
        for (InstanceState* related : loaded_objects(state, relationship)) {
            const bool is_away =
                related->status == ObjectStatus::Transient ||
                (related->status == ObjectStatus::Detached && !related->flushed_delete);
            if (is_away) come_back(*related);
        }
    }
}

void SessionCore::mark_deleted(InstanceState& state) {
    Change change(*this);
    if (state.status == ObjectStatus::Pending) {
        take_out(pending_, state);
        graph_->set_status(state, ObjectStatus::Transient);
        graph_->leave_parents(state);
    } else if (state.status == ObjectStatus::Persistent) {
        graph_->set_status(state, ObjectStatus::Deleted);
        deleted_.push_back(&state);
    } else if (state.status != ObjectStatus::Deleted) {
        throw StateError(fmt::format(
            "this {} is not in the session, so it cannot be deleted by it; load it first",
            state.mapper->class_name()));
    }
    change.done();
}

void SessionCore::expunge(InstanceState& state) {
    Change change(*this);
    for (InstanceState* reached : reached_by(state, Cascade::expunge)) let_go_of(*reached);
    change.done();
}

void SessionCore::let_go_of(InstanceState& state) {
    if (state.status == ObjectStatus::Pending) take_out(pending_, state);
    if (state.status == ObjectStatus::Deleted) take_out(deleted_, state);
    graph_->forget_identity(state);
    if (state.status == ObjectStatus::Pending) {
        graph_->set_status(state, ObjectStatus::Transient);
    } else if (state.status != ObjectStatus::Transient) {
        graph_->set_status(state, ObjectStatus::Detached);
    }
}

/// What it reaches is read again as well. A reached row that is gone was deleted by somebody else:
/// its object leaves the session.
void SessionCore::refresh(InstanceState& state) {
    const Use use(*this);
    const auto reached = reached_by(state, Cascade::refresh); // before relationships are forgotten
    mercator::refresh(*this, state);
    for (InstanceState* related : reached) {
        if (related == &state || related->status != ObjectStatus::Persistent) continue;
        try {
            mercator::refresh(*this, *related);
        } catch (const StaleDataError&) {
            Change change(*this);
            let_go_of(*related);
            change.done();
        }
    }
    if (!refreshed_.empty() && !flushing_) tell_refreshed();
}

InstanceState& SessionCore::merge(const Mapper& mapper, void* source, const Graph* home,
                                  MergeLoad load) {
    const Use use(*this);
    check_may_change();
    // What is not written yet could be a row that is looked for.
    if (load == MergeLoad::yes && may_autoflush() && !pending_.empty()) flush();
    Change change(*this);
    if (load == MergeLoad::no) {
        InstanceState& taken = MergeAsRow(*this).run(mapper, static_cast<std::byte*>(source), home);
        change.done();
        return taken;
    }
    Merge merging(*this, [this](const Mapper& of) -> InstanceState& {
        InstanceState& fresh = graph_->construct(of);
        insert_later(fresh);
        graph_->mark_loaded(fresh);
        return fresh;
    });
    InstanceState& merged = merging.run(mapper, static_cast<std::byte*>(source), home);
    change.done();
    return merged;
}

bool SessionCore::has_changes_in(const Mapper& mapper) {
    bool changed = false;
    graph_->slab(mapper).for_each([&](InstanceState& state) {
        changed = changed || (state.is_tracked() && state.status == ObjectStatus::Persistent &&
                              is_changed(mapper, state.object(), state.snapshot));
    });
    return changed;
}

/// Does the next flush write or delete a row of a table between for it?
bool SessionCore::is_to_be_related(const InstanceState& state) const {
    bool found = false;
    graph_->associations().for_each_of(
        state, [&](const Association& change) { found = found || !waits_for_return(change); });
    return found;
}

bool SessionCore::is_modified(const InstanceState& state) {
    OrderedLists::number_loaded(*graph_);
    ValueRules(*graph_).put_into_form(pending_);
    const bool is_row = state.status == ObjectStatus::Persistent;
    return (is_row && is_to_be_related(state)) ||
           would_update(state, LinksByChild(graph_->links()));
}

std::vector<InstanceState*> SessionCore::modified() {
    const Use use(*this);
    OrderedLists::number_loaded(*graph_);
    ValueRules(*graph_).put_into_form(pending_);
    const LinksByChild links(graph_->links());
    std::vector<InstanceState*> found;
    graph_->for_each([&](InstanceState& state) {
        const bool is_row = state.status == ObjectStatus::Persistent;
        if ((is_row && is_to_be_related(state)) || would_update(state, links))
            found.push_back(&state);
    });
    return found;
}

bool SessionCore::is_dirty() {
    const Use use(*this);
    if (!pending_.empty() || !deleted_.empty()) return true;
    bool related = false;
    graph_->associations().for_each(
        [&](const Association& change) { related = related || !waits_for_return(change); });
    if (related) return true;
    OrderedLists::number_loaded(*graph_);
    ValueRules(*graph_).put_into_form(pending_);
    const LinksByChild links(graph_->links());
    bool dirty = false;
    graph_->for_each(
        [&](const InstanceState& state) { dirty = dirty || would_update(state, links); });
    return dirty;
}

} // namespace mercator
