// SPDX-License-Identifier: MIT
#include "merge.hpp"

#include "related_objects.hpp"
#include "row_version.hpp"
#include "stale_rows.hpp"

#include <mercator/loading/deferred_columns.hpp>
#include <mercator/loading/row_assembler.hpp>
#include <mercator/mapping/version_rule.hpp>
#include <mercator/state/column_set.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <unordered_set>

namespace mercator {

/// What an object holds is merged after it: a chain may be longer than the stack is deep.
InstanceState& Merge::run(const Mapper& mapper, std::byte* source, const Graph* home) {
    InstanceState& merged = merge_columns(mapper, source, home);
    for (std::size_t i = 0; i < waiting_.size(); ++i) { // grows while it is walked
        const auto [target, from, of] = waiting_[i];
        merge_related(*target, from, of);
    }
    return merged;
}

InstanceState& Merge::merge_columns(const Mapper& mapper, std::byte* source, const Graph* home) {
    if (const auto known = done_.find(source); known != done_.end()) return *known->second;
    if (InstanceState* own = own_object(source, home)) {
        done_.emplace(source, own);
        return *own;
    }
    // A handle of a base may hold an object of a class that inherits it.
    const Mapper& real = home != nullptr ? *state_of(source).mapper : mapper;
    InstanceState* const row = find_row(real, source);
    InstanceState& target = row != nullptr ? *row : make_new_(real);
    done_.emplace(source, &target);
    copy_columns(target, source, row == nullptr);
    waiting_.push_back({&target, source, home});
    return target;
}

/// What is in this session already is its own merger.
InstanceState* Merge::own_object(std::byte* source, const Graph* home) const {
    if (home != &graph_) return nullptr;
    InstanceState& state = state_of(source);
    const bool is_kept =
        state.status == ObjectStatus::Pending || state.status == ObjectStatus::Persistent;
    return is_kept ? &state : nullptr;
}

InstanceState* Merge::find_row(const Mapper& mapper, const std::byte* source) {
    std::vector<Value> key;
    for (const auto index : mapper.primary_key()) {
        const ColumnProperty& property = mapper.columns()[index];
        if (property.generated && property.is_unset(source + property.field.offset)) return nullptr;
        key.push_back(load(property.field, source));
        if (key.back().is_null()) return nullptr;
    }
    return load_by_key(context_, mapper, key, false);
}

/// What was read before somebody else wrote the row must not take that back. A plain struct without
/// a version wants to be written over what there is.
void Merge::check_version(const InstanceState& target, const std::byte* source) {
    const ColumnProperty& column = target.mapper->columns()[target.mapper->version()->column];
    if (column.is_unset(source + column.field.offset)) return;
    const Value given = load(column.field, source);
    const Value there = RowVersion::loaded(target);
    if (given == there) return;
    throw StaleDataError(
        fmt::format("{} cannot be merged: it was read with version {}, and has version {} by now; "
                    "load it again and repeat the change, or merge it with {} left at its initial "
                    "value to overwrite what is there",
                    described_by_key(target), display(given), display(there), column.where),
        std::string(target.mapper->class_name()));
}

void Merge::copy_columns(InstanceState& target, const std::byte* source, bool is_new) {
    ColumnSet changed;
    const auto& columns = target.mapper->columns();
    const VersionRule* version = target.mapper->version();
    if (version != nullptr && !is_new) check_version(target, source);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Field& field = columns[i].field;
        if (version != nullptr && version->column == i && !is_new) continue;
        if (columns[i].link_offset != 0) {
            const auto* link = reinterpret_cast<const DeferredLink*>(source + field.offset +
                                                                     columns[i].link_offset);
            if (!link->loaded()) continue;
            if (!target.link(columns[i]).loaded())
                load_deferred_to_write(context_, target, columns[i]);
        }
        const Value given = load(field, source);
        if (given == load(field, target.object())) continue;
        // A struct that nobody has told its class of is of its own, as the row's object is.
        if (target.mapper->discriminator() == static_cast<int>(i) &&
            given == target.mapper->initial_discriminator())
            continue;
        store(field, target.object(), given);
        changed.insert(i);
    }
    // What the relationships of a row show goes by its new keys from here on.
    if (!is_new && !changed.empty()) graph_.follow_row(target, changed);
}

void Merge::merge_related(InstanceState& target, std::byte* source, const Graph* home) {
    for (const auto& relationship : target.mapper->relationships()) {
        if (relationship.view_only || !has(relationship.cascade, Cascade::merge)) continue;
        const std::byte* member = source + relationship.offset;
        if (relationship.is_collection) {
            merge_many(target, relationship, *reinterpret_cast<const RelatedMany*>(member), home);
        } else {
            merge_one(target, relationship, *reinterpret_cast<const RelatedOne*>(member), home);
        }
    }
}

/// A member of a handle counts if it is loaded, one of a plain struct if something was assigned.
void Merge::merge_one(InstanceState& target, const Relationship& relationship,
                      const RelatedOne& given, const Graph* home) {
    const auto& held = RelatedAccess::held(given);
    if (!RelatedAccess::is_loaded(given) && held == nullptr) return;
    std::shared_ptr<void> merged;
    if (held != nullptr) merged = graph_.handle(merge_member(relationship, held, home));
    if (merged != nullptr && RelatedAccess::target(target.one(relationship)) == merged.get())
        keep_foreign_key(target, relationship, state_of(merged.get()));
    graph_.assign(target, relationship.index, merged);
}

/// A child that is where it belongs stays there, whatever foreign key was copied onto it: a plain
/// struct in a collection need not have it.
void Merge::keep_foreign_key(const InstanceState& parent, const Relationship& relationship,
                             InstanceState& child) {
    if (relationship.direction != Direction::OneToMany) return;
    for (const auto& [own, theirs] : relationship.pairs) {
        const Value key = load(parent.mapper->columns()[own].field, parent.object());
        const Field& field = child.mapper->columns()[theirs].field;
        if (!(load(field, child.object()) == key)) store(field, child.object(), key);
    }
}

void Merge::merge_many(InstanceState& target, const Relationship& relationship,
                       const RelatedMany& given, const Graph* home) {
    if (!RelatedAccess::is_loaded(given) && RelatedAccess::items(given).empty()) return;
    const auto members = RelatedAccess::items(given); // a copy: what follows may change it
    std::vector<InstanceState*> wanted;
    for (const auto& member : members) wanted.push_back(&merge_member(relationship, member, home));
    const std::unordered_set<const InstanceState*> kept(wanted.begin(), wanted.end());
    std::unordered_set<const InstanceState*> there;
    for (InstanceState* present : related_objects(context_, target, relationship)) {
        if (kept.contains(present)) {
            there.insert(present);
        } else {
            graph_.remove(target, relationship.index, present->object());
        }
    }
    for (InstanceState* member : wanted) {
        if (there.insert(member).second) {
            graph_.append(target, relationship.index, graph_.handle(*member));
        } else {
            keep_foreign_key(target, relationship, *member);
        }
    }
}

/// Members of a handle lie in its graph; those of a plain struct say where they are from.
InstanceState& Merge::merge_member(const Relationship& relationship,
                                   const std::shared_ptr<void>& member, const Graph* home) {
    const Graph* graph = Graph::of(member);
    return merge_columns(*relationship.target, static_cast<std::byte*>(member.get()),
                         graph != nullptr ? graph : home);
}

} // namespace mercator
