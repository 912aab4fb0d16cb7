// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_context.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/state/instance_state.hpp>
#include <mercator/support/export.hpp>

namespace mercator {

/// A deferred column of an object was touched: loads it with the columns of its group, for all
/// objects of the same result that lack it, by one statement for each batch of keys. StateError
/// when mapping or query say that it must not be loaded so, StaleDataError when the row is gone.
MERCATOR_API void load_deferred(LoadContext& context, InstanceState& state,
                                const ColumnProperty& column);
/// The same for a column that is about to be written: what mapping and query say against loading
/// does not count.
MERCATOR_API void load_deferred_to_write(LoadContext& context, InstanceState& state,
                                         const ColumnProperty& column);

} // namespace mercator
