// SPDX-License-Identifier: MIT
#include <mercator/support/log.hpp>

#include <doctest/doctest.h>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>
#include <thread>
#include <vector>

using namespace mercator;

TEST_CASE("LOG-01 a logger or a function of the application's own takes the messages") {
    std::ostringstream out;
    const auto logger = std::make_shared<spdlog::logger>(
        "shop", std::make_shared<spdlog::sinks::ostream_sink_mt>(out, true));
    logger->set_pattern("%n %l %v");
    log_to(logger)->write(LogLevel::Warning, "a {} message");
    CHECK(out.str() == "shop warning a {} message\n");
    std::string heard;
    const auto function = log_to([&heard](LogLevel, std::string_view message) { heard = message; });
    function->write(LogLevel::Info, "hello");
    CHECK(heard == "hello");
    CHECK_NOTHROW(log_to([](LogLevel, std::string_view) { throw 1; })->write(LogLevel::Info, "x"));
    CHECK_THROWS(static_cast<void>(log_to(std::shared_ptr<spdlog::logger>())));
    CHECK_THROWS(static_cast<void>(log_to(std::function<void(LogLevel, std::string_view)>())));
}

TEST_CASE("LOG-01 text for a log keeps what can be read and escapes what controls") {
    CHECK(log_text("plain \xc3\xa9 \xf0\x9f\x98\x80 \t tab") ==
          "plain \xc3\xa9 \xf0\x9f\x98\x80 \t tab");
    CHECK(log_text("a\nb") == "a\n    b");
    CHECK(log_text("\r\x1b[0m\x7f") == "\\x0d\\x1b[0m\\x7f");
    CHECK(log_text("\xc2\x85") == "\\xc2\\x85");          // C1
    CHECK(log_text("\xe2\x80\xae") == "\\xe2\\x80\\xae"); // right to left
    CHECK(log_text("\xff\xc3") == "\\xff\\xc3");          // no UTF-8
    CHECK(log_text("\xed\xa0\x80") == "\\xed\\xa0\\x80"); // a surrogate
    CHECK(log_text("\xc0\xaf") == "\\xc0\\xaf");          // overlong
    CHECK(log_text(std::string("\0", 1)) == "\\x00");
}

TEST_CASE("the default log sink can be asked for from several threads at once") {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([] {
            const auto sink = default_log_sink();
            // Below the logger's level, so that the test's output stays clean; braces are no
            // format.
            sink->write(LogLevel::Debug, "SELECT '{}' {");
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(default_log_sink() != nullptr);
}
