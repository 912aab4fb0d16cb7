// SPDX-License-Identifier: MIT
#include "family_workloads.hpp"
#include "measure.hpp"
#include "query_workloads.hpp"
#include "reference.hpp"
#include "row_workloads.hpp"

#include <mercator/session/database.hpp>

#include <CLI/CLI.hpp>
#include <benchmark/benchmark.h>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace benchmarks;

struct Arguments {
    std::string sqlite_file;
    std::string postgresql;
    std::string mariadb;
    std::string report;
    std::string workload;  ///< only this one
    std::string contender; ///< only this one: for profiling
    int repetitions = 9;
    Sizes sizes;
};

void print(const Figure& figure) {
    fmt::print("{:<19} {:<11} {:<21} {:>12.1f} {:>8.2f}\n", figure.workload, figure.backend,
               figure.contender, figure.ns_per_op, figure.ratio_to_c);
    std::fflush(stdout);
}

/// Measures the workloads that were asked for.
class Programme {
public:
    explicit Programme(const Arguments& arguments) : arguments_(arguments) {
        fmt::print("{:<19} {:<11} {:<21} {:>12} {:>8}\n", "workload", "backend", "contender",
                   "ns/operation", "ratio");
    }

    void run(std::vector<Workload> workloads, const std::string& backend, Clock clock) {
        for (Workload& workload : workloads) {
            if (!arguments_.workload.empty() && arguments_.workload != workload.name) continue;
            std::erase_if(workload.contenders, [&](const Contender& contender) {
                return !arguments_.contender.empty() && arguments_.contender != contender.name;
            });
            if (workload.contenders.empty()) continue;
            for (const Figure& figure : measure(workload, backend, clock, arguments_.repetitions)) {
                print(figure);
                figures_.push_back(figure);
            }
        }
    }

    void write_report() const {
        nlohmann::json report = nlohmann::json::array();
        for (const Figure& figure : figures_) {
            report.push_back({{"workload", figure.workload},
                              {"backend", figure.backend},
                              {"contender", figure.contender},
                              {"ns_per_op", figure.ns_per_op},
                              {"ratio_to_c", figure.ratio_to_c}});
        }
        if (!arguments_.report.empty()) std::ofstream(arguments_.report) << report.dump(1) << '\n';
    }

private:
    const Arguments& arguments_;
    std::vector<Figure> figures_;
};

/// Parents with their children, by every strategy.
template <class Connect>
void compete_in_loading(Programme& programme, const std::string& backend,
                        mercator::Database& database, Connect&& connect) {
    FamilyContest contest(database, [&] { return connect(database.engine().url()); });
    contest.check_contenders();
    const Clock clock = backend == "sqlite" ? Clock::Cpu : Clock::Wall;
    programme.run(contest.workloads(), backend, clock);
    if (backend == "sqlite") programme.run(option_workloads(database), backend, Clock::Cpu);
}

/// Measures one database; `connect` makes the competitors once the tables are there.
template <class Connect, class ConnectFamily>
void compete(Programme& programme, const std::string& backend, const std::string& uri, Sizes sizes,
             Connect&& connect, ConnectFamily&& connect_family,
             const std::string& tidy_drafts = {}) {
    mercator::Database database(mercator::Config{.uri = uri, .pool_size = 1});
    compete_in_loading(programme, backend, database, connect_family);
    Contest contest(database, sizes, tidy_drafts);
    connect(contest, database.engine().url());
    contest.check_contenders();
    const Clock clock = backend == "sqlite" ? Clock::Cpu : Clock::Wall;
    programme.run(contest.workloads(), backend, clock);
    programme.run(query_workloads(database.engine()), backend, Clock::Cpu);
}

void run_sqlite(Programme& programme, const Arguments& arguments) {
    const std::filesystem::path file = std::filesystem::absolute(arguments.sqlite_file);
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + ending);
    const std::string uri = fmt::format(
        "sqlite:///{}?journal_mode=wal&synchronous=off&cache_size=-200000", file.string());
    compete(
        programme, "sqlite", uri, arguments.sizes,
        [](Contest& contest, const mercator::Url& url) {
            contest.set_references(sqlite_reference(url), nullptr);
        },
        &sqlite_family);
}

void run_servers(Programme& programme, const Arguments& arguments) {
    Sizes sizes = arguments.sizes;
    sizes.lookups = std::min<std::int64_t>(sizes.lookups, 3'000); // a round trip each
    if (!arguments.postgresql.empty()) {
        const auto connect = [&](Contest& contest, const mercator::Url&) {
            contest.set_references(postgresql_reference(arguments.postgresql), nullptr);
        };
        const auto connect_family = [&](const mercator::Url&) {
            return postgresql_family(arguments.postgresql);
        };
        compete(programme, "postgresql", arguments.postgresql, sizes, connect, connect_family,
                "VACUUM drafts");
    }
    if (!arguments.mariadb.empty()) {
        mercator::Url address = mercator::Url::parse(arguments.mariadb);
        mercator::Database by_default(mercator::Config{.uri = arguments.mariadb, .pool_size = 1});
        address.driver = "c";
        const auto connect = [&](Contest& contest, const mercator::Url& url) {
            contest.add_driver("mercator+connectorcpp", by_default);
            contest.set_references(mariadb_reference(url), connector_reference(url));
        };
        compete(programme, "mariadb", address.to_string(true), sizes, connect, &mariadb_family);
    }
}

void start_google_benchmark(char* program) {
    std::string interleave = "--benchmark_enable_random_interleaving=true";
    std::array<char*, 3> words{program, interleave.data(), nullptr};
    int count = 2;
    benchmark::Initialize(&count, words.data());
}

} // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    CLI::App app(
        "Mercator beside hand-written C. benchmarks/run starts the servers and calls this.");
    app.add_option("--sqlite", arguments.sqlite_file, "database file, made afresh");
    app.add_option("--postgresql", arguments.postgresql, "URI of an empty database");
    app.add_option("--mariadb", arguments.mariadb, "URI of an empty database");
    app.add_option("--report", arguments.report, "JSON file to write");
    app.add_option("--workload", arguments.workload, "only this workload");
    app.add_option("--contender", arguments.contender, "only this contender");
    app.add_option("--repetitions", arguments.repetitions, "of each contender");
    app.add_option("--posts", arguments.sizes.posts, "rows that are read");
    app.add_option("--lookups", arguments.sizes.lookups, "lookups by key in a repetition");
    app.add_option("--drafts", arguments.sizes.drafts, "rows that are written");
    CLI11_PARSE(app, argc, argv);

    keep_heap_warm();
    start_google_benchmark(argv[0]);
    try {
        Programme programme(arguments);
        if (!arguments.sqlite_file.empty()) run_sqlite(programme, arguments);
        run_servers(programme, arguments);
        programme.write_report();
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
    return 0;
}
