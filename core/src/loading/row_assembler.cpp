// SPDX-License-Identifier: MIT
#include <mercator/loading/row_assembler.hpp>

#include "entity_assembler.hpp"
#include "joined_loader.hpp"
#include "known_by_key.hpp"
#include "load_together.hpp"
#include "planned_select.hpp"
#include "polymorphic_loader.hpp"
#include "row_expressions.hpp"

#include <mercator/loading/entity_plan.hpp>
#include <mercator/loading/loader_strategy.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mercator {

namespace {

/// The statement is free again afterwards, so loaders may run others.
template <class Row>
void read_all(LoadContext& context, EntityAssembler& assembler, const ast::Select& select,
              const Row& row) {
    StatementLease statement = context.run(select);
    while (InstanceState* state = assembler.next(*statement)) {
        // A row of an object that this session has deleted must not bring it back.
        if (state->status != ObjectStatus::Deleted) row(*state);
    }
}

/// Has a query brought one object, of which an earlier one has said more? It takes its place.
bool ends_other_options(const LoadRequest& request, const ast::Select* select,
                        std::span<InstanceState* const> objects) {
    if (select == nullptr || request.path != nullptr || objects.size() != 1) return false;
    const LoadBatch* before = objects.front()->batch;
    return before != nullptr && before->options != nullptr;
}

/// What was asked for together is loaded together later.
void remember_together(LoadContext& context, const LoadRequest& request, const ast::Select* select,
                       std::span<InstanceState* const> objects) {
    const Mapper& mapper = *request.mapper;
    const bool together =
        objects.size() > 1 && (!mapper.relationships().empty() ||
                               !mapper.deferrable_columns().empty() || has_several_classes(mapper));
    const bool says_nothing = request.options == nullptr || objects.empty();
    if (!together && says_nothing && !ends_other_options(request, select, objects)) return;
    LoadBatches& batches = context.graph()->batches();
    if (request.path == nullptr || request.options != nullptr) {
        batches.make(objects, request.options, request.place);
        return;
    }
    // What came along a relationship leaves objects with those that a query brought them with, and
    // with what that query says of them.
    std::vector<InstanceState*> alone;
    std::copy_if(objects.begin(), objects.end(), std::back_inserter(alone),
                 [](const InstanceState* state) { return state->batch == nullptr; });
    if (alone.size() > 1) batches.make(alone, nullptr, request.place);
}

} // namespace

namespace {

void read_by_plan(LoadContext& context, const LoadRequest& request, const EntityPlan& plan,
                  const ast::Select& select, std::vector<InstanceState*>& objects);

} // namespace

void read_rows(LoadContext& context, const LoadRequest& request, const ast::Select& select,
               std::vector<InstanceState*>& objects) {
    if (wants_expressions(request)) return read_with_expressions(context, request, select, objects);
    if (wants_joins(context, request)) return read_joined(context, request, select, objects);
    if (has_several_classes(*request.mapper))
        return read_polymorphic(context, request, select, objects);
    const EntityPlan& plan = plan_of(request, select);
    if (!plan.missing.empty()) {
        ast::Select fewer = select;
        fewer.columns = plan.columns;
        return read_by_plan(context, request, plan, fewer, objects);
    }
    read_by_plan(context, request, plan, select, objects);
}

namespace {

void read_by_plan(LoadContext& context, const LoadRequest& request, const EntityPlan& plan,
                  const ast::Select& select, std::vector<InstanceState*>& objects) {
    EntityAssembler assembler(context, *request.mapper, plan, request.read_only);
    if (request.populate_existing) assembler.overwrite_known();
    if (request.tag == nullptr) {
        read_all(context, assembler, select,
                 [&](InstanceState& state) { objects.push_back(&state); });
        return;
    }
    ast::Select both = select;
    const DecodePlan decode = tagged(both, plan.decode, *request.tag);
    assembler.read_beside(decode, request.tag->place);
    read_all(context, assembler, both, [&](InstanceState& state) {
        objects.push_back(&state);
        request.tag->row(state);
    });
}

} // namespace

void load_along(LoadContext& context, const LoadRequest& request, const ast::Select* select,
                std::span<InstanceState* const> objects) {
    remember_together(context, request, select, objects);
    LoadTogether together(context);
    for (const auto& relationship : request.mapper->relationships()) {
        const LoadStep step =
            decided_step(context.load_settings(), request.options.get(), relationship);
        strategy_of(step.lazy).rows_loaded(context, step, {request, select, objects, &together});
    }
    if (has_several_classes(*request.mapper))
        load_along_classes(context, request, objects, together);
    together.finish();
}

void load_entities(LoadContext& context, const LoadRequest& request, const ast::Select& select,
                   std::vector<InstanceState*>& objects) {
    const LoadContext::Use use(context, request.place);
    read_rows(context, request, select, objects);
    load_along(context, request, &select, objects);
    if (context.graph()->is_watched()) context.tell_transitions();
}

namespace {

StatementLease run_by_key(LoadContext& context, const Mapper& mapper, const EntityPlan& plan,
                          std::span<const Value> key) {
    const Criteria* criteria = context.criteria();
    const bool hides = criteria != nullptr && criteria->concern(mapper);
    if (!hides && plan.missing.empty()) return context.run(context.compiled_by_key(mapper), key);
    return context.run(select_by_key(mapper, plan, key));
}

} // namespace

StatementLease run_by_key(LoadContext& context, const Mapper& mapper, std::span<const Value> key) {
    return run_by_key(context, mapper, entity_plan(mapper), key);
}

namespace {

/// What there is, if it is there and of this class: keys are those of a whole hierarchy.
InstanceState* if_present(InstanceState* state, const Mapper& mapper) {
    if (state == nullptr || state->status == ObjectStatus::Deleted) return nullptr;
    return state->mapper->is_a(mapper) ? state : nullptr;
}

InstanceState* read_by_key(LoadContext& context, const Mapper& mapper, std::span<const Value> key,
                           bool read_only) {
    if (mapper.is_polymorphic()) return polymorphic_by_key(context, mapper, key, read_only);
    const EntityPlan& plan = entity_plan(mapper, nullptr, read_only);
    if (has_expressions(mapper)) {
        std::vector<InstanceState*> found;
        read_with_expressions(context, {.mapper = &mapper, .read_only = read_only},
                              select_by_key(mapper, plan, key), found);
        return found.empty() ? nullptr : found.front();
    }
    StatementLease statement = run_by_key(context, mapper, plan, key);
    EntityAssembler assembler(context, mapper, plan, read_only);
    return assembler.next(*statement);
}

} // namespace

InstanceState* load_by_key(LoadContext& context, const Mapper& mapper, std::span<const Value> key,
                           bool read_only) {
    const LoadContext::Use use(context);
    IdentityKey identity;
    identity_of(mapper, key, identity);
    if (InstanceState* known = known_by_key(context, mapper, identity, read_only))
        return if_present(known, mapper);
    if (context.autoflush_new(mapper)) {
        if (InstanceState* known = known_by_key(context, mapper, identity, read_only))
            return if_present(known, mapper);
    }
    InstanceState* state = read_by_key(context, mapper, key, read_only);
    if (context.graph()->is_watched()) context.tell_transitions();
    return if_present(state, mapper);
}

namespace {

/// An object cannot become one of another class.
void check_class(const Mapper& mapper, const InstanceState& fresh) {
    const auto& property = mapper.columns()[static_cast<std::size_t>(mapper.discriminator())];
    const Value kind = load(property.field, fresh.object());
    if (kind == mapper.identity() || mapper.mapper_of_identity(kind) == nullptr) return;
    throw StaleDataError(
        fmt::format("the row of this {} says now that it is {}; expunge the object and read it "
                    "again",
                    mapper.class_name(), display(kind)),
        property.where);
}

} // namespace

namespace {

/// Members that an expression of the mapping fills.
void refresh_expressions(LoadContext& context, InstanceState& state, std::span<const Value> key) {
    const Mapper& mapper = *state.mapper;
    if (!has_expressions(mapper)) return;
    const auto wishes = wished_expressions(mapper, nullptr);
    if (wishes.empty()) return;
    ast::Select select = select_by_key(mapper, entity_plan(mapper), key);
    select.columns.clear();
    DecodePlan plan;
    for (const ExpressionWish& wish : wishes) {
        plan.steps.push_back({static_cast<std::uint16_t>(select.columns.size()), 0, wish.field});
        select.columns.push_back(wish.expression);
    }
    std::byte* object = state.object();
    const StatementLease statement = context.run(select);
    static_cast<void>(statement->fetch(plan, &object));
}

} // namespace

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
    if (mapper.discriminator() >= 0) check_class(mapper, fresh);
    const bool moved = graph.forget_links_of(state);
    if (moved) graph.leave_parents(state);
    const std::byte* row = take_snapshot(mapper, fresh.object(), graph.arena());
    if (state.is_tracked()) context.row_changed(state, row);
    restore_snapshot(mapper, state.object(), row);
    for (const auto column : unloaded_columns(state))
        DeferredAccess::set_loaded(state.link(mapper.columns()[column]), true);
    state.partial = false;
    if (state.is_tracked()) state.snapshot = row;
    graph.count_rewrite();
    state.loaded_in = context.transaction_number();
    graph.unload_relationships(state);
    if (moved) graph.enter_parents(state);
    refresh_expressions(context, state, key);
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
