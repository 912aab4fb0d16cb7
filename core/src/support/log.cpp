// SPDX-License-Identifier: MIT
#include <mercator/support/log.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cstddef>
#include <iterator>
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

class FunctionSink final : public LogSink {
public:
    explicit FunctionSink(std::function<void(LogLevel, std::string_view)> write) :
        write_(std::move(write)) {}

    void write(LogLevel level, std::string_view message) override {
        try {
            write_(level, message);
        } catch (...) { // as above
        }
    }

private:
    std::function<void(LogLevel, std::string_view)> write_;
};

class CleaningSink final : public LogSink {
public:
    explicit CleaningSink(std::shared_ptr<LogSink> sink) : sink_(std::move(sink)) {}

    void write(LogLevel level, std::string_view message) override {
        try {
            sink_->write(level, log_text(message));
        } catch (...) {
            // An application's sink that throws must not make a committed statement look failed.
        }
    }

private:
    std::shared_ptr<LogSink> sink_;
};

// One character at the front of a text: its length in bytes, 0 if it is not UTF-8.
struct Character {
    std::size_t length = 0;
    char32_t code = 0;
};

Character first_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return {1, lead};
    const std::size_t length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length == 0 || lead > 0xf4 || text.size() < length) return {};
    char32_t code = lead & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) return {};
        code = (code << 6U) | (byte(i) & 0x3fU);
    }
    constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < smallest[length] || code > 0x10ffff || surrogate) return {};
    return {length, code};
}

// What moves a terminal's cursor, starts a line, or turns the direction of reading.
bool is_control(char32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

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

std::shared_ptr<LogSink> log_to(std::shared_ptr<spdlog::logger> logger) {
    if (logger == nullptr) throw ArgumentError("log_to was given no logger");
    return std::make_shared<SpdlogSink>(std::move(logger));
}

std::shared_ptr<LogSink> log_to(std::function<void(LogLevel, std::string_view)> write) {
    if (!write) throw ArgumentError("log_to was given an empty function");
    return std::make_shared<FunctionSink>(std::move(write));
}

std::shared_ptr<LogSink> cleaning(std::shared_ptr<LogSink> sink) {
    return std::make_shared<CleaningSink>(std::move(sink));
}

std::string log_text(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    const auto escape = [&](std::size_t bytes) {
        for (const char c : text.substr(0, bytes)) {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
        }
    };
    while (!text.empty()) {
        const Character next = first_character(text);
        const std::size_t bytes = next.length == 0 ? 1 : next.length;
        if (next.code == U'\n') {
            out += "\n    ";
        } else if (next.length == 0 || (is_control(next.code) && next.code != U'\t')) {
            escape(bytes);
        } else {
            out += text.substr(0, bytes);
        }
        text.remove_prefix(bytes);
    }
    return out;
}

} // namespace mercator
