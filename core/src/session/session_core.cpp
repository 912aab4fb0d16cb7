// SPDX-License-Identifier: MIT
#include "session_core.hpp"

#include "class_keys.hpp"
#include "flush_events.hpp"
#include "key_sync.hpp"
#include "ordered_lists.hpp"
#include "raised.hpp"
#include "session_change.hpp"
#include "unit_of_work.hpp"

#include <mercator/ast/traverse.hpp>
#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iterator>

namespace mercator {

SessionCore::SessionCore(Engine& engine, SessionOptions options) :
    engine_(&engine),
    options_(std::move(options)),
    graph_(Graph::create()),
    binds_(options_.binds),
    listeners_(options_.events) {
    graph_->attach(this);
    graph_->set_bind(engine_);
    if (!options_.schema_translate.empty()) key_.schemas = &options_.schema_translate;
    if (options_.events != nullptr) begin_listening();
    if (options_.criteria != nullptr)
        criteria_ = std::make_shared<CriteriaInUse>(CriteriaInUse{options_.criteria});
}

SessionCore::~SessionCore() {
    close();
}

SessionCore& live(const std::unique_ptr<SessionCore>& core) {
    if (core == nullptr)
        throw StateError("this session was moved from; use the one that it was moved into");
    return *core;
}

void SessionCore::check_open() const {
    if (closed_) throw StateError("this session is closed; make a new one with db.session()");
}

void SessionCore::check_may_change() const {
    check_open();
    if (flushing_) {
        throw StateError("this session is in the middle of a flush: a default, a converter or a "
                         "statement listener that runs in it cannot change what it writes");
    }
}

Engine& SessionCore::engine() {
    check_open();
    return *engine_;
}

Connection& SessionCore::connection(TransactionMode mode) {
    check_open();
    if (!connection_) {
        report_loss();
        Connection fresh = engine_->connect(CodePlace{});
        fresh.translate_schemas(key_.schemas);
        fresh.begin(mode, options_.isolation);
        connection_.emplace(std::move(fresh));
        if (listeners_.any(SessionEvent::AfterBegin)) tell_begin();
    }
    return *connection_;
}

/// A transaction on another engine lies within one on the session's own.
Connection& SessionCore::connection_for(SessionBinds::Bind* bind, TransactionMode mode) {
    Connection& own = connection(mode);
    if (bind == nullptr) return own;
    std::vector<std::string> open;
    for (const auto& savepoint : savepoints_) open.push_back(savepoint->name);
    return binds_.connection(*bind, mode, options_, open);
}

Connection& SessionCore::connection_of(const Mapper& mapper, Connection& own) {
    SessionBinds::Bind* bind = binds_.empty() ? nullptr : binds_.of(mapper.table());
    return bind == nullptr ? own : connection_for(bind, TransactionMode::Write);
}

// Flush, commit, rollback
// ---------------------------------------------------------------------------------------------------------

void SessionCore::autoflush(const ast::Select& select) {
    if (!may_autoflush()) return;
    OrderedLists::number_loaded(*graph_);
    const auto tables = ast::tables_read(select);
    const auto is_read = [&](const Mapper& mapper) {
        const auto& parts = mapper.parts();
        return std::any_of(parts.begin(), parts.end(), [&](const TablePart& part) {
            return std::find(tables.begin(), tables.end(), part.table->name) != tables.end();
        });
    };
    const auto concerns = [&](const InstanceState* state) { return is_read(*state->mapper); };
    // A delete may reach any table: by cascades here and in the database.
    bool needed =
        !deleted_.empty() || std::any_of(pending_.begin(), pending_.end(), concerns) ||
        std::any_of(graph_->links().begin(), graph_->links().end(), [&](const Link& link) {
            const bool is_away = link.child->status == ObjectStatus::Detached ||
                                 link.child->status == ObjectStatus::Transient;
            return !is_away && concerns(link.child);
        });
    graph_->associations().for_each([&](const Association& change) {
        const std::string& table = change.relationship->secondary->name;
        needed = needed || (!waits_for_return(change) &&
                            std::find(tables.begin(), tables.end(), table) != tables.end());
    });
    if (!needed) {
        std::vector<const Mapper*> mappers;
        graph_->for_each_slab([&](Slab& slab) {
            if (is_read(slab.mapper())) mappers.push_back(&slab.mapper());
        });
        needed = std::any_of(mappers.begin(), mappers.end(),
                             [&](const Mapper* mapper) { return has_changes_in(*mapper); });
    }
    if (needed || !graph_->losses().empty()) flush();
}

void SessionCore::autoflush_all() {
    if (may_autoflush()) flush();
}

bool SessionCore::autoflush_new(const Mapper& mapper) {
    if (pending_.empty() || !may_autoflush() || changing_ > 0) return false;
    const bool concerned =
        std::any_of(pending_.begin(), pending_.end(),
                    [&](const InstanceState* state) { return state->mapper->is_a(mapper); });
    if (concerned) flush();
    return concerned;
}

void SessionCore::flush() {
    const Use use(*this);
    check_open();
    if (flushing_ || telling_flush_)
        throw StateError("flush() was called from within a flush, as by a listener");
    write_or_take_back();
    if (transitions_) transitions_->tell();
}

void SessionCore::write_or_take_back() {
    try {
        if (tells_flush()) [[unlikely]] {
            write_and_tell();
        } else {
            write_changes(nullptr);
        }
    } catch (...) {
        if (transitions_) transitions_->tell_quietly();
        tell_rolled_back_quietly();
        throw;
    }
}

namespace {

/// Classes whose rows the database may delete or change by itself when these objects' rows go.
std::vector<Slab*> reached_by_deletes(Graph& graph, const std::vector<InstanceState*>& deleted) {
    std::vector<Slab*> reached;
    std::vector<std::string_view> tables;
    const auto add_tables = [&](const Mapper& mapper) {
        for (const auto& part : mapper.parts()) {
            const std::string_view table = part.table->name;
            if (std::find(tables.begin(), tables.end(), table) == tables.end())
                tables.push_back(table);
        }
    };
    for (const InstanceState* state : deleted) add_tables(*state->mapper);
    for (std::size_t i = 0; i < tables.size(); ++i) { // grows while it is walked
        graph.for_each_slab([&](Slab& slab) {
            const bool follows =
                any_foreign_key(slab.mapper(), [&](const ForeignKey& key, const Table&) {
                    return key.target_table == tables[i] &&
                           key.on_delete != ReferentialAction::NoAction &&
                           key.on_delete != ReferentialAction::Restrict;
                });
            if (!follows || std::find(reached.begin(), reached.end(), &slab) != reached.end())
                return;
            reached.push_back(&slab);
            add_tables(slab.mapper());
        });
    }
    return reached;
}

} // namespace

void SessionCore::write_changes(FlushEvents* events) {
    const Raised flushing(flushing_);
    UnitOfWork work(*this, record(), pending_, deleted_, events);
    try {
        if (!work.prepare()) return;
    } catch (const DatabaseError& error) {
        // It was no refusal but a failed read of what is reached by cascades.
        if (error.connection_lost() || !error.statement().empty()) {
            undo_writes();
        } else {
            take_back_listeners_writes();
        }
        throw;
    } catch (...) {
        take_back_listeners_writes();
        throw;
    }
    Connection& link = connection(TransactionMode::Write);
    const auto reached = reached_by_deletes(*graph_, deleted_);
    try {
        work.execute(link);
    } catch (...) {
        undo_writes();
        throw;
    }
    for (Slab* slab : reached)
        slab->for_each([](InstanceState& state) { state.loaded_in = 0; }); // to be read anew
}

std::vector<FlushStep> SessionCore::flush_plan() {
    const Use use(*this);
    check_may_change();
    const Raised flushing(flushing_);
    return UnitOfWork(*this, record(), pending_, deleted_, nullptr).list();
}

void SessionCore::commit() {
    const Use use(*this);
    check_open();
    refuse_in_listener("commit()");
    tell_before_commit();
    flush();
    flush_until_clean();
    if (!connection_) return report_loss();
    const auto changes = tell_before_models_committed();
    join_savepoints(0, OpenSavepoint::End::Committed);
    or_take_back([&] { connection_->commit(); });
    if (!binds_.empty()) commit_binds();
    record_.forget(*graph_);
    end_transaction();
    if (options_.expire_on_commit) forget_all_loaded();
    graph_->tidy();
    if (transitions_) transitions_->tell();
    if (options_.expire_on_commit) tell_all_expired();
    tell_committed(changes);
}

/// What lies on engines that did not commit is not written; what the others have committed stays.
void SessionCore::commit_binds() {
    const auto failure = binds_.commit();
    if (!failure) return;
    const auto is_lost = [&](const InstanceState& state) {
        return binds_.is_lost(*failure->bind, state.mapper->table());
    };
    record_.forget_if(*graph_, [&](const InstanceState& state) { return !is_lost(state); });
    undo_transaction();
    if (transitions_) transitions_->tell_quietly();
    throw StateError(fmt::format("the database with the bind key \"{0}\" did not commit: {1}; what "
                                 "was written to the session's own and to binds before \"{0}\" is "
                                 "committed, the rest is pending or changed again",
                                 failure->bind->key, failure->reason),
                     failure->bind->key);
}

/// What was written since the innermost savepoint is taken back. Memory goes back to "not yet
/// written", and nothing is forgotten.
void SessionCore::undo_writes() noexcept {
    if (savepoints_.empty()) return undo_transaction();
    try {
        connection_->rollback_to_savepoint(savepoints_.back()->name);
        binds_.rollback_to_savepoint(savepoints_.back()->name);
    } catch (...) { // the transaction is gone with it; the error that led here is the one to tell
        return undo_transaction();
    }
    record().unwind(*graph_, pending_, deleted_);
    drop_changes_since(savepoints_.back()->changes);
    ++transaction_number_;
}

/// The database has lost the transaction; what was done inside of savepoints is dropped, all else
/// is not yet written.
void SessionCore::undo_transaction() noexcept {
    was_rolled_back_ = was_rolled_back_ || connection_.has_value();
    drop_changes_since(0);
    try {
        if (connection_) connection_->rollback();
    } catch (
        ...) { // the link is closed by its owner; the error that led here is the one that matters
        if (connection_) connection_->invalidate();
    }
    binds_.rollback();
    join_savepoints(1, OpenSavepoint::End::RolledBack);
    if (!savepoints_.empty()) {
        try {
            drop_innermost();
        } catch (...) { // an accessor's: its member stays as it is
        }
    }
    record_.unwind(*graph_, pending_, deleted_);
    end_transaction();
}

void SessionCore::end_transaction() noexcept {
    connection_.reset();
    binds_.end();
    ++transaction_number_;
    written_by_query_ = false;
}

void SessionCore::rollback() {
    const Use use(*this);
    check_may_change();
    refuse_in_listener("rollback()");
    join_savepoints(0, OpenSavepoint::End::RolledBack);
    undo_transaction();
    loss_ = nullptr;
    restore_memory(nullptr);
    graph_->tidy();
    if (transitions_) transitions_->tell();
    if (std::exchange(was_rolled_back_, false)) tell_session(SessionEvent::AfterRollback);
}

namespace {

void restore_waiting(Graph& graph, const OpenSavepoint& savepoint) {
    std::vector<Link> links;
    std::copy_if(savepoint.links.begin(), savepoint.links.end(), std::back_inserter(links),
                 [](const Link& link) { return link.child->status == ObjectStatus::Detached; });
    if (!links.empty()) graph.restore_links(links);
    std::vector<Association> associations;
    std::copy_if(savepoint.associations.begin(), savepoint.associations.end(),
                 std::back_inserter(associations), waits_for_return);
    graph.restore_associations(associations);
}

} // namespace

/// Everything back to what rows hold; of the changes only those of objects that had left the
/// session before the savepoint, if it is one that is rolled back, and are not in it now.
void SessionCore::restore_memory(const OpenSavepoint* savepoint) {
    for (const auto& link : graph_->links()) { // new objects keep what they say
        if (link.parent == nullptr && link.child->status == ObjectStatus::Pending)
            clear_foreign_key(link);
    }
    for (InstanceState* state : pending_) graph_->set_status(*state, ObjectStatus::Transient);
    pending_.clear();
    for (InstanceState* state : deleted_) graph_->set_status(*state, ObjectStatus::Persistent);
    deleted_.clear();
    graph_->clear_links();
    graph_->forget_losses();
    graph_->forget_changed_lists();
    graph_->clear_associations();
    if (savepoint != nullptr) restore_waiting(*graph_, *savepoint);
    std::exception_ptr failure; // an accessor's or converter's: the other objects come first
    graph_->for_each([&](InstanceState& state) {
        if (state.status != ObjectStatus::Persistent) return;
        graph_->unload_relationships(state);
        try {
            if (state.is_tracked() && is_changed(*state.mapper, state.object(), state.snapshot))
                restore_snapshot(*state.mapper, state.object(), state.snapshot);
        } catch (...) {
            if (!failure) failure = std::current_exception();
        }
    });
    if (failure) std::rethrow_exception(failure);
}

void SessionCore::close() noexcept {
    if (closed_ || flushing_ || telling_flush_) return; // a flush has to be able to end
    try {
        if (connection_) connection_->rollback();
    } catch (...) {
        connection_->invalidate();
    }
    end_transaction();
    closed_ = true;
    loss_ = nullptr;
    for (const auto& savepoint : savepoints_) savepoint->finish(OpenSavepoint::End::WithSession);
    let_go();
    changes_.clear();
    graph_->attach(nullptr);
    graph_->observe(nullptr);
    if (transitions_) transitions_->tell_quietly();
}

/// Handles outlive the session, so objects are told apart for good: those that stand for a row, and
/// those that never came into the database, or whose INSERT has just been rolled back.
void SessionCore::let_go() noexcept {
    try {
        for (InstanceState* state : pending_) graph_->set_status(*state, ObjectStatus::Transient);
        for (InstanceState* state : deleted_) graph_->set_status(*state, ObjectStatus::Detached);
        for (; !savepoints_.empty(); savepoints_.pop_back())
            savepoints_.back()->record.abandon(*graph_);
        record_.abandon(*graph_);
        pending_.clear();
        deleted_.clear();
        if (!transitions_) return; // `status` tells Detached by the missing session
        graph_->for_each([&](InstanceState& state) {
            if (state.status == ObjectStatus::Persistent)
                graph_->set_status(state, ObjectStatus::Detached);
        });
    } catch (...) { // without memory nobody is told
    }
}

void SessionCore::clear() {
    const Use use(*this);
    check_may_change();
    if (!use.is_outermost()) {
        throw StateError("a session cannot let its objects go in the middle of another operation; "
                         "call clear() after it");
    }
    part_with_objects();
    graph_->attach(nullptr);
    graph_->observe(nullptr);
    graph_ = Graph::create();
    graph_->attach(this);
    graph_->set_bind(engine_);
    begin_listening();
    if (!transitions_) return;
    transitions_->follow(graph_);
    transitions_->tell();
}

/// A transaction that is open stays so: what it has written can still be committed, and if it is
/// not, the objects learn of it as long as somebody holds them.
void SessionCore::part_with_objects() {
    for (InstanceState* state : pending_) graph_->set_status(*state, ObjectStatus::Transient);
    pending_.clear();
    deleted_.clear();
    record_.part_from(graph_);
    for (const auto& savepoint : savepoints_) {
        savepoint->record.part_from(graph_);
        savepoint->links.clear();
        savepoint->associations.clear();
    }
    graph_->clear_links();
    graph_->clear_associations();
    graph_->for_each([&](InstanceState& state) {
        if (state.status != ObjectStatus::Persistent && state.status != ObjectStatus::Deleted)
            return;
        if (state.status == ObjectStatus::Deleted || graph_->is_watched())
            graph_->set_status(state, ObjectStatus::Detached);
    });
}

} // namespace mercator
