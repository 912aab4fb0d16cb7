// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>
#include <mercator/support/listener.hpp>

#include <functional>

namespace mercator {

/// Called with each class of the process, once, when its description has run: its columns are
/// known, what it refers to is not. Classes that are known already are not told again. Runs on the
/// thread that first uses the class, under a lock: it must not use other classes.
MERCATOR_API Subscription on_class_registered(std::function<void(const Mapper&)> listener,
                                              CodePlace place = CodePlace::here());
/// The same, when the class is complete, with its relationships and keys. After that the lock is
/// gone, and everything may be used.
MERCATOR_API Subscription on_mapper_configured(std::function<void(const Mapper&)> listener,
                                               CodePlace place = CodePlace::here());

} // namespace mercator
