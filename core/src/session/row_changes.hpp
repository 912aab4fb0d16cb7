// SPDX-License-Identifier: MIT
#pragma once

#include "key_sync.hpp"

#include <mercator/state/column_set.hpp>
#include <mercator/state/instance_state.hpp>

namespace mercator {

/// Which columns an UPDATE of the object's row would write, told without changing anything: members
/// that differ from the row, foreign keys as the links will set them, and what `on_update` renews.
[[nodiscard]] ColumnSet columns_to_update(const InstanceState& state, const LinksByChild& links);

/// Is there any? False for what is not tracked or stands for no row.
[[nodiscard]] bool would_update(const InstanceState& state, const LinksByChild& links);

/// The columns that an INSERT of the object names: all but those left to the database.
[[nodiscard]] ColumnSet columns_to_insert(const InstanceState& state, const LinksByChild& links);

} // namespace mercator
