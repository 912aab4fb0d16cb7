// SPDX-License-Identifier: MIT
#include "unit_of_work.hpp"

#include "cascade.hpp"
#include "class_of_row.hpp"
#include "database_cascade.hpp"
#include "flush_events.hpp"
#include "orphans.hpp"
#include "persister.hpp"
#include "related_objects.hpp"
#include "row_keys.hpp"
#include "value_rules.hpp"
#include "written_columns.hpp"

#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace mercator {

UnitOfWork::UnitOfWork(LoadContext& context, TransactionRecord& record,
                       std::vector<InstanceState*>& pending, std::vector<InstanceState*>& deleted,
                       FlushEvents* events) :
    context_(context),
    events_(events),
    graph_(*context.graph()),
    record_(record),
    pending_(pending),
    deleted_(deleted),
    links_by_child_({}),
    postponed_by_child_({}),
    plan_(context_, links_),
    associations_(context_),
    lists_(context_) {}

// Deciding
// --------------------------------------------------------------------------------------------------------------------

bool UnitOfWork::prepare() {
    try {
        decide(true);
    } catch (...) {
        cascades_.take_back(graph_, pending_, deleted_);
        throw;
    }
    return !pending_.empty() || !deleted_.empty() || !changed_.empty() || !associations_.empty();
}

void UnitOfWork::decide(bool apply_defaults) {
    cascade_deletes();
    const bool tells = apply_defaults && events_ != nullptr;
    if (tells) {
        fill_in_defaults();
        events_->before_writing(pending_, deleted_);
    }
    check_outsiders();
    links_ = graph_.links();
    std::erase_if(links_, [](const Link& link) {
        return link.child->status != ObjectStatus::Pending &&
               link.child->status != ObjectStatus::Persistent;
    });
    links_by_child_ = LinksByChild(links_);
    set_discriminators(pending_);
    ValueRules rules(graph_);
    if (apply_defaults) {
        if (!tells) fill_in_defaults();
        rules.put_into_form(pending_);
    }
    check_links();
    for (const InstanceState* state : pending_) check_required_parents(*state);
    inserts_ = plan_.inserts(pending_);
    postponed_by_child_ = LinksByChild(plan_.postponed());
    deletes_ = plan_.deletes(deleted_);
    lists_.number(deleted_);
    if (apply_defaults) graph_.forget_changed_lists(); // the members say it from here on
    find_changed();
    check_discriminators(changed_);
    rules.check_writable(pending_, changed_, deleted_, links_);
    if (apply_defaults) rules.validate(pending_, changed_);
    find_moving_keys();
    associations_.decide(deleted_, changed_, cascades_.dropped());
    if (apply_defaults) associations_.fill_in_defaults();
}

void UnitOfWork::fill_in_defaults() {
    for (InstanceState* state : pending_) {
        for (const auto& property : state->mapper->columns()) {
            std::byte* member = state->object() + property.field.offset;
            if (property.apply_default && property.is_unset(member)) property.apply_default(member);
        }
    }
}

void UnitOfWork::cascade_deletes() {
    const auto orphans = Orphans(context_).find();
    if (deleted_.empty() && orphans.empty()) return;
    cascades_.begin(graph_, pending_, deleted_);
    for (InstanceState* orphan : orphans) delete_along(*orphan);
    for (std::size_t i = 0; i < deleted_.size(); ++i) { // grows while it is walked
        InstanceState& parent = *deleted_[i];
        for (const auto& relationship : parent.mapper->relationships()) {
            if (!relationship.view_only) cascade_delete(parent, relationship);
        }
    }
    std::erase_if(pending_, [](const InstanceState* state) {
        return state->status == ObjectStatus::Transient;
    });
}

/// What is related to a deleted object is deleted with it, or let go; what the database does by
/// itself is left to it.
void UnitOfWork::cascade_delete(InstanceState& parent, const Relationship& relationship) {
    const bool deletes = deletes_with_owner(relationship);
    if (relationship.direction != Direction::OneToMany) {
        if (!deletes) return;
        for (InstanceState* target : all_related_objects(context_, parent, relationship))
            delete_along(*target);
        return;
    }
    if (relationship.passive_deletes == PassiveDeletes::all) return;
    const ForeignKey* key = foreign_key_behind(relationship);
    const auto action = key == nullptr ? ReferentialAction::NoAction : key->on_delete;
    const bool by_database = relationship.passive_deletes == PassiveDeletes::on ||
                             action == ReferentialAction::Cascade ||
                             (action == ReferentialAction::SetNull && !deletes);
    if (by_database && !is_loaded(parent, relationship)) return;
    if (!deletes && !can_be_empty(relationship)) return; // the database refuses, if there are any
    let_go_or_delete(parent, relationship);
}

void UnitOfWork::let_go_or_delete(InstanceState& parent, const Relationship& relationship) {
    auto children = all_related_objects(context_, parent, relationship);
    if (deletes_with_owner(relationship)) {
        for (InstanceState* child : children) delete_along(*child);
        return;
    }
    std::reverse(children.begin(), children.end()); // each is then the last one
    for (InstanceState* child : children) {
        if (child->status != ObjectStatus::Persistent && child->status != ObjectStatus::Pending)
            continue;
        cascades_.note_letting_go(parent, relationship, *child);
        const auto handle = std::shared_ptr<void>(std::shared_ptr<void>(), child->object());
        if (relationship.is_collection) {
            graph_.remove(parent, relationship.index, handle.get());
        } else {
            graph_.assign(parent, relationship.index, nullptr);
        }
    }
}

void UnitOfWork::delete_along(InstanceState& state) {
    if (state.status == ObjectStatus::Pending) {
        drop_pending(state);
    } else if (state.status == ObjectStatus::Persistent) {
        graph_.set_status(state, ObjectStatus::Deleted);
        deleted_.push_back(&state);
    }
}

/// It is not inserted after all, and neither is what it would have taken along to its end.
void UnitOfWork::drop_pending(InstanceState& state) {
    graph_.set_status(state, ObjectStatus::Transient);
    for (const auto& relationship : state.mapper->relationships()) {
        if (!deletes_with_owner(relationship)) continue;
        for (InstanceState* related : loaded_objects(state, relationship)) {
            if (related->status == ObjectStatus::Pending) drop_pending(*related);
        }
    }
}

/// An object that belongs to another but was never added, because its relationship does not say
/// save-update: which foreign key is meant cannot be known.
void UnitOfWork::check_outsiders() const {
    for (const auto& link : graph_.links()) {
        if (link.parent == nullptr || link.child->status != ObjectStatus::Transient) continue;
        if (link.parent->status != ObjectStatus::Pending &&
            link.parent->status != ObjectStatus::Persistent)
            continue;
        const Relationship* side = link.relationship->direction == Direction::OneToMany
                                       ? link.relationship
                                       : link.relationship->reverse;
        if (side == nullptr || has(side->cascade, Cascade::save_update)) continue;
        throw StateError(
            fmt::format("{} holds a {} that is not in the session, and does not cascade "
                        "save_update; add it to the session, or take it away (nothing was sent)",
                        side->where, link.child->mapper->class_name()),
            side->where);
    }
}

namespace {

[[noreturn]] void throw_missing_parent(const Relationship& relationship,
                                       const ColumnProperty& column) {
    DatabaseErrorInfo info;
    info.code = ErrorCode::NotNullViolation;
    info.message = fmt::format("{} is not set, and {} cannot be NULL; give the object its {} "
                               "before the flush, or make the "
                               "member a std::optional (nothing was sent)",
                               relationship.where, column.where, relationship.target->class_name());
    info.table = column.table->name;
    info.column = column.in_schema().name;
    throw_database_error(std::move(info));
}

} // namespace

void UnitOfWork::check_links() const {
    for (const auto& link : links_) {
        if (link.parent != nullptr && link.parent->status == ObjectStatus::Transient) {
            throw StateError(
                fmt::format("{} of a {} refers to a {} that is not in the session; add it, or take "
                            "it away (nothing was sent)",
                            link.relationship->where, link.child->mapper->class_name(),
                            link.parent->mapper->class_name()),
                link.relationship->where);
        }
        if (link.parent != nullptr && link.parent->status != ObjectStatus::Deleted) continue;
        if (can_be_empty(*link.relationship)) continue;
        const auto& column = link.child->mapper->columns()[child_column(*link.relationship)];
        const Relationship& side =
            link.relationship->direction == Direction::ManyToOne || !link.relationship->reverse
                ? *link.relationship
                : *link.relationship->reverse;
        throw_missing_parent(side, column);
    }
}

/// A foreign key that cannot be NULL, still at its initial value, with no parent given: no database
/// needs to be asked.
void UnitOfWork::check_required_parents(const InstanceState& state) const {
    for (const auto& relationship : state.mapper->relationships()) {
        if (!relationship.required || relationship.target->generated_key() < 0) continue;
        const auto& column = state.mapper->columns()[child_column(relationship)];
        if (!column.is_unset(state.object() + column.field.offset) || column.server_default ||
            column.apply_default)
            continue;
        bool linked = false;
        links_by_child_.for_each_of(state, [&](const Link& link) {
            linked = linked || same_foreign_key(*link.relationship, relationship);
        });
        if (!linked) throw_missing_parent(relationship, column);
    }
}

void UnitOfWork::find_changed() {
    std::vector<InstanceState*> linked;
    for (const auto& link : links_) {
        if (link.child->status == ObjectStatus::Persistent) linked.push_back(link.child);
    }
    std::sort(linked.begin(), linked.end());
    graph_.for_each([&](InstanceState& state) {
        if (!state.is_tracked() || state.status != ObjectStatus::Persistent) return;
        if (is_changed(*state.mapper, state.object(), state.snapshot) ||
            std::binary_search(linked.begin(), linked.end(), &state)) {
            changed_.push_back(&state);
        }
    });
    sort_changed();
}

/// Class by class in an order that depends on the schema alone: classes are numbered as they are
/// first used, by whatever thread.
void UnitOfWork::sort_changed() {
    if (changed_.empty() || changed_.front()->mapper == changed_.back()->mapper) return;
    std::vector<const Mapper*> mappers;
    for (const InstanceState* state : changed_) {
        if (mappers.empty() || mappers.back() != state->mapper) mappers.push_back(state->mapper);
    }
    std::sort(mappers.begin(), mappers.end(),
              [](const Mapper* a, const Mapper* b) { return a->table().name < b->table().name; });
    std::unordered_map<const Mapper*, std::size_t> place;
    for (const Mapper* mapper : FlushPlan::parents_first(mappers))
        place.emplace(mapper, place.size());
    std::stable_sort(changed_.begin(), changed_.end(),
                     [&](const InstanceState* a, const InstanceState* b) {
                         return place.at(a->mapper) < place.at(b->mapper);
                     });
}

// Writing
// ---------------------------------------------------------------------------------------------------------------------

void UnitOfWork::execute(Connection& connection) {
    // What rows give up and take may come from their parents.
    for (const auto& link : links_) {
        if (link.child->status == ObjectStatus::Persistent &&
            (link.parent == nullptr || link.parent->status == ObjectStatus::Persistent))
            synchronise(link);
    }
    associations_.remove(connection);
    const bool deletes_first = values_are_used_again(true) || deleted_refer_to_moving_keys();
    if (deletes_first) {
        insert_new_parents(connection);
        release_from_deleted(connection);
        delete_all(connection);
    }
    insert_all(connection);
    update_all(connection);
    associations_.insert(connection);
    if (!deletes_first) delete_all(connection);
    record_.note_links(links_);
    graph_.clear_written_links();
    cascades_.leave(graph_);
    associations_.settle(record_);
    pending_.clear();
    deleted_.clear();
    if (events_ != nullptr) events_->after_writing();
}

bool UnitOfWork::is_postponed(const Link& link) const {
    bool found = false;
    postponed_by_child_.for_each_of(*link.child, [&](const Link& other) {
        found = found || other.relationship == link.relationship;
    });
    return found;
}

void UnitOfWork::insert_all(Connection& connection) {
    for (const auto& step : inserts_) {
        update_before_inserts(connection, step);
        insert_step(connection, step);
    }
}

void UnitOfWork::insert_step(Connection& connection, const FlushPlan::Step& step) {
    const auto& columns = step.mapper->columns();
    const WrittenColumns written_columns(*step.mapper);
    // Objects with the same columns to write go together; groups keep the order of their first
    // object.
    std::vector<std::pair<ColumnSet, std::vector<InstanceState*>>> groups;
    for (InstanceState* state : step.states) {
        links_by_child_.for_each_of(*state, [&](const Link& link) {
            if (is_postponed(link)) {
                clear_foreign_key(link);
            } else {
                synchronise(link);
            }
        });
        ColumnSet written = written_columns.of(*state);
        const auto same =
            groups.empty() || !(groups.back().first == written)
                ? std::find_if(groups.begin(), groups.end(),
                               [&](const auto& group) { return group.first == written; })
                : groups.end() - 1;
        if (same == groups.end()) {
            groups.push_back({std::move(written), {state}});
        } else {
            same->second.push_back(state);
        }
    }
    Persister writer = persister(connection, *step.mapper);
    for (const auto& [written, states] : groups) {
        ColumnSet fetched;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (!written.contains(i)) fetched.insert(i);
        }
        for (InstanceState* state : states) record_.note_insert(*state, fetched);
        graph_.identities(*step.mapper)
            .reserve(graph_.identities(*step.mapper).size() + states.size());
        writer.insert(states, written, fetched, [this](std::span<InstanceState* const> inserted) {
            for (InstanceState* state : inserted) {
                graph_.register_identity(*state);
                settle(*state);
                record_.note_inserted(*state);
            }
            if (events_ != nullptr) events_->inserted(inserted);
        });
    }
}

Persister UnitOfWork::persister(Connection& own, const Mapper& mapper) {
    Connection& connection = context_.connection_of(mapper, own);
    return {connection.engine(), connection, mapper, context_.schemas()};
}

void UnitOfWork::settle(InstanceState& state) {
    graph_.set_status(state, ObjectStatus::Persistent);
    state.loaded_in = context_.transaction_number();
    state.snapshot = take_snapshot(*state.mapper, state.object(), graph_.arena());
}

/// Rows that refer to each other let go before they are deleted. The members keep what they say,
/// since a rollback needs it.
void UnitOfWork::release_all(Connection& connection) {
    for (const auto& link : plan_.released()) empty_foreign_key(connection, link);
}

void UnitOfWork::delete_all(Connection& connection) {
    const RowKeys keys(deleted_);
    release_all(connection);
    const auto gone = deleted_in_database(graph_, deleted_); // before keys are forgotten
    for (const auto& step : deletes_) {
        Persister writer = persister(connection, *step.mapper);
        for (InstanceState* state : step.states) record_.note(*state);
        writer.remove(step.states);
        for (InstanceState* state : step.states) {
            state->flushed_delete = true;
            graph_.forget_identity(*state);
        }
        if (events_ != nullptr) events_->deleted(step.states);
    }
    mark_as_deleted_by_database(gone);
}

void UnitOfWork::mark_as_deleted_by_database(const std::vector<InstanceState*>& states) {
    for (InstanceState* state : states) {
        record_.note(*state);
        graph_.set_status(*state, ObjectStatus::Deleted);
        state->flushed_delete = true;
        graph_.forget_identity(*state);
    }
    std::erase_if(changed_, [](const InstanceState* state) {
        return state->status == ObjectStatus::Deleted;
    });
}

} // namespace mercator
