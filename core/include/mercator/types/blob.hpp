// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

namespace mercator {

/// Binary data, stored byte for byte (SQL: BLOB, bytea). Embedded zeros are data like any other
/// byte.
using Bytes = std::vector<std::byte>;

} // namespace mercator
