// SPDX-License-Identifier: MIT
// The discriminator of objects whose class is in a hierarchy: the session sets it, nobody else.
#pragma once

#include <mercator/state/instance_state.hpp>

#include <cstddef>
#include <vector>

namespace mercator {

/// Can an object of this class be added? ArgumentError if it has none of its own, StateError if its
/// discriminator says that it is of another class.
void check_can_be_added(const Mapper& mapper, const std::byte* object);
/// Gives new objects the discriminator of their class. StateError as above.
void set_discriminators(const std::vector<InstanceState*>& added);
/// StateError if the discriminator of a row has been changed.
void check_discriminators(const std::vector<InstanceState*>& changed);

} // namespace mercator
