// SPDX-License-Identifier: MIT
// Which databases can this program speak to, and why not to the others? `--json` for other
// programs.
#include <mercator/engine/dialect_registry.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <string>
#include <vector>

namespace {

void print(const mercator::DialectListing& info) {
    fmt::print("{} {}\n", info.name, info.version);
    fmt::print("    {}\n", info.built_in ? "linked into this program" : info.path);
    for (const std::string& scheme : info.schemes) fmt::print("    {}://\n", scheme);
    if (!info.problem.empty()) fmt::print("    cannot be used: {}\n", info.problem);
    if (!info.remark.empty()) fmt::print("    note: {}\n", info.remark);
}

} // namespace

int main(int argc, char** argv) {
    bool json = false;
    std::vector<std::string> folders;
    CLI::App app{"Lists the dialects that are found, and what is wrong with those that cannot be "
                 "used."};
    app.add_flag("--json", json, "everything, capabilities too, as JSON");
    app.add_option("folder", folders, "folders to search first (absolute paths)");
    CLI11_PARSE(app, argc, argv);

    const auto found = mercator::dialects(folders);
    if (json) {
        fmt::print("{}", mercator::to_json_text(found));
    } else {
        for (const auto& info : found) print(info);
    }
    return found.empty() ? 1 : 0;
}
