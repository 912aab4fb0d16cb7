// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/driver.hpp>

#include <memory>

namespace mercator {

/// The same statement for plans that know no database: their fields get the conversions and types
/// of this one. Only statements whose `Compiled::dialect` is set pay for it.
[[nodiscard]] std::unique_ptr<DriverStatement>
statement_on_dialect(std::unique_ptr<DriverStatement> statement, const DialectInfo& dialect);

} // namespace mercator
