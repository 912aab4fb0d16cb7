// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

namespace mercator {

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };

/// Where Mercator writes what it does. An interface, so that plugins and the host share one sink
/// however each of them was built. Implementations must be safe to call from any thread and must
/// not throw.
class MERCATOR_API LogSink {
public:
    virtual ~LogSink();
    virtual void write(LogLevel level, std::string_view message) = 0;
};

/// The default sink: the spdlog logger named "mercator" (created on standard error when the
/// application has none).
[[nodiscard]] MERCATOR_API std::shared_ptr<LogSink> default_log_sink();

} // namespace mercator
