// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/driver.hpp>
#include <mercator/support/log.hpp>

#include <memory>

namespace mercator {

/// The same statement, which also writes the first rows that are fetched from it into the log.
[[nodiscard]] std::unique_ptr<DriverStatement> log_rows(std::unique_ptr<DriverStatement> statement,
                                                        std::shared_ptr<const Compiled> compiled,
                                                        std::shared_ptr<LogSink> log);

} // namespace mercator
