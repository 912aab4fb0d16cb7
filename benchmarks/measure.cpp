// SPDX-License-Identifier: MIT
#include "measure.hpp"

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <map>

namespace benchmarks {

/// The timed part, a function of its own so that a profiler can be told to look at nothing else.
[[gnu::noinline]] void timed_region(const Contender& contender) { contender.run(); }

namespace {

using Times = std::map<std::string, std::vector<double>>;

/// Collects the nanoseconds of every repetition.
class Collector final : public benchmark::BenchmarkReporter {
public:
    explicit Collector(Times& times) : times_(times) {}
    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) {
            if (run.run_type == Run::RT_Iteration) times_[run.run_name.function_name].push_back(run.GetAdjustedRealTime());
        }
    }

private:
    Times& times_;
};

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

double seconds_on(Clock clock) {
    timespec now{};
    clock_gettime(clock == Clock::Cpu ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// A large request makes malloc merge and sort what was freed, which would else happen to whoever asks next.
void tidy_heap() {
    void* memory = std::malloc(std::size_t{256} << 20U);
    benchmark::DoNotOptimize(memory);
    std::free(memory);
}

void repeat(benchmark::State& state, const Contender& contender, Clock clock) {
    for ([[maybe_unused]] auto iteration : state) {
        contender.prepare();
        tidy_heap();
        const double start = seconds_on(clock);
        timed_region(contender);
        state.SetIterationTime(seconds_on(clock) - start);
        contender.finish();
    }
}

}  // namespace

void keep_heap_warm() {
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, -1);
    mallopt(M_TOP_PAD, 64 << 20);
}

std::vector<Figure> measure(const Workload& workload, const std::string& backend, Clock clock, int repetitions) {
    benchmark::ClearRegisteredBenchmarks();
    for (const Contender& contender : workload.contenders) {
        const auto body = [&contender, clock](benchmark::State& state) { repeat(state, contender, clock); };
        benchmark::RegisterBenchmark(contender.name.c_str(), body)
            ->Iterations(1)
            ->Repetitions(repetitions)
            ->UseManualTime()
            ->Unit(benchmark::kNanosecond);
    }
    Times times;
    Collector collector(times);
    benchmark::RunSpecifiedBenchmarks(&collector, ".");

    std::vector<Figure> figures;
    for (const Contender& contender : workload.contenders) {
        const double each = median(times.at(contender.name)) / static_cast<double>(workload.operations);
        const double yardstick = figures.empty() ? each : figures.front().ns_per_op;
        figures.push_back({workload.name, backend, contender.name, each, each / yardstick});
    }
    return figures;
}

}  // namespace benchmarks
