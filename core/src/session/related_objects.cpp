// SPDX-License-Identifier: MIT
#include "related_objects.hpp"

namespace mercator {

std::vector<InstanceState*> related_objects(LoadContext& context, InstanceState& state,
                                            const Relationship& relationship) {
    std::vector<InstanceState*> found;
    if (relationship.is_collection) {
        RelatedMany& many = state.many(relationship);
        if (!RelatedAccess::is_loaded(many)) context.load_relationship(state, relationship);
        for (const auto& item : RelatedAccess::items(many)) found.push_back(&state_of(item.get()));
        return found;
    }
    RelatedOne& one = state.one(relationship);
    if (!RelatedAccess::is_loaded(one)) context.load_relationship(state, relationship);
    if (void* target = RelatedAccess::target(one)) found.push_back(&state_of(target));
    return found;
}

} // namespace mercator
