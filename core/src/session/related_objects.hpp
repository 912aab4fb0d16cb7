// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_context.hpp>
#include <mercator/state/graph.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace mercator {

[[nodiscard]] inline bool is_loaded(InstanceState& state, const Relationship& relationship) {
    return relationship.is_collection ? RelatedAccess::is_loaded(state.many(relationship))
                                      : RelatedAccess::is_loaded(state.one(relationship));
}
/// All that stands on the other side of a relationship, one object or many; loads it if it is not.
[[nodiscard]] std::vector<InstanceState*>
related_objects(LoadContext& context, InstanceState& state, const Relationship& relationship);

/// The same for a flush, which sees all rows: what was loaded under criteria may lack some.
[[nodiscard]] std::vector<InstanceState*>
all_related_objects(LoadContext& context, InstanceState& state, const Relationship& relationship);

/// Does deleting the owner delete what it is related to?
[[nodiscard]] inline bool deletes_with_owner(const Relationship& relationship) noexcept {
    return has(relationship.cascade, Cascade::delete_) ||
           has(relationship.cascade, Cascade::delete_orphan);
}

/// The foreign key of the children's table by which a relationship finds them. All its columns
/// count: several keys of a table may begin with the same one. Null where the table has none.
[[nodiscard]] const ForeignKey* foreign_key_behind(const Relationship& relationship);

/// The mapped columns of a foreign key on both sides, child first; empty where one of them is
/// mapped to no member.
[[nodiscard]] std::vector<std::pair<std::uint16_t, std::uint16_t>>
foreign_key_pairs(const Mapper& child, const ForeignKey& key, const Mapper& parent);

} // namespace mercator
