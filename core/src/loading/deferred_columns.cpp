// SPDX-License-Identifier: MIT
#include <mercator/loading/deferred_columns.hpp>

#include "class_tables.hpp"
#include "column_values.hpp"
#include "key_list.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/loading/entity_plan.hpp>
#include <mercator/loading/load_node.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace mercator {

namespace {

using Columns = std::vector<std::uint16_t>;

/// Databases refuse expressions that are nested deeper.
constexpr std::size_t most_composite_keys = 100;

void check_may_load(const InstanceState& state, const ColumnProperty& column) {
    bool raise = column.deferred_raise;
    if (state.batch != nullptr && state.batch->options != nullptr) {
        for (const ColumnWish& wish : state.batch->options->columns) {
            if (wish.column == &column && wish.kind != ColumnWish::Kind::Load)
                raise = wish.kind == ColumnWish::Kind::Raise;
        }
    }
    if (!raise) return;
    throw StateError(fmt::format("{} is deferred and must not be loaded when it is touched; add "
                                 "undefer<...>() to the query that the object comes from",
                                 column.where),
                     column.where);
}

/// The column with those of its group.
Columns together(const Mapper& mapper, const ColumnProperty& column) {
    Columns columns;
    for (const auto index : mapper.deferrable_columns()) {
        const ColumnProperty& other = mapper.columns()[index];
        const bool same_group =
            !column.deferred_group.empty() && other.deferred_group == column.deferred_group;
        if (&other == &column || same_group) columns.push_back(index);
    }
    return columns;
}

/// The objects of the same result that lack the column as well.
std::vector<InstanceState*> siblings(InstanceState& state, const ColumnProperty& column) {
    if (state.batch == nullptr) return {&state};
    std::vector<InstanceState*> lacking{&state};
    for (InstanceState* member : state.batch->members) {
        const bool lacks = member->batch == state.batch && member->mapper == state.mapper &&
                           member->status == ObjectStatus::Persistent &&
                           !member->link(column).loaded();
        if (lacks && member != &state) lacking.push_back(member);
    }
    return lacking;
}

Value row_key(const InstanceState& state, std::uint16_t column) {
    return state.is_tracked() ? snapshot_value(*state.mapper, state.snapshot, column)
                              : load(state.mapper->columns()[column].field, state.object());
}

ast::ExpressionPtr key_among(const Mapper& mapper, std::span<InstanceState* const> states) {
    const auto& key = mapper.primary_key();
    if (key.size() == 1) {
        std::vector<Value> values;
        for (const InstanceState* state : states) values.push_back(row_key(*state, key.front()));
        return ast::in(mapper.columns()[key.front()].ref, std::move(values));
    }
    std::vector<ast::ExpressionPtr> rows;
    for (const InstanceState* state : states) {
        std::vector<ast::ExpressionPtr> parts;
        for (const auto column : key) {
            const ColumnProperty& property = mapper.columns()[column];
            parts.push_back(ast::binary(ast::Operator::Equal, property.ref,
                                        ast::bind(row_key(*state, column), property.field.type)));
        }
        rows.push_back(ast::and_(std::move(parts)));
    }
    return ast::or_(std::move(rows));
}

/// Of these columns, the object takes those over that it lacks.
void take_lacking(LoadContext& context, InstanceState& state, const InstanceState& row,
                  const Columns& columns) {
    Columns lacking = unloaded_columns(state);
    std::erase_if(lacking, [&](std::uint16_t column) {
        return std::find(columns.begin(), columns.end(), column) == columns.end();
    });
    if (!lacking.empty()) take_columns(context, state, row, lacking);
}

void load_chunk(LoadContext& context, const EntityPlan& plan, const Columns& columns,
                std::span<InstanceState* const> states) {
    const Mapper& mapper = *states.front()->mapper;
    Graph& graph = *context.graph();
    ast::Select select;
    select.columns = plan.columns;
    read_tables(select, mapper);
    select.where.push_back(key_among(mapper, states));
    Slab rows(mapper);
    InstanceState& row = rows.construct();
    std::byte* target = row.object();
    IdentityKey key;
    const StatementLease statement = context.run(select);
    while (statement->fetch(plan.decode, &target)) {
        identity_of(mapper, row.object(), key);
        if (InstanceState* known = graph.identities(mapper).find(key))
            take_lacking(context, *known, row, columns);
    }
}

Columns all_but(const Mapper& mapper, const Columns& columns) {
    Columns missing;
    const auto& key = mapper.primary_key();
    for (std::uint16_t i = 0; i < mapper.columns().size(); ++i) {
        const bool read = std::find(key.begin(), key.end(), i) != key.end() ||
                          std::find(columns.begin(), columns.end(), i) != columns.end();
        if (!read) missing.push_back(i);
    }
    return missing;
}

} // namespace

void load_deferred(LoadContext& context, InstanceState& state, const ColumnProperty& column) {
    check_may_load(state, column);
    load_deferred_to_write(context, state, column);
}

void load_deferred_to_write(LoadContext& context, InstanceState& state,
                            const ColumnProperty& column) {
    const LoadContext::Use use(context);
    // The object is there; that its row is hidden from others now does not make its columns empty.
    const CriteriaPause all_rows(context.criteria_in_use(), {.all = true});
    const Mapper& mapper = *state.mapper;
    const Columns columns = together(mapper, column);
    const EntityPlan& plan = plan_without(mapper, all_but(mapper, columns));
    const auto lacking = siblings(state, column);
    std::size_t chunk = context.load_settings().batch_size;
    if (mapper.primary_key().size() > 1) chunk = std::min(chunk, most_composite_keys);
    chunk = keys_that_fit(chunk, mapper.primary_key().size(),
                          context.engine().capabilities().max_binds);
    const std::span<InstanceState* const> all(lacking);
    for (std::size_t first = 0; first < all.size(); first += chunk)
        load_chunk(context, plan, columns, all.subspan(first, std::min(chunk, all.size() - first)));
    if (state.link(column).loaded()) return;
    throw StaleDataError(fmt::format("{} cannot be loaded, because the row of this {} is gone; "
                                     "somebody else has deleted it",
                                     column.where, mapper.class_name()),
                         column.where);
}

} // namespace mercator
