// SPDX-License-Identifier: MIT
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

namespace {

// Tells tests/run/run_tests.py where each case starts and how it ended, as marked lines in the
// ordinary output. A case that crashes the program has a beginning without an end, so it can be
// named.
class CaseMarkers : public doctest::IReporter {
public:
    explicit CaseMarkers(const doctest::ContextOptions& options) :
        enabled_(std::getenv("MERCATOR_TEST_MARKERS") != nullptr && !options.list_test_cases) {}

    void test_case_start(const doctest::TestCaseData& data) override {
        mark("begin\t" + std::string(data.m_file.c_str()) + "\t" + data.m_name);
    }
    void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
        mark(std::string("end\t") + (stats.failure_flags == 0 ? "passed" : "failed") + "\t" +
             std::to_string(stats.seconds));
    }

    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_run_end(const doctest::TestRunStats&) override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_exception(const doctest::TestCaseException&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData&) override {}
    void log_message(const doctest::MessageData&) override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}

private:
    void mark(const std::string& text) const {
        if (!enabled_) return;
        std::cout.flush();
        std::printf("\n\x1e%s\n", text.c_str());
        std::fflush(stdout);
    }

    bool enabled_;
};

REGISTER_LISTENER("case_markers", 1, CaseMarkers);

} // namespace
