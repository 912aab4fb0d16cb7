// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <atomic>
#include <cstdint>
#include <vector>

namespace mercator {

class Mapper;

/// How many classes with criteria (`mapping.criteria`) have been configured so far in this process:
/// sessions look at it before they read, which costs nothing while there are none.
extern MERCATOR_API std::atomic<std::uint32_t> mapped_criteria_count;

/// Those classes, in the order of their configuration. Thread-safe.
[[nodiscard]] MERCATOR_API std::vector<const Mapper*> mappers_with_criteria();

/// Adds one. Called by the configuration of mappers.
void note_mapped_criteria(const Mapper& mapper);

} // namespace mercator
