// SPDX-License-Identifier: MIT
#include <mercator/support/log.hpp>

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using namespace mercator;

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
