// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/loading/load_context.hpp>
#include <mercator/mapping/relationship.hpp>

namespace mercator {

/// A statement is about to be sent for this owner alone. When it is one of many for the objects of
/// one result, the log is told, once, or NPlusOneError is thrown, as the session's settings say.
void note_single_load(LoadContext& context, const InstanceState& owner,
                      const Relationship& relationship);

} // namespace mercator
