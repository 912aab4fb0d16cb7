// SPDX-License-Identifier: MIT
#include "classes_of_rows.hpp"

#include <algorithm>
#include <utility>

namespace mercator {

std::vector<const Mapper*> mappers_of(const std::vector<InstanceState*>& states) {
    std::vector<const Mapper*> mappers;
    for (const InstanceState* state : states) {
        if (mappers.empty() ||
            (mappers.back() != state->mapper &&
             std::find(mappers.begin(), mappers.end(), state->mapper) == mappers.end()))
            mappers.push_back(state->mapper);
    }
    return mappers;
}

std::vector<const Mapper*> with_bases(std::vector<const Mapper*> mappers) {
    for (std::size_t i = 0; i < mappers.size(); ++i) { // grows while it is walked
        const Mapper* base = mappers[i]->base();
        if (base != nullptr && mappers[i]->inheritance() != Inheritance::Concrete &&
            std::find(mappers.begin(), mappers.end(), base) == mappers.end())
            mappers.push_back(base);
    }
    return mappers;
}

const Mapper& common_base(const Mapper& mapper, const Mapper& other) {
    const Mapper* common = &mapper;
    while (!other.is_a(*common)) common = common->base();
    return *common;
}

bool has_unique_columns(const Mapper& mapper) {
    return std::any_of(mapper.parts().begin(), mapper.parts().end(), [](const TablePart& part) {
        const Table& table = *part.table;
        return !table.uniques.empty() ||
               std::any_of(table.indexes.begin(), table.indexes.end(),
                           [](const Index& index) { return index.unique; });
    });
}

std::vector<DependencyEdge> handovers_of_classes(const std::vector<ChangedRow>& rows) {
    std::vector<InstanceState*> states;
    for (const auto& row : rows) states.push_back(row.state);
    const auto mappers = mappers_of(states);
    if (mappers.size() == 1) return UniqueValues::handovers(*mappers.front(), rows);
    std::vector<DependencyEdge> edges;
    for (const Mapper* mapper : with_bases(mappers)) {
        std::vector<ChangedRow> own;
        std::vector<std::size_t> positions;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (!rows[i].state->mapper->is_a(*mapper)) continue;
            own.push_back(rows[i]);
            positions.push_back(i);
        }
        for (const auto& edge : UniqueValues::handovers(*mapper, own)) {
            const DependencyEdge found{positions[edge.before], positions[edge.after]};
            const bool known = std::any_of(edges.begin(), edges.end(), [&](const auto& other) {
                return other.before == found.before && other.after == found.after;
            });
            if (!known) edges.push_back(found);
        }
    }
    return edges;
}

} // namespace mercator
