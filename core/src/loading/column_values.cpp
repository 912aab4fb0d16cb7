// SPDX-License-Identifier: MIT
#include "column_values.hpp"

#include <mercator/state/graph.hpp>
#include <mercator/state/snapshot.hpp>

namespace mercator {

void reset_columns(InstanceState& state, const std::vector<std::uint16_t>& columns) {
    for (const auto column : columns) {
        const ColumnProperty& property = state.mapper->columns()[column];
        property.make_unset(state.object() + property.field.offset);
    }
}

void mark_unloaded(InstanceState& state, const std::vector<std::uint16_t>& columns) {
    for (const auto column : columns) {
        const ColumnProperty& property = state.mapper->columns()[column];
        if (property.link_offset != 0) DeferredAccess::set_loaded(state.link(property), false);
    }
    state.partial = true;
}

void fill_from_known(InstanceState& fresh, const InstanceState& known,
                     const std::vector<std::uint16_t>& columns) {
    for (const auto column : columns) {
        const Field& field = known.mapper->columns()[column].field;
        store(field, fresh.object(),
              known.is_tracked() ? snapshot_value(*known.mapper, known.snapshot, column)
                                 : load(field, known.object()));
    }
}

namespace {

/// `image` with these columns as `source` has them. `scratch` is an object to build it in.
const std::byte* completed(Graph& graph, InstanceState& scratch, const std::byte* image,
                           const InstanceState& source, const std::vector<std::uint16_t>& columns) {
    const Mapper& mapper = *scratch.mapper;
    restore_snapshot(mapper, scratch.object(), image);
    for (const auto column : columns) {
        const Field& field = mapper.columns()[column].field;
        store(field, scratch.object(), load(field, source.object()));
    }
    return take_snapshot(mapper, scratch.object(), graph.arena());
}

} // namespace

void take_columns(LoadContext& context, InstanceState& state, const InstanceState& source,
                  const std::vector<std::uint16_t>& columns) {
    Graph& graph = *context.graph();
    const Mapper& mapper = *state.mapper;
    if (state.is_tracked()) {
        // Not the graph's spare one, which `source` may be.
        Slab scratches(mapper);
        InstanceState& scratch = scratches.construct();
        const auto complete = [&](const std::byte* image) {
            return completed(graph, scratch, image, source, columns);
        };
        const std::byte* row = complete(state.snapshot);
        context.complete_images(state, complete);
        state.snapshot = row;
        graph.count_rewrite();
    }
    for (const auto column : columns) {
        const ColumnProperty& property = mapper.columns()[column];
        store(property.field, state.object(), load(property.field, source.object()));
        if (property.link_offset != 0) DeferredAccess::set_loaded(state.link(property), true);
    }
}

std::vector<std::uint16_t> unloaded_columns(const InstanceState& state) {
    std::vector<std::uint16_t> columns;
    for (const auto column : state.mapper->deferrable_columns()) {
        if (!state.link(state.mapper->columns()[column]).loaded()) columns.push_back(column);
    }
    return columns;
}

} // namespace mercator
