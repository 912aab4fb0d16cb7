// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_context.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/types/field.hpp>

#include <cstddef>
#include <vector>

namespace mercator {

/// Writes the places of the members of ordered collections (`ordering_list`) into the members'
/// column, as far as they are others than before: what the flush then finds changed are rows with a
/// new place.
class OrderedLists {
public:
    explicit OrderedLists(LoadContext& context);

    /// Numbers all lists that changed; loads those that are not. `deleted` have no place any more.
    void number(const std::vector<InstanceState*>& deleted);
    /// The members have the places again that they had before `number`.
    void take_back();

    /// The same for lists that are loaded and noted: reads nothing, forgets nothing. For questions
    /// about what has changed.
    static void number_loaded(Graph& graph);

private:
    struct Former {
        InstanceState* member;
        const Field* field;
        Value place;
    };
    static void number(InstanceState& owner, const Relationship& relationship,
                       std::vector<Former>* former);

    LoadContext& context_;
    Graph& graph_;
    std::vector<Former> former_;
};

/// A value for a place column that no list gives to a member: for a row that has to leave its place
/// for a moment.
[[nodiscard]] Value place_aside(const Field& field, const Value& place);

/// The columns of a class that hold places in lists of classes that the graph has objects of.
[[nodiscard]] std::vector<std::size_t> place_columns(Graph& graph, const Mapper& mapper);

} // namespace mercator
