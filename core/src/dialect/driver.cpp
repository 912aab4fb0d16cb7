// SPDX-License-Identifier: MIT
#include <mercator/dialect/driver.hpp>

namespace mercator {

DriverStatement::~DriverStatement() = default;
DriverConnection::~DriverConnection() = default;

} // namespace mercator
