// SPDX-License-Identifier: MIT
// The updates of a flush, and the order that keeps unique values apart.
#include "class_keys.hpp"
#include "classes_of_rows.hpp"
#include "computed_columns.hpp"
#include "flush_events.hpp"
#include "moved_keys.hpp"
#include "persister.hpp"
#include "unique_values.hpp"
#include "unit_of_work.hpp"

#include <mercator/state/identity_key.hpp>
#include <mercator/state/snapshot.hpp>

#include <algorithm>
#include <functional>
#include <iterator>
#include <string_view>
#include <unordered_set>

namespace mercator {

namespace {

bool touches_key(const Mapper& mapper, const ColumnSet& columns) {
    const auto& key = mapper.primary_key();
    return std::any_of(key.begin(), key.end(),
                       [&](std::uint16_t index) { return columns.contains(index); });
}

/// Without a look at the snapshot: the identity map knows the key of the row.
bool key_has_moved(const InstanceState& state, IdentityKey& scratch) {
    if (!state.in_identity_map) return false;
    identity_of(*state.mapper, state.object(), scratch);
    if (scratch.hash != state.key_hash) return true;
    return !scratch.bytes.empty() &&
           scratch.bytes !=
               std::string_view(reinterpret_cast<const char*>(state.key), state.key_size);
}

} // namespace

// What must go before what
// ---------------------------------------------------------------------------------------------------------

/// A new or changed object with a value that must be distinct and belongs to a row that is to be
/// deleted can only be written when that row is gone.
bool UnitOfWork::values_are_used_again(bool give_keys) {
    if (deleted_.empty() || (pending_.empty() && changed_.empty())) return false;
    for (const Mapper* mapper : with_bases(mappers_of(deleted_))) {
        std::vector<InstanceState*> added;
        for (InstanceState* state : pending_) {
            if (!state->mapper->is_a(*mapper)) continue;
            added.push_back(state);
            if (!give_keys) continue;
            links_by_child_.for_each_of(*state, [](const Link& link) {
                // Parts of its key may come from there.
                if (link.parent != nullptr && link.parent->status == ObjectStatus::Persistent)
                    synchronise(link);
            });
        }
        IdentityKey scratch;
        std::vector<std::pair<InstanceState*, ColumnSet>> changed;
        for (InstanceState* state : changed_) {
            if (state->mapper->is_a(*mapper) &&
                (has_unique_columns(*mapper) || key_has_moved(*state, scratch)))
                changed.emplace_back(state,
                                     changed_columns(*mapper, state->object(), state->snapshot));
        }
        if (added.empty() && changed.empty()) continue;
        UniqueValues freed(*mapper);
        for (const InstanceState* state : deleted_) {
            if (state->mapper->is_a(*mapper)) freed.give_up(*state);
        }
        const bool again =
            std::any_of(added.begin(), added.end(),
                        [&](const InstanceState* state) { return freed.has_taken(*state); }) ||
            std::any_of(changed.begin(), changed.end(),
                        [&](const auto& row) { return freed.has_taken(*row.first, row.second); });
        if (again) return true;
    }
    return false;
}

/// A row that is to be deleted and refers to one whose key changes has to go before: it could be
/// neither left behind nor found any more.
bool UnitOfWork::deleted_refer_to_moving_keys() const {
    IdentityKey scratch;
    if (deleted_.empty()) return false;
    const auto mappers = mappers_of(deleted_);
    return std::any_of(changed_.begin(), changed_.end(), [&](const InstanceState* parent) {
        const bool any = std::any_of(mappers.begin(), mappers.end(), [&](const Mapper* mapper) {
            return refers_to(*mapper, *parent->mapper);
        });
        if (!any || !key_has_moved(*parent, scratch)) return false;
        return std::any_of(deleted_.begin(), deleted_.end(), [&](const InstanceState* child) {
            return child->is_tracked() &&
                   any_foreign_key(*child->mapper, [&](const ForeignKey& key, const Table&) {
                       return MovedKeys::refers(*child, key, *parent, parent->snapshot);
                   });
        });
    });
}

/// Does the child's row refer to one that is to be deleted, whatever its members say by now?
bool UnitOfWork::refers_to_deleted(const Link& link) {
    if (link.child->status != ObjectStatus::Persistent || !link.child->is_tracked()) return false;
    const Relationship& relationship = *link.relationship;
    const Mapper& parent =
        relationship.direction == Direction::ManyToOne ? *relationship.target : *relationship.owner;
    std::vector<Value> key;
    for (const auto index : parent.primary_key()) {
        for (std::size_t pair = 0; pair < relationship.pairs.size(); ++pair) {
            if (parent_column(relationship, pair) != index) continue;
            key.push_back(snapshot_value(*link.child->mapper, link.child->snapshot,
                                         child_column(relationship, pair)));
            if (key.back().is_null()) return false;
        }
    }
    if (key.size() != parent.primary_key().size()) return false;
    IdentityKey identity;
    identity_of(parent, key, identity);
    const InstanceState* row = graph_.identities(parent).find(identity);
    return row != nullptr && row->status == ObjectStatus::Deleted;
}

/// Where the deletes go first, new objects that rows move to from deleted ones go before them, with
/// what they refer to themselves: a row that cannot be without a parent has nowhere else to be.
void UnitOfWork::insert_new_parents(Connection& connection) {
    std::vector<InstanceState*> early;
    std::unordered_set<const InstanceState*> chosen;
    const auto choose = [&](const Link& link) {
        if (link.parent != nullptr && link.parent->status == ObjectStatus::Pending &&
            chosen.insert(link.parent).second)
            early.push_back(link.parent);
    };
    for (const auto& link : links_) {
        if (refers_to_deleted(link) && !can_be_empty(*link.relationship)) choose(link);
    }
    for (std::size_t i = 0; i < early.size(); ++i) { // grows while it is walked
        links_by_child_.for_each_of(*early[i], [&](const Link& link) {
            if (!is_postponed(link)) choose(link);
        });
    }
    if (early.empty()) return;
    for (auto& step : inserts_) {
        FlushPlan::Step first{step.mapper, {}};
        for (InstanceState* state : step.states) {
            if (chosen.contains(state)) first.states.push_back(state);
        }
        if (first.states.empty()) continue;
        std::erase_if(step.states, [&](InstanceState* state) { return chosen.contains(state); });
        update_before_inserts(connection, first);
        insert_step(connection, first);
    }
    std::erase_if(inserts_, [](const FlushPlan::Step& step) { return step.states.empty(); });
}

/// Where the deletes go first, rows that were moved to another parent let go of the old one before;
/// those that cannot be without a parent are written.
void UnitOfWork::release_from_deleted(Connection& connection) {
    std::vector<InstanceState*> early;
    const auto write_early = [&](InstanceState* state) {
        const auto found = std::find(changed_.begin(), changed_.end(), state);
        if (found == changed_.end()) return;
        early.push_back(state);
        changed_.erase(found);
    };
    for (const auto& link : links_) {
        if (!refers_to_deleted(link)) continue;
        if (can_be_empty(*link.relationship)) {
            empty_foreign_key(connection, link);
        } else if (link.parent != nullptr && link.parent->status == ObjectStatus::Persistent) {
            write_early(link.parent); // its key may change, too
            write_early(link.child);
        }
    }
    if (!early.empty()) write_changes(connection, early, &changed_);
}

void UnitOfWork::find_moving_keys() {
    IdentityKey scratch;
    MovedKeys moved(context_, record_);
    let_go_for_key_.clear();
    for (InstanceState* state : changed_) {
        if (!key_has_moved(*state, scratch)) continue;
        for (const auto& link : moved.children_to_release(*state)) let_go_for_key_.push_back(link);
    }
}

// Emptying columns for a moment
// ----------------------------------------------------------------------------------------------------

void UnitOfWork::empty_columns(Connection& connection, InstanceState& state,
                               const ColumnSet& columns) {
    std::vector<std::pair<std::size_t, Value>> values;
    for (std::size_t i = 0; i < state.mapper->columns().size(); ++i) {
        if (columns.contains(i)) values.emplace_back(i, Value());
    }
    write_meanwhile(connection, state, values);
}

/// A place in a list that cannot be empty becomes one that no list has.
void UnitOfWork::leave_values(Connection& connection, const ChangedRow& row) {
    const Mapper& mapper = *row.state->mapper;
    const ColumnSet empty = UniqueValues(mapper).can_be_emptied(row.columns);
    if (!empty.empty()) return empty_columns(connection, *row.state, empty);
    std::vector<std::pair<std::size_t, Value>> values;
    for (const auto column : place_columns(graph_, mapper)) {
        if (!row.columns.contains(column)) continue;
        const Value before = snapshot_value(mapper, row.state->snapshot, column);
        values.emplace_back(column, place_aside(mapper.columns()[column].field, before));
    }
    write_meanwhile(connection, *row.state, values);
}

/// The row has these values from now on, and its snapshot says so; the members keep what they say,
/// since what follows and a rollback need it.
void UnitOfWork::write_meanwhile(Connection& connection, InstanceState& state,
                                 const std::vector<std::pair<std::size_t, Value>>& values) {
    if (values.empty()) return;
    ColumnSet columns;
    for (const auto& [column, value] : values) columns.insert(column);
    const Mapper& mapper = *state.mapper;
    const bool tracked = state.is_tracked(); // not what was read as const
    record_.note(state);
    const ColumnSet touched =
        tracked ? changed_columns(mapper, state.object(), state.snapshot) : ColumnSet();
    std::vector<std::pair<const Field*, Value>> kept;
    for (std::size_t i = 0; i < mapper.columns().size(); ++i) {
        if (!touched.contains(i) && !columns.contains(i)) continue;
        const Field& field = mapper.columns()[i].field;
        kept.emplace_back(&field, load(field, state.object()));
    }
    const auto put_back = [&] {
        for (const auto& [field, value] : kept) store(*field, state.object(), value);
    };
    try {
        // With the key of the row.
        if (tracked) restore_snapshot(mapper, state.object(), state.snapshot);
        for (const auto& [column, value] : values)
            store(mapper.columns()[column].field, state.object(), value);
        InstanceState* const one = &state;
        persister(connection, mapper).update({&one, 1}, columns);
        if (tracked) {
            state.snapshot = take_snapshot(mapper, state.object(), graph_.arena());
            graph_.count_rewrite();
        }
    } catch (...) {
        put_back();
        throw;
    }
    put_back();
}

void UnitOfWork::empty_foreign_key(Connection& connection, const Link& link) {
    ColumnSet cleared;
    for (std::size_t pair = 0; pair < link.relationship->pairs.size(); ++pair) {
        const auto column = child_column(*link.relationship, pair);
        if (link.child->mapper->columns()[column].field.optional) cleared.insert(column);
    }
    empty_columns(connection, *link.child, cleared);
}

// Updates
// --------------------------------------------------------------------------------------------------------------------

ColumnSet UnitOfWork::changes_of(InstanceState& state) {
    ColumnSet changed = changed_columns(*state.mapper, state.object(), state.snapshot);
    RowVersion::join_changes(state, changed);
    if (changed.empty()) return changed;
    for (const auto i : renewed_columns(*state.mapper)) {
        if (changed.contains(i)) continue;
        const auto& column = state.mapper->columns()[i];
        column.apply_on_update(state.object() + column.field.offset);
        changed.insert(i);
    }
    return changed;
}

/// The columns with `on_update`: looked for once for many objects of one class.
const std::vector<std::size_t>& UnitOfWork::renewed_columns(const Mapper& mapper) {
    if (renewed_of_ == &mapper) return renewed_;
    renewed_of_ = &mapper;
    renewed_.clear();
    for (std::size_t i = 0; i < mapper.columns().size(); ++i) {
        if (mapper.columns()[i].apply_on_update) renewed_.push_back(i);
    }
    return renewed_;
}

/// Rows that give up a value which a new object takes are written before it is inserted, and so are
/// those whose key changes, if new objects may refer to them by it.
void UnitOfWork::update_before_inserts(Connection& connection, const FlushPlan::Step& step) {
    if (changed_.empty()) return;
    for (const InstanceState* state : step.states) { // parts of its key may come from there
        links_by_child_.for_each_of(*state, [](const Link& link) {
            if (link.parent != nullptr && link.parent->status == ObjectStatus::Persistent)
                synchronise(link);
        });
    }
    for (const Mapper* mapper : with_early_rows(step)) {
        const auto early = find_early(connection, step, *mapper);
        if (early.empty()) continue;
        const std::unordered_set<const InstanceState*> done(early.begin(), early.end());
        std::erase_if(changed_, [&](const InstanceState* state) { return done.contains(state); });
        write_changes(connection, early, &changed_);
    }
}

UnitOfWork::EarlyRows UnitOfWork::early_rows(const FlushPlan::Step& step, const Mapper& mapper,
                                             const Changes& changes) const {
    const bool is_one_hierarchy = &mapper.identity_root() == &step.mapper->identity_root();
    const Mapper& shared = is_one_hierarchy ? common_base(mapper, *step.mapper) : mapper;
    UniqueValues free(shared);
    UniqueValues held(shared);
    EarlyRows rows;
    IdentityKey scratch;
    bool key_moves = false;
    for (InstanceState* state : changed_) {
        if (state->mapper != &mapper) continue;
        const bool moves = key_has_moved(*state, scratch);
        if (!moves && !has_unique_columns(mapper)) continue;
        ColumnSet columns = changes(*state);
        if (!free.concern(columns)) continue;
        bool waits = false; // for the key of a new object
        links_by_child_.for_each_of(*state, [&](const Link& link) {
            waits =
                waits || (link.parent != nullptr && link.parent->status == ObjectStatus::Pending);
        });
        (waits ? held : free).give_up(*state, columns);
        (waits ? rows.waiting : rows.leaving).push_back({state, std::move(columns)});
        key_moves = key_moves || (moves && !waits);
    }
    const auto is_taken = [&](const UniqueValues& values) {
        return is_one_hierarchy &&
               std::any_of(step.states.begin(), step.states.end(),
                           [&](const InstanceState* state) { return values.has_taken(*state); });
    };
    const bool follows = &mapper != step.mapper && refers_to(*step.mapper, mapper);
    rows.go_first =
        (follows && key_moves) || (refers_to(mapper, mapper) && key_moves) || is_taken(free);
    rows.step_aside =
        is_taken(held) ||
        (rows.go_first &&
         std::any_of(rows.leaving.begin(), rows.leaving.end(), [&](const ChangedRow& row) {
             return held.has_taken(*row.state, row.columns);
         }));
    return rows;
}

/// Classes of changed rows that may have to be written before these are inserted; parents first:
/// keys follow theirs.
std::vector<const Mapper*> UnitOfWork::with_early_rows(const FlushPlan::Step& step) const {
    auto mappers = mappers_of(changed_);
    std::erase_if(mappers, [&](const Mapper* mapper) {
        return mapper != step.mapper && !refers_to(*step.mapper, *mapper) &&
               (&mapper->identity_root() != &step.mapper->identity_root() ||
                !has_unique_columns(common_base(*mapper, *step.mapper)));
    });
    return mappers;
}

/// Those of one class. A row that waits for the key of a new object gives its values up for a
/// moment, where they can be empty.
std::vector<InstanceState*>
UnitOfWork::find_early(Connection& connection, const FlushPlan::Step& step, const Mapper& mapper) {
    for (InstanceState* state : changed_) {
        if (state->mapper != &mapper) continue;
        links_by_child_.for_each_of(*state, [](const Link& link) {
            if (link.parent != nullptr && link.parent->status == ObjectStatus::Persistent)
                synchronise(link); // it may have been inserted just now
        });
    }
    const EarlyRows rows = early_rows(step, mapper, [](const InstanceState& state) {
        return changed_columns(*state.mapper, state.object(), state.snapshot);
    });
    if (rows.step_aside) {
        for (const auto& row : rows.waiting) leave_values(connection, row);
    }
    std::vector<InstanceState*> early;
    if (!rows.go_first) return early;
    for (const auto& row : rows.leaving) early.push_back(row.state);
    return early;
}

void UnitOfWork::update_all(Connection& connection) {
    // Their rows have just been inserted, so they are not among the changed ones yet.
    std::unordered_set<const InstanceState*> inserted;
    for (const auto& link : plan_.postponed()) {
        if (inserted.insert(link.child).second) changed_.push_back(link.child);
    }
    write_changes(connection, changed_);
}

namespace {

/// Rows that keep their key but hand over unique values go in order with those of their class whose
/// key changes.
void join_handovers(std::vector<ChangedRow>& moving, std::vector<ChangedRow>& staying) {
    const auto joins = [&, keys = moving.size()](const ChangedRow& row) {
        const Mapper* mapper = row.state->mapper;
        return has_unique_columns(*mapper) && UniqueValues(*mapper).concern(row.columns) &&
               std::any_of(moving.begin(), moving.begin() + static_cast<std::ptrdiff_t>(keys),
                           [&](const ChangedRow& other) { return other.state->mapper == mapper; });
    };
    const auto rest = std::stable_partition(staying.begin(), staying.end(), std::not_fn(joins));
    moving.insert(moving.end(), std::make_move_iterator(rest),
                  std::make_move_iterator(staying.end()));
    staying.erase(rest, staying.end());
}

} // namespace

void UnitOfWork::write_changes(Connection& connection, const std::vector<InstanceState*>& states,
                               std::vector<InstanceState*>* later) {
    std::vector<ChangedRow> moving; // to another key
    std::vector<ChangedRow> staying;
    staying.reserve(states.size());
    for (InstanceState* state : states) {
        links_by_child_.for_each_of(*state, [](const Link& link) { synchronise(link); });
        ColumnSet changed = changes_of(*state);
        if (changed.empty()) continue;
        const bool moves = touches_key(*state->mapper, changed);
        (moves ? moving : staying).push_back({state, std::move(changed)});
    }
    if (!moving.empty()) {
        join_handovers(moving, staying);
        // What refers to them may have changed with them.
        std::vector<InstanceState*> rest;
        for (const auto& row : staying) rest.push_back(row.state);
        for (InstanceState* state : write_moving_keys(connection, moving)) {
            if (std::find(rest.begin(), rest.end(), state) != rest.end()) continue;
            auto& list = later == nullptr ? rest : *later;
            if (later == nullptr || std::find(list.begin(), list.end(), state) == list.end())
                list.push_back(state);
        }
        staying.clear();
        for (InstanceState* state : rest) {
            if (ColumnSet changed = changes_of(*state); !changed.empty())
                staying.push_back({state, std::move(changed)});
        }
    }
    write_rows(connection, staying);
}

/// Keys change one row at a time, those that others refer to first. Returns the rows that have to
/// be written because of it.
std::vector<InstanceState*> UnitOfWork::write_moving_keys(Connection& connection,
                                                          const std::vector<ChangedRow>& rows) {
    std::vector<InstanceState*> states;
    for (const auto& row : rows) states.push_back(row.state);
    for (const auto& link : let_go_for_key_) {
        if (std::find(states.begin(), states.end(), link.parent) != states.end())
            empty_foreign_key(connection, link);
    }
    MovedKeys moved(context_, record_);
    std::vector<InstanceState*> to_write;
    for (const Mapper* mapper : FlushPlan::sorted_mappers(states)) {
        std::vector<ChangedRow> own;
        for (const auto& row : rows) {
            if (row.state->mapper == mapper) own.push_back(row);
        }
        const auto edges = UniqueValues::handovers(*mapper, own);
        const TopologicalOrder sorted = sort_topologically(own.size(), edges);
        empty_circles(connection, own, edges, sorted);
        for (const auto index : sorted.order) {
            InstanceState& state = *own[index].state;
            const ColumnSet changed = changes_of(state); // it may have been taken along by now
            if (changed.empty()) continue;
            const std::byte* before = state.snapshot;
            update_group(connection, *mapper, changed, {&state});
            if (!touches_key(*mapper, changed)) continue;
            moved.take_along(state, before, to_write);
            moved.take_back(state, before, let_go_for_key_, to_write);
        }
    }
    return to_write;
}

void UnitOfWork::write_rows(Connection& connection, const std::vector<ChangedRow>& rows) {
    struct Group {
        const Mapper* mapper;
        ColumnSet columns;
        std::vector<InstanceState*> states;
    };
    std::vector<Group> groups;
    const auto written = write_handovers(connection, rows);
    for (const auto& row : rows) {
        if (std::find(written.begin(), written.end(), row.state->mapper) != written.end()) continue;
        const auto same = std::find_if(groups.rbegin(), groups.rend(), [&](const Group& group) {
            return group.mapper == row.state->mapper && group.columns == row.columns;
        });
        if (same == groups.rend()) {
            groups.push_back({row.state->mapper, row.columns, {row.state}});
        } else {
            same->states.push_back(row.state);
        }
    }
    for (const auto& group : groups)
        update_group(connection, *group.mapper, group.columns, group.states);
}

/// Writes the rows of those classes of which one row takes a unique value that another gives up;
/// returns the classes.
std::vector<const Mapper*> UnitOfWork::write_handovers(Connection& connection,
                                                       const std::vector<ChangedRow>& rows) {
    std::vector<const Mapper*> written;
    std::vector<InstanceState*> states;
    if (rows.size() < 2) return written;
    for (const auto& row : rows) states.push_back(row.state);
    for (const Mapper* mapper : mappers_of(states)) {
        if (!has_unique_columns(*mapper) ||
            std::find(written.begin(), written.end(), mapper) != written.end())
            continue;
        std::vector<ChangedRow> own;
        for (const auto& row : rows) {
            if (&row.state->mapper->identity_root() == &mapper->identity_root()) own.push_back(row);
        }
        const auto edges = handovers_of_classes(own);
        if (edges.empty()) continue;
        write_one_by_one(connection, own, edges);
        for (const auto& row : own) written.push_back(row.state->mapper);
    }
    return written;
}

/// Where values go round in a circle, a row gives its own up for a moment, if it can; else the
/// database refuses.
void UnitOfWork::empty_circles(Connection& connection, const std::vector<ChangedRow>& rows,
                               const std::vector<DependencyEdge>& edges,
                               const TopologicalOrder& sorted) {
    for (const auto dropped : sorted.dropped) leave_values(connection, rows[edges[dropped].before]);
}

/// Databases compare unique values row by row, also within one statement.
void UnitOfWork::write_one_by_one(Connection& connection, const std::vector<ChangedRow>& rows,
                                  const std::vector<DependencyEdge>& edges) {
    const TopologicalOrder sorted = sort_topologically(rows.size(), edges);
    empty_circles(connection, rows, edges, sorted);
    for (const auto index : sorted.order)
        update_group(connection, *rows[index].state->mapper, rows[index].columns,
                     {rows[index].state});
}

void UnitOfWork::update_group(Connection& connection, const Mapper& mapper,
                              const ColumnSet& changed, const std::vector<InstanceState*>& states) {
    const auto& key = mapper.primary_key();
    const bool key_changed = std::any_of(
        key.begin(), key.end(), [&](std::uint16_t index) { return changed.contains(index); });
    Persister writer = persister(connection, mapper);
    for (InstanceState* state : states) {
        record_.note(*state);
        RowVersion::advance(*state);
    }
    if (key_changed) {
        for (InstanceState* state : states) {
            writer.update_key(*state, changed);
            graph_.forget_identity(*state);
            graph_.register_identity(*state);
        }
    } else {
        writer.update(states, changed);
    }
    if (mapper.has_computed_columns()) {
        fetch_computed(graph_, context_.connection_of(mapper, connection), mapper, states);
    }
    for (InstanceState* state : states) {
        for (const auto& relationship : mapper.relationships()) {
            // A foreign key set by its member: what the relationship showed is out of date.
            if (relationship.direction != Direction::ManyToOne || !touches(changed, relationship))
                continue;
            bool linked = false;
            links_by_child_.for_each_of(*state, [&](const Link& link) {
                linked = linked || same_foreign_key(*link.relationship, relationship);
            });
            if (!linked) RelatedAccess::unload(state->one(relationship));
        }
        graph_.count_rewrite();
        settle(*state);
    }
    if (events_ != nullptr) events_->updated(states);
}

} // namespace mercator
