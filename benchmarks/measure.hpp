// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace benchmarks {

/// One way to do a workload. Only `run` is timed; `prepare` and `finish` surround every repetition.
struct Contender {
    std::string name;
    std::function<void()> prepare = [] {};
    std::function<void()> run;
    std::function<void()> finish = [] {};
};

/// The same work by several contenders, `operations` times per repetition.
struct Workload {
    std::string name;
    std::size_t operations = 1;
    std::vector<Contender> contenders;
};

/// Cpu: time that this thread ran, which other programs on the machine disturb least; for work without a server.
enum class Clock { Wall, Cpu };

/// What the report says about one contender.
struct Figure {
    std::string workload;
    std::string backend;
    std::string contender;
    double ns_per_op = 0;
    double ratio_to_c = 0;
};

/// Hands freed memory back to the program, never to the system: else page faults make the noise.
void keep_heap_warm();

/// Runs the contenders of a workload in random turns, `repetitions` times each, and takes medians. The first contender is
/// the one that the ratios refer to.
[[nodiscard]] std::vector<Figure> measure(const Workload& workload, const std::string& backend, Clock clock,
                                          int repetitions);

}  // namespace benchmarks
