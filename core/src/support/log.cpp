// SPDX-License-Identifier: MIT
#include <mercator/support/log.hpp>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace mercator {
namespace {

constexpr const char* logger_name = "mercator";

spdlog::level::level_enum level_of(LogLevel level) {
    switch (level) {
    case LogLevel::Debug:
        return spdlog::level::debug;
    case LogLevel::Info:
        return spdlog::level::info;
    case LogLevel::Warning:
        return spdlog::level::warn;
    case LogLevel::Error:
        return spdlog::level::err;
    }
    return spdlog::level::err;
}

class SpdlogSink final : public LogSink {
public:
    explicit SpdlogSink(std::shared_ptr<spdlog::logger> logger) : logger_(std::move(logger)) {}

    void write(LogLevel level, std::string_view message) override {
        try {
            // Not as a format string: SQL text may contain braces.
            logger_->log(level_of(level), spdlog::string_view_t(message.data(), message.size()));
        } catch (...) {
            // A log line that cannot be written must not break what it reports on.
        }
    }

private:
    std::shared_ptr<spdlog::logger> logger_;
};

std::shared_ptr<spdlog::logger> find_or_create_logger() {
    if (auto logger = spdlog::get(logger_name)) return logger;
    try {
        return spdlog::stderr_color_mt(logger_name);
    } catch (const spdlog::spdlog_ex&) {
        // Another thread, or the application, registered it between the two calls.
        if (auto logger = spdlog::get(logger_name)) return logger;
        throw;
    }
}

} // namespace

LogSink::~LogSink() = default;

std::shared_ptr<LogSink> default_log_sink() {
    return std::make_shared<SpdlogSink>(find_or_create_logger());
}

} // namespace mercator
