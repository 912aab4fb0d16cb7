// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_context.hpp>
#include <mercator/state/instance_state.hpp>
#include <mercator/support/export.hpp>

#include <cstdint>
#include <vector>

namespace mercator {

// Objects whose rows may have changed. Columns are indices in `Mapper::columns()`.

/// Reads these columns of the object's row, by one SELECT, and drops what was changed in them.
/// StaleDataError when the row is gone; the object is as it was then.
MERCATOR_API void refresh_columns(LoadContext& context, InstanceState& state,
                                  const std::vector<std::uint16_t>& columns);
/// Drops what was changed in these columns. Deferred ones among them load again when they are
/// touched; for the others the whole row is read again when it is next met.
MERCATOR_API void expire_columns(InstanceState& state, const std::vector<std::uint16_t>& columns);
/// The same for all that is known of the object's row, its relationships with it.
MERCATOR_API void expire_row(LoadContext& context, InstanceState& state);
/// The same where nothing is changed, as after a commit.
MERCATOR_API void forget_loaded(LoadContext& context, InstanceState& state);

} // namespace mercator
