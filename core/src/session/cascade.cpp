// SPDX-License-Identifier: MIT
#include "cascade.hpp"

#include <unordered_set>

namespace mercator {

std::vector<InstanceState*> loaded_objects(InstanceState& state, const Relationship& relationship) {
    std::vector<InstanceState*> found;
    if (relationship.is_collection) {
        for (const auto& item : RelatedAccess::items(state.many(relationship)))
            found.push_back(&state_of(item.get()));
    } else if (void* target = RelatedAccess::target(state.one(relationship))) {
        found.push_back(&state_of(target));
    }
    return found;
}

std::vector<InstanceState*> reached_by(InstanceState& state, Cascade cascade) {
    std::vector<InstanceState*> reached{&state};
    std::unordered_set<const InstanceState*> seen{&state};
    for (std::size_t i = 0; i < reached.size(); ++i) { // grows while it is walked
        InstanceState& owner = *reached[i];
        for (const auto& relationship : owner.mapper->relationships()) {
            if (!has(relationship.cascade, cascade)) continue;
            for (InstanceState* related : loaded_objects(owner, relationship)) {
                if (seen.insert(related).second) reached.push_back(related);
            }
        }
    }
    return reached;
}

} // namespace mercator
