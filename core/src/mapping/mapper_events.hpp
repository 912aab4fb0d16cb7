// SPDX-License-Identifier: MIT
#pragma once

namespace mercator {

class Mapper;

/// Each class once.
void tell_class_registered(Mapper& mapper);
void tell_mapper_configured(Mapper& mapper);

} // namespace mercator
