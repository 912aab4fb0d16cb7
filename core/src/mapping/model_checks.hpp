// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>

namespace mercator {

/// Mistakes that a database would report later, or not at all. Each throws a MappingError that
/// names the member and the way out. The mapper's table is complete, its foreign keys resolved.
void check_model(const Mapper& mapper);

} // namespace mercator
