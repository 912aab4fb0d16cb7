// SPDX-License-Identifier: MIT
#pragma once

#include "unique_values.hpp"

#include <mercator/mapping/mapper.hpp>

#include <vector>

namespace mercator {

/// The classes of some objects, each once.
[[nodiscard]] std::vector<const Mapper*> mappers_of(const std::vector<InstanceState*>& states);
/// And the bases whose table they share, or hang on.
[[nodiscard]] std::vector<const Mapper*> with_bases(std::vector<const Mapper*> mappers);
/// Of two classes of one hierarchy: the class whose tables both have.
[[nodiscard]] const Mapper& common_base(const Mapper& mapper, const Mapper& other);

[[nodiscard]] bool has_unique_columns(const Mapper& mapper);
/// Which of the rows, all of one hierarchy, take values that others give up: classes share tables.
[[nodiscard]] std::vector<DependencyEdge> handovers_of_classes(const std::vector<ChangedRow>& rows);

} // namespace mercator
