// SPDX-License-Identifier: MIT
#include "transaction_record.hpp"

#include "key_sync.hpp"
#include "row_version.hpp"

#include <mercator/state/snapshot.hpp>

#include <algorithm>
#include <iterator>
#include <set>
#include <unordered_set>
#include <utility>

namespace mercator {

namespace {

/// The way back must be walked to its end: what a user's accessor or converter throws on it is
/// dropped, and its member stays as it is.
template <class Action>
void quietly(Action&& action) {
    try {
        action();
    } catch (...) {
    }
}

/// What the database had filled in (its key, its defaults) is its to fill in again, unless it was
/// changed since.
void reset_members(InstanceState& state, const ColumnSet& fetched, const std::byte* inserted) {
    const auto& columns = state.mapper->columns();
    ColumnSet changed;
    quietly([&] {
        if (inserted != nullptr) changed = changed_columns(*state.mapper, state.object(), inserted);
    });
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!fetched.contains(i) || changed.contains(i)) continue;
        quietly([&] { columns[i].make_unset(state.object() + columns[i].field.offset); });
    }
}

/// Does the child's foreign key still hold what the link gave it? If not, it was set by its member
/// since.
bool still_holds(const Link& link) {
    for (std::size_t pair = 0; pair < link.relationship->pairs.size(); ++pair) {
        const Field& to =
            link.child->mapper->columns()[child_column(*link.relationship, pair)].field;
        const Value now = load(to, link.child->object());
        if (link.parent == nullptr) {
            if (to.optional && !now.is_null()) return false;
            continue;
        }
        const auto column = parent_column(*link.relationship, pair);
        const Field& from = link.parent->mapper->columns()[column].field;
        if (same_key(load(from, link.parent->object()), now)) continue;
        // The parent's key may have been changed since: what it was when the link was written.
        if (!link.parent->is_tracked() ||
            !same_key(snapshot_value(*link.parent->mapper, link.parent->snapshot, column), now))
            return false;
    }
    return true;
}

void put_back(const std::vector<InstanceState*>& states, std::vector<InstanceState*>& list) {
    const std::unordered_set<InstanceState*> there(list.begin(), list.end());
    std::vector<InstanceState*> whole;
    for (InstanceState* state : states) {
        if (!there.contains(state)) whole.push_back(state);
    }
    whole.insert(whole.end(), list.begin(), list.end());
    list = std::move(whole);
}

/// What a rollback to a savepoint had unloaded, of objects that are not in the database any more:
/// their relationships show what the links say, since there are no rows to load.
void show_links(Graph& graph, const std::vector<InstanceState*>& again) {
    std::set<std::pair<const InstanceState*, const Relationship*>> unloaded;
    for (InstanceState* state : again) {
        for (const auto& relationship : state->mapper->relationships()) {
            const bool loaded = relationship.is_collection
                                    ? RelatedAccess::is_loaded(state->many(relationship))
                                    : RelatedAccess::is_loaded(state->one(relationship));
            if (!loaded) unloaded.emplace(state, &relationship);
        }
        graph.mark_loaded(*state);
    }
    for (const auto& link : graph.links()) {
        for (const auto& side : link.child->mapper->relationships()) {
            if (side.direction != Direction::ManyToOne ||
                !same_foreign_key(side, *link.relationship) ||
                RelatedAccess::target(link.child->one(side)) != nullptr)
                continue;
            RelatedAccess::set(link.child->one(side),
                               link.parent == nullptr ? nullptr : link.parent->object());
        }
        const Relationship* side = link.relationship->direction == Direction::OneToMany
                                       ? link.relationship
                                       : link.relationship->reverse;
        const bool there = link.child->status == ObjectStatus::Pending ||
                           link.child->status == ObjectStatus::Persistent;
        if (link.parent == nullptr || side == nullptr || !there) continue;
        if (!unloaded.contains({link.parent, side})) continue;
        if (side->is_collection) {
            RelatedAccess::push(link.parent->many(*side), link.child->object());
        } else {
            RelatedAccess::set(link.parent->one(*side), link.child->object());
        }
    }
}

} // namespace

void TransactionRecord::note(InstanceState& state) {
    if (state.recorded) return;
    state.recorded = true;
    before_.push_back({&state, state.snapshot, state.status, nullptr, nullptr});
}

void TransactionRecord::note_insert(InstanceState& state, const ColumnSet& fetched) {
    if (state.recorded) return;
    if (fetched_.empty() || !(fetched_.back() == fetched)) fetched_.push_back(fetched);
    state.recorded = true;
    before_.push_back({&state, state.snapshot, state.status, &fetched_.back(), nullptr});
}

void TransactionRecord::note_inserted(const InstanceState& state) {
    // Objects are inserted in the order in which they were noted.
    while (next_inserted_ < before_.size() && before_[next_inserted_].state != &state)
        ++next_inserted_;
    if (next_inserted_ < before_.size()) before_[next_inserted_++].inserted = state.snapshot;
}

void TransactionRecord::note_renewal(InstanceState& state, const std::byte* row) {
    // Once the transaction has written the object, the note of that says how the row was before.
    if (!state.recorded) renewals_.try_emplace(&state, Renewal{state.snapshot, row});
    if (const auto renewal = renewals_.find(&state); renewal != renewals_.end() && !state.recorded)
        renewal->second.row = row;
}

/// Members that show what was read go back to what they showed before; what was set since stays.
void TransactionRecord::show_former(InstanceState& state, const Renewal& renewal) {
    const ColumnSet set = changed_columns(*state.mapper, state.object(), renewal.row);
    const auto& columns = state.mapper->columns();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (set.contains(i)) continue;
        store(columns[i].field, state.object(), snapshot_value(*state.mapper, renewal.before, i));
    }
}

void TransactionRecord::take_back_renewals() {
    for (const auto& [state, renewal] : renewals_) {
        if (state->status != ObjectStatus::Persistent && state->status != ObjectStatus::Deleted)
            continue;
        state->snapshot = renewal.before;
        quietly([&, &object = *state, &images = renewal] { show_former(object, images); });
    }
    renewals_.clear();
}

void TransactionRecord::complete_images(
    InstanceState& state, const std::function<const std::byte*(const std::byte*)>& complete) {
    const auto replace = [&](const std::byte*& image) {
        if (image != nullptr) image = complete(image);
    };
    if (const auto renewal = renewals_.find(&state); renewal != renewals_.end()) {
        replace(renewal->second.before);
        replace(renewal->second.row);
    }
    if (!state.recorded) return;
    for (Before& before : before_) {
        if (before.state != &state) continue;
        replace(before.snapshot);
        replace(before.inserted);
    }
}

void TransactionRecord::note_followed(InstanceState& child, const Field& field, Value before,
                                      Value given) {
    followed_.push_back({&child, &field, std::move(before), std::move(given)});
}

void TransactionRecord::take_back_followed() {
    for (auto step = followed_.rbegin(); step != followed_.rend(); ++step) {
        quietly([&, &followed = *step] {
            std::byte* object = followed.child->object();
            if (same_key(load(*followed.field, object), followed.given))
                store(*followed.field, object, followed.before);
        });
    }
    followed_.clear();
}

void TransactionRecord::note_links(const std::vector<Link>& links) {
    links_.insert(links_.end(), links.begin(), links.end());
}

void TransactionRecord::note_associations(const AssociationSet& written) {
    written.for_each([&](const Association& change) {
        if (change.owner->status != ObjectStatus::Detached &&
            change.target->status != ObjectStatus::Detached)
            associations_.push_back(change);
    });
}

/// Before what was unloaded counts as empty.
void TransactionRecord::take_back_associations(Graph& graph,
                                               const std::vector<InstanceState*>& again) {
    graph.restore_associations(std::exchange(associations_, {}));
    for (InstanceState* state : again) {
        for (const auto& side : state->mapper->relationships()) {
            if (side.direction == Direction::ManyToMany && side.is_collection &&
                !RelatedAccess::is_loaded(state->many(side)))
                graph.set_many(*state, side, {});
        }
    }
}

void TransactionRecord::unwind(Graph& graph, std::vector<InstanceState*>& pending,
                               std::vector<InstanceState*>& deleted) {
    // Judged by the keys that the database had made, so before these go.
    std::erase_if(links_, [](const Link& link) {
        bool holds = true;
        quietly([&] { holds = still_holds(link); });
        return !holds;
    });
    for (const auto& before : before_) { // as a new object that is deleted before any flush
        if (before.status == ObjectStatus::Pending && before.state->status == ObjectStatus::Deleted)
            quietly([&] { graph.leave_parents(*before.state); });
    }
    take_back_followed();
    std::vector<InstanceState*> again;
    std::vector<InstanceState*> again_deleted;
    std::vector<InstanceState*> rows;
    for (const auto& before : before_) {
        InstanceState& state = *before.state;
        const bool was_flushed_delete = state.flushed_delete;
        state.flushed_delete = false;
        const bool expunged = state.status == ObjectStatus::Detached;
        state.recorded = false;
        state.snapshot = before.snapshot;
        graph.forget_identity(state);
        if (before.status == ObjectStatus::Pending) {
            if (before.fetched != nullptr) reset_members(state, *before.fetched, before.inserted);
            const bool wanted =
                state.status == ObjectStatus::Pending || state.status == ObjectStatus::Persistent;
            if (wanted) again.push_back(&state);
            graph.set_status(state, wanted ? ObjectStatus::Pending : ObjectStatus::Transient);
            continue;
        }
        if (expunged) continue;
        rows.push_back(&state);
        quietly([&] { RowVersion::take_back(state); });
        // What was deleted last counts, also when the transaction had written the object before.
        if (before.status == ObjectStatus::Deleted || was_flushed_delete) {
            graph.set_status(state, ObjectStatus::Deleted);
            again_deleted.push_back(&state);
        } else if (state.status != ObjectStatus::Deleted) {
            graph.set_status(state, before.status);
        }
    }
    take_back_renewals();
    // Only when all have left can each enter under its row's key again, also where keys were
    // swapped.
    for (InstanceState* state : rows) quietly([&] { graph.align_identity(*state); });
    // Added and deleted within the transaction: nothing is left to do for them.
    std::erase_if(deleted, [](const InstanceState* state) {
        return state->status == ObjectStatus::Transient;
    });
    // A flush that failed half-way has left its own objects in the lists; earlier flushes have not.
    put_back(again, pending);
    put_back(again_deleted, deleted);
    clear();
    take_back_associations(graph, again);
    graph.restore_links(std::exchange(links_, {}));
    show_links(graph, again);
    tell_parted();
}

void TransactionRecord::pause() noexcept {
    for (const auto& before : before_) before.state->recorded = false;
}

void TransactionRecord::resume() noexcept {
    for (const auto& before : before_) before.state->recorded = true;
}

void TransactionRecord::absorb(TransactionRecord& inside) {
    inside.pause();
    resume();
    for (const auto& before : inside.before_) {
        if (before.state->recorded) continue; // what was before that counts
        before.state->recorded = true;
        before_.push_back(before);
    }
    next_inserted_ = before_.size();
    fetched_.splice(fetched_.end(), inside.fetched_);
    links_.insert(links_.end(), inside.links_.begin(), inside.links_.end());
    for (const auto& [state, renewal] : inside.renewals_) {
        const auto [entry, is_new] = renewals_.try_emplace(state, renewal);
        if (!is_new) entry->second.row = renewal.row;
    }
    followed_.insert(followed_.end(), std::make_move_iterator(inside.followed_.begin()),
                     std::make_move_iterator(inside.followed_.end()));
    parted_.insert(parted_.end(), std::make_move_iterator(inside.parted_.begin()),
                   std::make_move_iterator(inside.parted_.end()));
    associations_.insert(associations_.end(), inside.associations_.begin(),
                         inside.associations_.end());
    inside = TransactionRecord();
}

void TransactionRecord::part_from(const std::shared_ptr<Graph>& graph) {
    std::erase_if(parted_, [](const Parted& parted) { return parted.graph.expired(); });
    Parted parted{graph, {}, {}};
    for (const auto& before : before_) {
        before.state->recorded = false;
        if (before.status == ObjectStatus::Pending) {
            parted.inserted.push_back(before.state);
        } else if (before.state->flushed_delete) {
            parted.deleted.push_back(before.state);
        }
    }
    if (!parted.inserted.empty() || !parted.deleted.empty()) parted_.push_back(std::move(parted));
    clear();
    links_.clear();
    associations_.clear();
}

/// The rows of the inserted objects are gone, those of the deleted ones are there again.
void TransactionRecord::tell_parted() noexcept {
    for (const auto& parted : std::exchange(parted_, {})) {
        const auto graph = parted.graph.lock();
        if (graph == nullptr) continue;
        for (InstanceState* state : parted.inserted)
            graph->set_status(*state, ObjectStatus::Transient);
        for (InstanceState* state : parted.deleted) state->flushed_delete = false;
    }
}

void TransactionRecord::clear() noexcept {
    before_.clear();
    fetched_.clear();
    next_inserted_ = 0;
    renewals_.clear();
    followed_.clear();
}

void TransactionRecord::abandon(Graph& graph) {
    for (const auto& before : before_) {
        InstanceState& state = *before.state;
        if (before.status == ObjectStatus::Pending) {
            graph.set_status(state, ObjectStatus::Transient);
        } else if (state.flushed_delete) {
            graph.set_status(state, ObjectStatus::Detached);
        }
        state.flushed_delete = false;
        state.recorded = false;
    }
    clear();
    links_.clear();
    associations_.clear();
    tell_parted();
}

void TransactionRecord::forget_if(Graph& graph,
                                  const std::function<bool(const InstanceState&)>& is_committed) {
    TransactionRecord done;
    std::erase_if(before_, [&](const Before& before) {
        if (!is_committed(*before.state)) return false;
        done.before_.push_back(before);
        return true;
    });
    next_inserted_ = before_.size();
    std::erase_if(links_, [&](const Link& link) { return is_committed(*link.child); });
    std::erase_if(associations_,
                  [&](const Association& change) { return is_committed(*change.owner); });
    std::erase_if(renewals_, [&](const auto& entry) { return is_committed(*entry.first); });
    std::erase_if(followed_, [&](const Followed& step) { return is_committed(*step.child); });
    done.forget(graph);
}

void TransactionRecord::forget(Graph& graph) {
    // Each collection is walked once, however many of its members are gone.
    std::set<std::pair<InstanceState*, const Relationship*>> left;
    std::vector<const Mapper*> classes;
    for (const auto& before : before_) {
        before.state->recorded = false;
        if (!before.state->flushed_delete) continue;
        graph.forget_identity(*before.state);
        graph.set_status(*before.state, ObjectStatus::Detached);
        for (const auto& relationship : before.state->mapper->relationships()) {
            if (relationship.direction != Direction::ManyToOne || relationship.reverse == nullptr)
                continue;
            if (InstanceState* parent = graph.known_parent(*before.state, relationship)) {
                left.emplace(parent, relationship.reverse);
            }
        }
        if (std::find(classes.begin(), classes.end(), before.state->mapper) == classes.end())
            classes.push_back(before.state->mapper);
    }
    for (const auto& [parent, relationship] : left) graph.drop_deleted(*parent, *relationship);
    if (!classes.empty()) graph.drop_deleted_elsewhere(classes);
    clear();
    links_.clear();
    associations_.clear();
    parted_.clear();
}

} // namespace mercator
