// SPDX-License-Identifier: MIT
#include <mercator/loading/row_assembler.hpp>

#include <mercator/loading/entity_plan.hpp>
#include <mercator/loading/loader_strategy.hpp>
#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator {

namespace {

/// Puts the rows of one class into the graph.
class EntityAssembler {
public:
    EntityAssembler(LoadContext& context, const Mapper& mapper, bool read_only) :
        graph_(*context.graph()),
        mapper_(mapper),
        slab_(graph_.slab(mapper)),
        identities_(graph_.identities(mapper)),
        plan_(entity_plan(mapper).decode),
        transaction_(context.transaction_number()),
        context_(context),
        read_only_(read_only),
        plain_(!read_only && !graph_.is_watched()) {}

    /// The object of the next row, or nullptr at the end.
    InstanceState* next(DriverStatement& statement) {
        InstanceState& fresh = graph_.construct(mapper_);
        std::byte* object = fresh.object();
        try {
            if (!statement.fetch(plan_, &object)) {
                slab_.recycle(fresh);
                return nullptr;
            }
        } catch (...) {
            slab_.recycle(fresh);
            throw;
        }
        return &settle(fresh);
    }

private:
    InstanceState& settle(InstanceState& fresh) {
        identity_of(mapper_, fresh.object(), key_);
        if (InstanceState* known =
                key_.bytes.empty() ? identities_.find_integer(key_.hash) : identities_.find(key_)) {
            meet_again(*known, fresh);
            slab_.recycle(fresh);
            return *known;
        }
        if (key_.bytes.empty()) {
            graph_.register_integer(fresh, identities_, key_.hash);
        } else {
            graph_.register_identity(fresh);
        }
        fresh.loaded_in = transaction_;
        if (plain_) [[likely]] {
            fresh.status = ObjectStatus::Persistent;
            fresh.snapshot = take_snapshot(mapper_, fresh.object(), graph_.arena());
            return fresh;
        }
        return begin_otherwise(fresh);
    }

    /// Apart, so that the usual way stays short enough to be built into its callers.
    [[gnu::noinline]] InstanceState& begin_otherwise(InstanceState& fresh) {
        graph_.set_status(fresh, ObjectStatus::Persistent);
        if (!read_only_) fresh.snapshot = take_snapshot(mapper_, fresh.object(), graph_.arena());
        return fresh;
    }

    /// A row of an object that is already there. What the user changed stays; what an older
    /// transaction read is renewed.
    void meet_again(InstanceState& known, const InstanceState& fresh) {
        const bool old =
            known.loaded_in != transaction_ && known.status == ObjectStatus::Persistent;
        if (old && (!known.is_tracked() || !is_changed(mapper_, known.object(), known.snapshot))) {
            if (!known.is_tracked() || is_changed(mapper_, fresh.object(), known.snapshot))
                renew(known, fresh);
            known.loaded_in = transaction_;
        }
        if (!read_only_ && !known.is_tracked() && known.status == ObjectStatus::Persistent) {
            known.snapshot = take_snapshot(mapper_, known.object(), graph_.arena());
        }
    }

    void renew(InstanceState& known, const InstanceState& fresh) {
        const std::byte* row = take_snapshot(mapper_, fresh.object(), graph_.arena());
        const ColumnSet changed = changed_columns(mapper_, known.object(), row);
        if (known.is_tracked()) context_.row_changed(known, row);
        restore_snapshot(mapper_, known.object(), row);
        if (known.is_tracked()) known.snapshot = row;
        graph_.count_rewrite();
        graph_.follow_row(known, changed);
    }

    Graph& graph_;
    const Mapper& mapper_;
    Slab& slab_;
    IdentityMap& identities_;
    const DecodePlan& plan_;
    IdentityKey key_;
    std::uint32_t transaction_;
    LoadContext& context_;
    bool read_only_;
    bool plain_; ///< new objects are tracked and nobody watches: one test per row
};

/// Reads all rows; the statement is free again afterwards, so loaders may run others.
void read_entities(LoadContext& context, const Mapper& mapper, const ast::Select& select,
                   bool read_only, std::vector<InstanceState*>& objects) {
    StatementLease statement = context.run(select);
    EntityAssembler assembler(context, mapper, read_only);
    while (InstanceState* state = assembler.next(*statement)) {
        // A row of an object that this session has deleted must not bring it back.
        if (state->status != ObjectStatus::Deleted) objects.push_back(state);
    }
}

} // namespace

void load_entities(LoadContext& context, const Mapper& mapper, ast::Select& select, bool read_only,
                   std::vector<InstanceState*>& objects) {
    const LoadContext::Use use(context);
    for (const auto& relationship : mapper.relationships()) {
        strategy_of(relationship.lazy.value_or(Lazy::select)).setup_query(select, relationship);
    }
    read_entities(context, mapper, select, read_only, objects);
    for (const auto& relationship : mapper.relationships()) {
        strategy_of(relationship.lazy.value_or(Lazy::select)).rows_loaded(context, relationship, objects);
    }
    if (context.graph()->is_watched()) context.tell_transitions();
}

namespace {

/// The object with this key, if memory alone can tell: it was read in this transaction.
InstanceState* known_by_key(LoadContext& context, const Mapper& mapper, const IdentityKey& identity,
                            bool read_only) {
    InstanceState* known = context.graph()->identities(mapper).find(identity);
    const bool fresh = known != nullptr && known->loaded_in == context.transaction_number() &&
                       (read_only || known->is_tracked());
    return fresh ? known : nullptr;
}

InstanceState* unless_deleted(InstanceState* state) {
    return state == nullptr || state->status == ObjectStatus::Deleted ? nullptr : state;
}

InstanceState* read_by_key(LoadContext& context, const Mapper& mapper, std::span<const Value> key,
                           bool read_only) {
    StatementLease statement = context.run(context.compiled_by_key(mapper), key);
    EntityAssembler assembler(context, mapper, read_only);
    return assembler.next(*statement);
}

} // namespace

InstanceState* load_by_key(LoadContext& context, const Mapper& mapper, std::span<const Value> key,
                           bool read_only) {
    const LoadContext::Use use(context);
    IdentityKey identity;
    identity_of(mapper, key, identity);
    if (InstanceState* known = known_by_key(context, mapper, identity, read_only))
        return unless_deleted(known);
    if (context.autoflush_new(mapper)) {
        if (InstanceState* known = known_by_key(context, mapper, identity, read_only))
            return unless_deleted(known);
    }
    InstanceState* state = read_by_key(context, mapper, key, read_only);
    if (context.graph()->is_watched()) context.tell_transitions();
    return unless_deleted(state);
}

void refresh(LoadContext& context, InstanceState& state) {
    const LoadContext::Use use(context);
    const Mapper& mapper = *state.mapper;
    std::vector<Value> key;
    for (const auto index : mapper.primary_key()) {
        key.push_back(state.is_tracked() ? snapshot_value(mapper, state.snapshot, index)
                                         : load(mapper.columns()[index].field, state.object()));
    }
    // Into an object of its own: a row that cannot be decoded must not leave half of itself behind.
    Graph& graph = *context.graph();
    InstanceState& fresh = graph.construct(mapper);
    std::byte* object = fresh.object();
    bool found = false;
    try {
        StatementLease statement = context.run(context.compiled_by_key(mapper), key);
        found = statement->fetch(entity_plan(mapper).decode, &object);
    } catch (...) {
        graph.slab(mapper).recycle(fresh);
        throw;
    }
    graph.slab(mapper).recycle(fresh);
    if (!found) {
        throw StaleDataError(fmt::format("the row of this {} is gone; somebody else has deleted it",
                                         mapper.class_name()),
                             std::string(mapper.class_name()));
    }
    const bool moved = graph.forget_links_of(state);
    if (moved) graph.leave_parents(state);
    const std::byte* row = take_snapshot(mapper, fresh.object(), graph.arena());
    if (state.is_tracked()) context.row_changed(state, row);
    restore_snapshot(mapper, state.object(), row);
    if (state.is_tracked()) state.snapshot = row;
    graph.count_rewrite();
    state.loaded_in = context.transaction_number();
    graph.unload_relationships(state);
    if (moved) graph.enter_parents(state);
}

RowReader::RowReader(LoadContext& context, const ast::Select& select, const DecodePlan& plan) :
    context_(&context),
    lease_(context.run(select)),
    plan_(&plan),
    transaction_(context.transaction_number()) {}

void RowReader::throw_ended() {
    throw StateError("the transaction ended while its rows were being read; commit or roll back "
                     "after the last row, or read "
                     "in one session and write in another");
}

} // namespace mercator
