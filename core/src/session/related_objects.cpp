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

const ForeignKey* foreign_key_behind(const Relationship& relationship) {
    const Mapper& child = *relationship.target;
    for (const auto& key : child.table().foreign_keys) {
        bool same = key.columns.size() == relationship.pairs.size();
        for (std::size_t pair = 0; same && pair < relationship.pairs.size(); ++pair) {
            const auto& column = child.columns()[child_column(relationship, pair)];
            same = child.table().columns[column.column].name == key.columns[pair];
        }
        if (same) return &key;
    }
    return nullptr;
}

} // namespace mercator
