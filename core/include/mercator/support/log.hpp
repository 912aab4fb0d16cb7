// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/export.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

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

/// A sink that writes to a logger of the application's own. The application must use the spdlog
/// library that Mercator was built with.
[[nodiscard]] MERCATOR_API std::shared_ptr<LogSink> log_to(std::shared_ptr<spdlog::logger> logger);
/// A sink that calls a function, from any thread; what it throws is swallowed.
[[nodiscard]] MERCATOR_API std::shared_ptr<LogSink>
log_to(std::function<void(LogLevel level, std::string_view message)> write);

/// Text as it may stand in a log: control characters and bytes that are not UTF-8 are written as
/// `\x1b`, and a new line is indented, so that no text forges a line or drives a terminal.
[[nodiscard]] MERCATOR_API std::string log_text(std::string_view text);
/// A sink that cleans each message by `log_text` and hands it on.
[[nodiscard]] MERCATOR_API std::shared_ptr<LogSink> cleaning(std::shared_ptr<LogSink> sink);

} // namespace mercator
