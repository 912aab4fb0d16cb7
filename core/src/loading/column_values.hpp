// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_context.hpp>
#include <mercator/state/instance_state.hpp>

#include <cstdint>
#include <vector>

namespace mercator {

/// Gives members that hold nothing of a row their initial state, as scratch objects are used again.
void reset_columns(InstanceState& state, const std::vector<std::uint16_t>& columns);

/// Marks deferred members among these as not loaded.
void mark_unloaded(InstanceState& state, const std::vector<std::uint16_t>& columns);

/// Fills columns of a row that was read without them from what the object's row held before.
void fill_from_known(InstanceState& fresh, const InstanceState& known,
                     const std::vector<std::uint16_t>& columns);

/// The object takes these columns, which it lacked, over from `source`; its snapshot and former
/// images of its row get them as well, so that nothing of it counts as changed.
void take_columns(LoadContext& context, InstanceState& state, const InstanceState& source,
                  const std::vector<std::uint16_t>& columns);

/// Those deferred members of the object that are not loaded.
[[nodiscard]] std::vector<std::uint16_t> unloaded_columns(const InstanceState& state);

} // namespace mercator
