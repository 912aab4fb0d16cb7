// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_context.hpp>
#include <mercator/mapping/relationship.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>
#include <vector>

namespace mercator {

/// What collections that are not loaded are asked for, one small statement each. What the answer
/// could miss is flushed first; where the session does not flush by itself, changes in memory are
/// counted in, but `slice_related` gives what the database has.

[[nodiscard]] MERCATOR_API std::size_t count_related(LoadContext& context, InstanceState& owner,
                                                     const Relationship& relationship);
[[nodiscard]] MERCATOR_API bool has_related(LoadContext& context, InstanceState& owner,
                                            const Relationship& relationship);
/// Asks the database, for two objects that have rows.
[[nodiscard]] MERCATOR_API bool is_related(LoadContext& context, InstanceState& owner,
                                           const Relationship& relationship, InstanceState& target);
/// `limit` members at most from `offset` on, in the relationship's order.
[[nodiscard]] MERCATOR_API std::vector<InstanceState*>
slice_related(LoadContext& context, InstanceState& owner, const Relationship& relationship,
              std::size_t offset, std::size_t limit);

} // namespace mercator
