// SPDX-License-Identifier: MIT
#include "session_core.hpp"

#include "unit_of_work.hpp"

#include <mercator/ast/traverse.hpp>
#include <mercator/loading/entity_plan.hpp>
#include <mercator/loading/loader_strategy.hpp>
#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {

SessionCore::SessionCore(Engine& engine, SessionOptions options) :
    engine_(&engine),
    options_(options),
    graph_(Graph::create()) {
    graph_->attach(this);
}

SessionCore::~SessionCore() {
    close();
}

void SessionCore::check_open() const {
    if (closed_) throw StateError("this session is closed; make a new one with db.session()");
}

Engine& SessionCore::engine() {
    check_open();
    return *engine_;
}

Connection& SessionCore::connection(TransactionMode mode) {
    check_open();
    if (!connection_) {
        Connection fresh = engine_->connect();
        fresh.begin(mode);
        connection_.emplace(std::move(fresh));
    }
    return *connection_;
}

StatementLease SessionCore::run(const ast::Select& select) {
    Connection& link = connection(TransactionMode::Read);
    const auto compiled = engine_->compile(select, key_);
    gather_binds(*compiled, key_, values_);
    return link.execute(compiled, values_);
}

StatementLease SessionCore::run(const std::shared_ptr<const Compiled>& compiled,
                                std::span<const Value> values) {
    return connection(TransactionMode::Read).execute(compiled, values);
}

std::uint64_t SessionCore::write(const ast::Statement& statement) {
    return connection(TransactionMode::Write).execute(statement);
}

const std::shared_ptr<const Compiled>& SessionCore::compiled_by_key(const Mapper& mapper) {
    if (by_key_.size() <= mapper.id()) by_key_.resize(mapper.id() + 1);
    auto& compiled = by_key_[mapper.id()];
    if (!compiled) {
        static_cast<void>(connection(TransactionMode::Read)); // the product decides the spelling
        compiled = engine_->compile(entity_plan(mapper).by_key, key_);
    }
    return compiled;
}

void SessionCore::load_relationship(InstanceState& owner, const Relationship& relationship) {
    check_open();
    strategy_of(relationship.lazy).first_touch(*this, owner, relationship);
}

// What the session keeps
// --------------------------------------------------------------------------------------------------------

namespace {

/// Searches from the end: what was added last is the most likely to be taken back.
void take_out(std::vector<InstanceState*>& list, InstanceState& state) {
    const auto found = std::find(list.rbegin(), list.rend(), &state);
    if (found != list.rend()) list.erase(std::next(found).base());
}

} // namespace

InstanceState& SessionCore::adopt(const Mapper& mapper, void* object) {
    check_open();
    graph_->check_given(mapper, static_cast<const std::byte*>(
                                    object)); // what is refused must not stay behind half added
    InstanceState& state = graph_->adopt(mapper, object);
    state.status = ObjectStatus::Pending;
    state.position = next_position_++;
    pending_.push_back(&state);
    graph_->connect_initial(state);
    return state;
}

void SessionCore::cascade_save(InstanceState& state) {
    if (state.status == ObjectStatus::Transient && !closed_) add_again(state);
}

void SessionCore::add_again(InstanceState& state) {
    check_open();
    switch (state.status) {
    case ObjectStatus::Pending:
    case ObjectStatus::Persistent:
        return;
    case ObjectStatus::Deleted:
        if (state.flushed_delete) {
            throw StateError(
                "this object has been deleted in this transaction; roll back to have it again");
        }
        state.status = ObjectStatus::Persistent;
        std::erase(deleted_, &state);
        return;
    case ObjectStatus::Transient:
        state.status = ObjectStatus::Pending;
        state.position = next_position_++;
        pending_.push_back(&state);
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
        state.status = ObjectStatus::Persistent;
        return;
    }
}

void SessionCore::mark_deleted(InstanceState& state) {
    check_open();
    if (state.status == ObjectStatus::Pending) {
        take_out(pending_, state);
        state.status = ObjectStatus::Transient;
        graph_->leave_parents(state);
    } else if (state.status == ObjectStatus::Persistent) {
        state.status = ObjectStatus::Deleted;
        deleted_.push_back(&state);
    } else if (state.status != ObjectStatus::Deleted) {
        throw StateError(fmt::format(
            "this {} is not in the session, so it cannot be deleted by it; load it first",
            state.mapper->class_name()));
    }
}

void SessionCore::expunge(InstanceState& state) {
    check_open();
    if (state.status == ObjectStatus::Pending) take_out(pending_, state);
    if (state.status == ObjectStatus::Deleted) take_out(deleted_, state);
    graph_->forget_identity(state);
    state.status =
        state.status == ObjectStatus::Pending ? ObjectStatus::Transient : ObjectStatus::Detached;
}

bool SessionCore::has_changes_in(const Mapper& mapper) {
    bool changed = false;
    graph_->slab(mapper).for_each([&](InstanceState& state) {
        changed = changed || (state.is_tracked() && state.status == ObjectStatus::Persistent &&
                              is_changed(mapper, state.object(), state.snapshot));
    });
    return changed;
}

bool SessionCore::is_dirty() {
    const bool linked =
        std::any_of(graph_->links().begin(), graph_->links().end(),
                    [](const Link& link) { return link.child->status != ObjectStatus::Detached; });
    if (!pending_.empty() || !deleted_.empty() || linked) return true;
    bool dirty = false;
    graph_->for_each([&](InstanceState& state) {
        dirty = dirty || (state.is_tracked() && state.status == ObjectStatus::Persistent &&
                          is_changed(*state.mapper, state.object(), state.snapshot));
    });
    return dirty;
}

// Flush, commit, rollback
// ---------------------------------------------------------------------------------------------------------

void SessionCore::autoflush(const ast::Select& select) {
    if (!options_.autoflush || flushing_) return;
    const auto tables = ast::tables_read(select);
    const auto is_read = [&](const Mapper& mapper) {
        return std::find(tables.begin(), tables.end(), mapper.table().name) != tables.end();
    };
    const auto concerns = [&](const InstanceState* state) { return is_read(*state->mapper); };
    // A delete may reach any table: by cascades here and in the database.
    bool needed =
        !deleted_.empty() || std::any_of(pending_.begin(), pending_.end(), concerns) ||
        std::any_of(graph_->links().begin(), graph_->links().end(), [&](const Link& link) {
            return link.child->status != ObjectStatus::Detached && concerns(link.child);
        });
    if (!needed) {
        std::vector<const Mapper*> mappers;
        graph_->for_each_slab([&](Slab& slab) {
            if (is_read(slab.mapper())) mappers.push_back(&slab.mapper());
        });
        needed = std::any_of(mappers.begin(), mappers.end(),
                             [&](const Mapper* mapper) { return has_changes_in(*mapper); });
    }
    if (needed) flush();
}

void SessionCore::flush() {
    check_open();
    if (flushing_) throw StateError("flush() was called from within a flush");
    flushing_ = true;
    try {
        UnitOfWork work(*this, record_, pending_, deleted_);
        if (work.prepare()) {
            Connection& link = connection(TransactionMode::Write);
            try {
                work.execute(link);
            } catch (...) {
                undo_transaction();
                throw;
            }
        }
    } catch (...) {
        flushing_ = false;
        throw;
    }
    flushing_ = false;
}

void SessionCore::commit() {
    flush();
    if (!connection_) return;
    try {
        connection_->commit();
    } catch (...) {
        undo_transaction();
        throw;
    }
    record_.forget(*graph_);
    end_transaction();
}

/// The database has lost the transaction; memory goes back to "not yet written", and nothing is
/// forgotten.
void SessionCore::undo_transaction() noexcept {
    try {
        if (connection_) connection_->rollback();
    } catch (
        ...) { // the link is closed by its owner; the error that led here is the one that matters
        if (connection_) connection_->invalidate();
    }
    record_.unwind(*graph_, pending_, deleted_);
    end_transaction();
}

void SessionCore::end_transaction() noexcept {
    connection_.reset();
    ++transaction_number_;
}

void SessionCore::rollback() {
    check_open();
    undo_transaction();
    restore_memory();
}

void SessionCore::restore_memory() {
    for (InstanceState* state : pending_) state->status = ObjectStatus::Transient;
    pending_.clear();
    for (InstanceState* state : deleted_) state->status = ObjectStatus::Persistent;
    deleted_.clear();
    graph_->clear_links();
    graph_->for_each([&](InstanceState& state) {
        if (state.status != ObjectStatus::Persistent) return;
        if (state.is_tracked() && is_changed(*state.mapper, state.object(), state.snapshot)) {
            restore_snapshot(*state.mapper, state.object(), state.snapshot);
        }
        graph_->unload_relationships(state);
    });
}

void SessionCore::close() noexcept {
    if (closed_) return;
    try {
        if (connection_) connection_->rollback();
    } catch (...) {
        connection_->invalidate();
    }
    end_transaction();
    closed_ = true;
    graph_->attach(nullptr);
}

} // namespace mercator
