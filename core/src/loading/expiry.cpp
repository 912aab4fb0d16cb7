// SPDX-License-Identifier: MIT
#include <mercator/loading/expiry.hpp>

#include "class_tables.hpp"
#include "column_values.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/loading/entity_plan.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>

namespace mercator {

namespace {

using Columns = std::vector<std::uint16_t>;

bool contains(std::span<const std::uint16_t> columns, std::size_t column) {
    return std::find(columns.begin(), columns.end(), column) != columns.end();
}

Columns all_but(const Mapper& mapper, const Columns& columns) {
    Columns others;
    for (std::uint16_t i = 0; i < mapper.columns().size(); ++i) {
        if (!contains(columns, i)) others.push_back(i);
    }
    return others;
}

ast::Select select_row(const InstanceState& state, const EntityPlan& plan) {
    const Mapper& mapper = *state.mapper;
    ast::Select select;
    select.columns = plan.columns;
    read_tables(select, mapper);
    for (const auto index : mapper.primary_key()) {
        const ColumnProperty& property = mapper.columns()[index];
        const Value key = state.is_tracked() ? snapshot_value(mapper, state.snapshot, index)
                                             : load(property.field, state.object());
        select.where.push_back(
            ast::binary(ast::Operator::Equal, property.ref, ast::bind(key, property.field.type)));
    }
    return select;
}

void take_row(LoadContext& context, InstanceState& state, const InstanceState& row,
              const Columns& columns) {
    Graph& graph = *context.graph();
    const Mapper& mapper = *state.mapper;
    if (state.is_tracked()) {
        const std::byte* image = take_snapshot(mapper, row.object(), graph.arena());
        context.row_changed(state, image);
        state.snapshot = image;
        graph.count_rewrite();
    }
    ColumnSet renewed;
    for (const auto column : columns) {
        const ColumnProperty& property = mapper.columns()[column];
        store(property.field, state.object(), load(property.field, row.object()));
        if (property.link_offset != 0) DeferredAccess::set_loaded(state.link(property), true);
        renewed.insert(column);
    }
    graph.follow_row(state, renewed);
}

void drop_changes(InstanceState& state, const Columns& columns) {
    if (!state.is_tracked()) return;
    for (const auto column : columns) {
        store(state.mapper->columns()[column].field, state.object(),
              snapshot_value(*state.mapper, state.snapshot, column));
    }
}

} // namespace

void refresh_columns(LoadContext& context, InstanceState& state, const Columns& columns) {
    const LoadContext::Use use(context);
    const CriteriaPause all_rows(context.criteria_in_use(), {.all = true});
    const Mapper& mapper = *state.mapper;
    const Columns others = all_but(mapper, columns);
    const EntityPlan& plan = plan_without(mapper, others);
    // Into an object of its own: a row that cannot be decoded must not leave half of itself behind.
    Slab rows(mapper);
    InstanceState& row = rows.construct();
    std::byte* target = row.object();
    if (!context.run(select_row(state, plan))->fetch(plan.decode, &target)) {
        throw StaleDataError(fmt::format("the row of this {} is gone; somebody else has deleted it",
                                         mapper.class_name()),
                             std::string(mapper.class_name()));
    }
    fill_from_known(row, state, others);
    take_row(context, state, row, columns);
}

void expire_columns(InstanceState& state, const Columns& columns) {
    drop_changes(state, columns);
    Columns deferred;
    for (const auto column : columns) {
        if (state.mapper->columns()[column].link_offset != 0) deferred.push_back(column);
    }
    if (!deferred.empty()) mark_unloaded(state, deferred);
    if (deferred.size() < columns.size()) state.loaded_in = 0;
}

void forget_loaded(LoadContext& context, InstanceState& state) {
    if (!state.mapper->deferrable_columns().empty())
        mark_unloaded(state, state.mapper->deferrable_columns());
    context.graph()->unload_relationships(state);
    state.loaded_in = 0;
}

void expire_row(LoadContext& context, InstanceState& state) {
    Graph& graph = *context.graph();
    const bool moved = graph.forget_links_of(state);
    if (moved) graph.leave_parents(state);
    if (state.is_tracked() && is_changed(*state.mapper, state.object(), state.snapshot))
        restore_snapshot(*state.mapper, state.object(), state.snapshot);
    forget_loaded(context, state);
    if (moved) graph.enter_parents(state);
}

} // namespace mercator
