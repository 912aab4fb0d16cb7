// SPDX-License-Identifier: MIT
#include "moved_keys.hpp"

#include "class_keys.hpp"
#include "key_sync.hpp"
#include "related_objects.hpp"

#include <mercator/state/snapshot.hpp>

#include <algorithm>
#include <utility>

namespace mercator {

namespace {

using Columns = std::vector<std::uint16_t>;

/// Does the database take the rows of the foreign key along when the parent's key changes? As the
/// foreign key says, unless a relationship over it says that the session has to.
bool follows_in_database(const Mapper& child, const ForeignKey& key, const Mapper& parent) {
    if (key.on_update != ReferentialAction::Cascade && key.on_update != ReferentialAction::SetNull)
        return false;
    const auto says_no = [&](const Mapper& from, const Mapper& to) {
        const auto& list = from.relationships();
        return std::any_of(list.begin(), list.end(), [&](const Relationship& relationship) {
            return !relationship.passive_updates && to.is_a(*relationship.target) &&
                   foreign_key_behind(relationship) == &key;
        });
    };
    return !says_no(parent, child) && !says_no(child, parent);
}

/// The members of a row back as they are in the database, for as long as this lives.
class OldRow {
public:
    OldRow(InstanceState& state, const Columns& columns) : state_(state) {
        for (const auto column : columns) {
            const Field& field = state.mapper->columns()[column].field;
            now_.emplace_back(&field, load(field, state.object()));
            store(field, state.object(), snapshot_value(*state.mapper, state.snapshot, column));
        }
    }
    OldRow(const OldRow&) = delete;
    OldRow& operator=(const OldRow&) = delete;
    ~OldRow() {
        for (const auto& [field, value] : now_) store(*field, state_.object(), value);
    }

private:
    InstanceState& state_;
    std::vector<std::pair<const Field*, Value>> now_;
};

} // namespace

bool MovedKeys::refers(const InstanceState& child, const ForeignKey& key,
                       const InstanceState& parent, const std::byte* parent_row) {
    if (table_referred_to(key, *parent.mapper) == nullptr) return false;
    const auto pairs = foreign_key_pairs(*child.mapper, key, *parent.mapper);
    return !pairs.empty() && std::all_of(pairs.begin(), pairs.end(), [&](const auto& pair) {
        return same_key(snapshot_value(*child.mapper, child.snapshot, pair.first),
                        snapshot_value(*parent.mapper, parent_row, pair.second));
    });
}

std::vector<Link> MovedKeys::children_to_release(InstanceState& parent) {
    std::vector<Link> links;
    for (const auto& relationship : parent.mapper->relationships()) {
        if (relationship.direction != Direction::OneToMany || relationship.view_only) continue;
        const ForeignKey* key = foreign_key_behind(relationship);
        if (key != nullptr && follows_in_database(*relationship.target, *key, *parent.mapper))
            continue;
        // Without an order of ours, only a database that does not look lets them be for a moment.
        const bool may_wait = !relationship.passive_updates || key == nullptr ||
                              key->deferrable == Deferrable::InitiallyDeferred;
        if (!may_wait && !can_be_empty(relationship)) continue;
        Columns own;
        for (const auto& pair : relationship.pairs) own.push_back(pair.first);
        const OldRow old(parent, own);
        static_cast<void>(all_related_objects(context_, parent, relationship));
        // All that refer to it are in memory now, also those that were moved to another parent.
        graph_.for_each_of(*relationship.target, [&](InstanceState& child) {
            if (child.status != ObjectStatus::Persistent || !child.is_tracked()) return;
            bool refers = true;
            for (const auto& [of_parent, of_child] : relationship.pairs) {
                refers =
                    refers && same_key(snapshot_value(*parent.mapper, parent.snapshot, of_parent),
                                       snapshot_value(*child.mapper, child.snapshot, of_child));
            }
            if (refers) links.push_back({&child, &parent, &relationship});
        });
    }
    return links;
}

void MovedKeys::take_along(InstanceState& parent, const std::byte* row_before,
                           std::vector<InstanceState*>& to_write) {
    std::vector<std::pair<InstanceState*, const ForeignKey*>> children;
    graph_.for_each([&](InstanceState& child) {
        // A row that is still to be deleted follows as well, or it is not found any more.
        const bool goes = child.status == ObjectStatus::Deleted && !child.flushed_delete;
        if ((child.status != ObjectStatus::Persistent && !goes) || !child.is_tracked()) return;
        any_foreign_key(*child.mapper, [&](const ForeignKey& key, const Table&) {
            if ((!goes || follows_in_database(*child.mapper, key, *parent.mapper)) &&
                refers(child, key, parent, row_before))
                children.emplace_back(&child, &key);
            return false;
        });
    });
    for (const auto& [child, key] : children) take_child_along(*child, *key, parent, to_write);
}

void MovedKeys::take_back(InstanceState& parent, const std::byte* row_before,
                          const std::vector<Link>& let_go, std::vector<InstanceState*>& to_write) {
    for (const auto& link : let_go) {
        if (link.parent != &parent) continue;
        const auto& pairs = link.relationship->pairs; // of the parent's class, then of the child's
        const bool still_refers = std::all_of(pairs.begin(), pairs.end(), [&](const auto& pair) {
            const Field& field = link.child->mapper->columns()[pair.second].field;
            return same_key(snapshot_value(*parent.mapper, row_before, pair.first),
                            load(field, link.child->object()));
        });
        if (still_refers) {
            for (const auto& [of_parent, of_child] : pairs) {
                const Field& field = link.child->mapper->columns()[of_child].field;
                Value key = load(parent.mapper->columns()[of_parent].field, parent.object());
                record_.note_followed(*link.child, field, load(field, link.child->object()), key);
                store(field, link.child->object(), key);
            }
        }
        to_write.push_back(link.child);
    }
}

void MovedKeys::take_child_along(InstanceState& child, const ForeignKey& key, InstanceState& parent,
                                 std::vector<InstanceState*>& to_write) {
    const Mapper& mapper = *child.mapper;
    const auto pairs = foreign_key_pairs(mapper, key, *parent.mapper);
    const ColumnSet changed = changed_columns(mapper, child.object(), child.snapshot);
    bool set_by_member = false;
    for (const auto& pair : pairs) set_by_member = set_by_member || changed.contains(pair.first);
    record_.note(child);
    const std::byte* const row_before = child.snapshot;
    const auto give = [&](bool empty) {
        for (const auto& [own, theirs] : pairs) {
            const Field& field = mapper.columns()[own].field;
            store(field, child.object(),
                  empty ? Value() : load(parent.mapper->columns()[theirs].field, parent.object()));
        }
    };
    const bool empties = key.on_update == ReferentialAction::SetNull;
    if (follows_in_database(mapper, key, *parent.mapper)) {
        // The row has changed without a statement of ours: so does what we know of it, and nothing
        // of what was changed in memory is lost.
        std::vector<std::pair<const Field*, Value>> kept;
        for (std::size_t i = 0; i < mapper.columns().size(); ++i) {
            if (!changed.contains(i)) continue;
            const Field& field = mapper.columns()[i].field;
            kept.emplace_back(&field, load(field, child.object()));
        }
        const std::byte* before = child.snapshot;
        restore_snapshot(mapper, child.object(), before);
        give(empties);
        child.snapshot = take_snapshot(mapper, child.object(), graph_.arena());
        graph_.count_rewrite();
        const bool key_moved = std::any_of(pairs.begin(), pairs.end(), [&](const auto& pair) {
            const auto& key_columns = mapper.primary_key();
            return std::find(key_columns.begin(), key_columns.end(), pair.first) !=
                   key_columns.end();
        });
        if (key_moved) {
            graph_.forget_identity(child);
            graph_.register_identity(child);
            take_along(child, before, to_write);
        }
        for (const auto& [field, value] : kept) store(*field, child.object(), value);
    }
    if (!set_by_member) {
        give(false);
        for (const auto& [own, theirs] : pairs) {
            const Field& field = mapper.columns()[own].field;
            record_.note_followed(child, field, snapshot_value(mapper, row_before, own),
                                  load(field, child.object()));
        }
    }
    if (child.status == ObjectStatus::Persistent &&
        is_changed(mapper, child.object(), child.snapshot))
        to_write.push_back(&child);
}

} // namespace mercator
