// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_context.hpp>
#include <mercator/state/graph.hpp>

#include <vector>

namespace mercator {

[[nodiscard]] inline bool is_loaded(InstanceState& state, const Relationship& relationship) {
    return relationship.is_collection ? RelatedAccess::is_loaded(state.many(relationship))
                                      : RelatedAccess::is_loaded(state.one(relationship));
}
/// All that stands on the other side of a relationship, one object or many; loads it if it is not.
[[nodiscard]] std::vector<InstanceState*>
related_objects(LoadContext& context, InstanceState& state, const Relationship& relationship);

/// The foreign key of the children's table by which a relationship finds them. All its columns
/// count: several keys of a table may begin with the same one. Null where the table has none.
[[nodiscard]] const ForeignKey* foreign_key_behind(const Relationship& relationship);

} // namespace mercator
