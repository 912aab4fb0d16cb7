// SPDX-License-Identifier: MIT
#pragma once

#include "joined_rows.hpp"

namespace mercator {

/// Two collections of one object that are both joined make a row for each pair of their members.
/// Told in the log, once for each place in the program.
void warn_of_products(LoadContext& context, const LoadRequest& request, const JoinedSelect& joined,
                      const JoinedRows& rows);

} // namespace mercator
