// SPDX-License-Identifier: MIT
#include "computed_columns.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/state/identity_key.hpp>
#include <mercator/state/snapshot.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace mercator {

namespace {

constexpr std::size_t most_rows = 500;
/// Databases refuse expressions that are nested deeper.
constexpr std::size_t most_composite_keys = 100;

ast::ExpressionPtr key_of_one(const Mapper& mapper, std::span<InstanceState* const> states) {
    std::vector<ast::ExpressionPtr> choices;
    for (const InstanceState* state : states) {
        std::vector<ast::ExpressionPtr> parts;
        for (const auto index : mapper.primary_key()) {
            const ColumnProperty& property = mapper.columns()[index];
            parts.push_back(
                ast::binary(ast::Operator::Equal, property.ref,
                            ast::bind(load(property.field, state->object()), property.field.type)));
        }
        choices.push_back(ast::and_(std::move(parts)));
    }
    return ast::or_(std::move(choices));
}

ast::ExpressionPtr key_among(const Mapper& mapper, std::span<InstanceState* const> states) {
    const auto& key = mapper.primary_key();
    if (key.size() != 1) return key_of_one(mapper, states);
    const ColumnProperty& property = mapper.columns()[key.front()];
    std::vector<Value> values;
    for (const InstanceState* state : states)
        values.push_back(load(property.field, state->object()));
    return ast::in(property.ref, std::move(values));
}

/// The key first, then what is computed.
std::vector<std::size_t> columns_to_read(const Mapper& mapper) {
    std::vector<std::size_t> columns(mapper.primary_key().begin(), mapper.primary_key().end());
    for (std::size_t i = 0; i < mapper.columns().size(); ++i) {
        if (mapper.columns()[i].computed) columns.push_back(i);
    }
    return columns;
}

void take_row(Graph& graph, const Mapper& mapper, const std::vector<std::size_t>& columns,
              const std::vector<Value>& row, std::byte* scratch) {
    const std::size_t keys = mapper.primary_key().size();
    for (std::size_t i = 0; i < keys; ++i)
        store(mapper.columns()[columns[i]].field, scratch, row[i]);
    IdentityKey key;
    identity_of(mapper, scratch, key);
    InstanceState* state = graph.identities(mapper).find(key);
    if (state == nullptr) return;
    for (std::size_t i = keys; i < columns.size(); ++i)
        store(mapper.columns()[columns[i]].field, state->object(), row[i]);
}

} // namespace

void fetch_computed(Graph& graph, Connection& connection, const Mapper& mapper,
                    std::span<InstanceState* const> states) {
    const std::vector<std::size_t> columns = columns_to_read(mapper);
    const std::size_t chunk = mapper.primary_key().size() == 1 ? most_rows : most_composite_keys;
    Slab scratch(mapper);
    std::byte* const row_key = scratch.construct().object();
    for (; !states.empty(); states = states.subspan(std::min(chunk, states.size()))) {
        ast::Select select;
        select.from.emplace_back(mapper.table_ref());
        for (const auto column : columns) select.columns.push_back(mapper.columns()[column].ref);
        select.where.push_back(key_among(mapper, states.first(std::min(chunk, states.size()))));
        for (const auto& row : connection.fetch_all(select))
            take_row(graph, mapper, columns, row, row_key);
    }
}

void restore_computed(Slab& slab) {
    const Mapper& mapper = slab.mapper();
    if (!mapper.has_computed_columns()) return;
    slab.for_each([&](InstanceState& state) {
        if (!state.is_tracked() || state.status != ObjectStatus::Persistent ||
            !is_changed(mapper, state.object(), state.snapshot))
            return;
        for (std::size_t i = 0; i < mapper.columns().size(); ++i) {
            const ColumnProperty& property = mapper.columns()[i];
            if (property.computed)
                store(property.field, state.object(), snapshot_value(mapper, state.snapshot, i));
        }
    });
}

} // namespace mercator
