// SPDX-License-Identifier: MIT
#include "merge_as_row.hpp"

#include "stale_rows.hpp"

#include <mercator/loading/row_assembler.hpp>
#include <mercator/state/identity_key.hpp>
#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace mercator {

namespace {

[[noreturn]] void refuse(const Mapper& mapper, const std::string& why) {
    throw StateError(
        fmt::format("{} cannot be merged without asking for its row: {}", mapper.class_name(), why),
        std::string(mapper.class_name()));
}

bool is_changed(const InstanceState& state) {
    return state.is_tracked() &&
           mercator::is_changed(*state.mapper, state.object(), state.snapshot);
}

bool is_linked_anew(const Graph& graph, const InstanceState& state) {
    const auto& links = graph.links();
    return std::any_of(links.begin(), links.end(), [&](const Link& link) {
        return link.child == &state || link.parent == &state;
    });
}

} // namespace

InstanceState& MergeAsRow::run(const Mapper& mapper, std::byte* source, const Graph* home) {
    InstanceState& merged = take(mapper, source, home);
    for (std::size_t i = 0; i < waiting_.size(); ++i) { // grows while it is walked
        const auto [target, from, of] = waiting_[i];
        take_related(*target, from, of);
    }
    return merged;
}

InstanceState& MergeAsRow::take(const Mapper& mapper, std::byte* source, const Graph* home) {
    if (const auto known = done_.find(source); known != done_.end()) return *known->second;
    const bool is_own = home == &graph_ && state_of(source).status == ObjectStatus::Persistent;
    if (is_own) {
        done_.emplace(source, &state_of(source));
        return state_of(source);
    }
    // A handle of a base may hold an object of a class that inherits it.
    const Mapper& real = home != nullptr ? *state_of(source).mapper : mapper;
    check_source(real, source, home);
    InstanceState& target = object_of(real, source);
    done_.emplace(source, &target);
    take_columns(target, source);
    waiting_.push_back({&target, source, home});
    return target;
}

void MergeAsRow::check_source(const Mapper& mapper, std::byte* source, const Graph* home) {
    if (home == nullptr) return; // a plain struct is what it says
    const InstanceState& state = state_of(source);
    const bool has_row =
        state.status == ObjectStatus::Persistent || state.status == ObjectStatus::Detached;
    if (!has_row) refuse(mapper, "it stands for no row; add it, or merge it with MergeLoad::yes");
    if (is_changed(state) || is_linked_anew(*home, state)) {
        refuse(mapper, described_by_key(state) + " has changes that its session has not flushed; "
                                                 "commit them first");
    }
}

/// The one that has the key already, or a new one that stands for its row.
InstanceState& MergeAsRow::object_of(const Mapper& mapper, const std::byte* source) {
    for (const auto index : mapper.primary_key()) {
        const ColumnProperty& property = mapper.columns()[index];
        const bool is_unset =
            property.generated && property.is_unset(source + property.field.offset);
        if (is_unset || load(property.field, source).is_null())
            refuse(mapper, property.where + " is not set, so it stands for no row");
    }
    IdentityKey key;
    identity_of(mapper, source, key);
    if (InstanceState* known = graph_.identities(mapper).find(key)) {
        if (known->status != ObjectStatus::Persistent || known->mapper != &mapper)
            refuse(mapper, described_by_key(*known) + " is another object of this session, or one "
                                                      "that is to be deleted");
        if (is_changed(*known) || is_linked_anew(graph_, *known)) {
            refuse(mapper, described_by_key(*known) + " has changes in this session that are not "
                                                      "flushed; flush or expire it first");
        }
        return *known;
    }
    InstanceState& fresh = graph_.construct(mapper);
    for (const auto index : mapper.primary_key()) {
        const Field& field = mapper.columns()[index].field;
        store(field, fresh.object(), load(field, source));
    }
    graph_.register_identity(fresh);
    graph_.set_status(fresh, ObjectStatus::Persistent);
    return fresh;
}

void MergeAsRow::take_columns(InstanceState& target, const std::byte* source) {
    const Mapper& mapper = *target.mapper;
    const bool is_new = target.snapshot == nullptr;
    ColumnSet changed;
    for (std::size_t i = 0; i < mapper.columns().size(); ++i) {
        const ColumnProperty& column = mapper.columns()[i];
        if (column.link_offset != 0) {
            const auto* given = reinterpret_cast<const DeferredLink*>(source + column.field.offset +
                                                                      column.link_offset);
            if (!given->loaded()) {
                if (!is_new) continue;
                DeferredAccess::set_loaded(target.link(column), false);
                target.partial = true;
                continue;
            }
            DeferredAccess::set_loaded(target.link(column), true);
        }
        const Value value = load(column.field, source);
        if (value == load(column.field, target.object())) continue;
        store(column.field, target.object(), value);
        changed.insert(i);
    }
    if (!is_new && !changed.empty()) graph_.follow_row(target, changed);
    target.loaded_in = context_.transaction_number();
    const std::byte* row = take_snapshot(mapper, target.object(), graph_.arena());
    if (!is_new && !changed.empty()) context_.row_changed(target, row);
    target.snapshot = row;
}

/// A member of a handle counts if it is loaded, one of a plain struct if something was assigned.
/// The others load when they are touched.
void MergeAsRow::take_related(InstanceState& target, std::byte* source, const Graph* home) {
    for (const auto& relationship : target.mapper->relationships()) {
        if (relationship.view_only || !has(relationship.cascade, Cascade::merge)) continue;
        const std::byte* member = source + relationship.offset;
        if (relationship.is_collection) {
            const auto& given = *reinterpret_cast<const RelatedMany*>(member);
            const auto members = RelatedAccess::items(given);
            if (!RelatedAccess::is_loaded(given) && members.empty()) continue;
            std::vector<InstanceState*> taken;
            for (const auto& each : members)
                taken.push_back(&take_member(target, relationship, each, home));
            graph_.set_many(target, relationship, taken);
        } else {
            const auto& given = *reinterpret_cast<const RelatedOne*>(member);
            const auto& held = RelatedAccess::held(given);
            if (!RelatedAccess::is_loaded(given) && held == nullptr) continue;
            graph_.set_one(target, relationship,
                           held == nullptr ? nullptr
                                           : &take_member(target, relationship, held, home));
        }
    }
}

InstanceState& MergeAsRow::take_member(InstanceState& owner, const Relationship& relationship,
                                       const std::shared_ptr<void>& member, const Graph* home) {
    const Graph* graph = Graph::of(member);
    InstanceState& taken = take(*relationship.target, static_cast<std::byte*>(member.get()),
                                graph != nullptr ? graph : home);
    if (relationship.direction != Direction::OneToMany) return taken;
    // The members of a plain struct need not say whose they are.
    bool is_settled = true;
    for (const auto& [own, theirs] : relationship.pairs) {
        const Value key = load(owner.mapper->columns()[own].field, owner.object());
        const Field& field = taken.mapper->columns()[theirs].field;
        if (load(field, taken.object()) == key) continue;
        store(field, taken.object(), key);
        is_settled = false;
    }
    if (!is_settled) taken.snapshot = take_snapshot(*taken.mapper, taken.object(), graph_.arena());
    return taken;
}

} // namespace mercator
