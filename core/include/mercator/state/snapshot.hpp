// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>
#include <mercator/state/arena.hpp>
#include <mercator/state/column_set.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>

namespace mercator {

/// The columns of an object, packed one after the other into an arena: cheaper to take and to
/// compare than a hash, and it tells *which* columns changed. It never misses a change. Values that
/// are equal as values compare equal (1.5 and 1.50).

/// Packs the mapped columns of `object`.
[[nodiscard]] MERCATOR_API const std::byte* take_snapshot(const Mapper& mapper,
                                                          const std::byte* object, Arena& arena);

/// Columns whose member differs from the snapshot.
[[nodiscard]] MERCATOR_API ColumnSet changed_columns(const Mapper& mapper, const std::byte* object,
                                                     const std::byte* snapshot);

/// Does any column differ? Stops at the first.
[[nodiscard]] MERCATOR_API bool is_changed(const Mapper& mapper, const std::byte* object,
                                           const std::byte* snapshot);

/// Writes the packed values back into the object.
MERCATOR_API void restore_snapshot(const Mapper& mapper, std::byte* object,
                                   const std::byte* snapshot);

/// How many bytes the packed row takes.
[[nodiscard]] MERCATOR_API std::size_t snapshot_size(const Mapper& mapper,
                                                     const std::byte* snapshot);

/// One column of the packed row.
[[nodiscard]] MERCATOR_API Value snapshot_value(const Mapper& mapper, const std::byte* snapshot,
                                                std::size_t column);

} // namespace mercator
