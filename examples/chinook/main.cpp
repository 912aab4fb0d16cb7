// SPDX-License-Identifier: MIT
// chinook --uri URI [--echo]: ten questions to a Chinook database
// (https://github.com/lerocha/chinook-database), whichever of its spellings and whichever database
// it is in. Only reads.
#include "mapping.hpp"
#include "questions.hpp"
#include "table_text.hpp"

#include <fmt/core.h>

#include <exception>
#include <optional>
#include <span>
#include <string_view>

namespace {

constexpr std::string_view usage =
    "usage: chinook --uri URI [--echo]\n"
    "  --uri URI   a database that holds Chinook, such as sqlite:///chinook.sqlite,\n"
    "              postgresql://user:password@host/chinook, mysql://user:password@host/Chinook\n"
    "  --echo      show the SQL as well\n";

/// Nothing for arguments that make no sense.
std::optional<mercator::Config> read_arguments(std::span<char* const> arguments) {
    mercator::Config config;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view argument = arguments[i];
        if (argument == "--echo") {
            config.echo = mercator::Echo::Statements;
        } else if (argument == "--uri" && i + 1 < arguments.size()) {
            config.uri = arguments[++i];
        } else if (argument.starts_with("--uri=")) {
            config.uri = argument.substr(std::string_view("--uri=").size());
        } else {
            return std::nullopt;
        }
    }
    if (config.uri.empty()) return std::nullopt;
    return config;
}

void ask_everything(const mercator::Config& config) {
    mercator::Database db(config);
    chinook::map_onto(db);
    mercator::Session session = db.session();
    int number = 0;
    for (const auto& ask : chinook::questions) {
        const chinook::Answer answer = ask(session);
        fmt::print("{}{}. {}\n\n{}", number == 0 ? "" : "\n", number + 1, answer.question,
                   chinook::table_text(answer));
        ++number;
    }
    fmt::print("\nchinook: {} questions answered\n", number);
}

} // namespace

int main(int argc, char** argv) {
    const auto config = read_arguments(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
    if (!config) {
        fmt::print(stderr, "{}", usage);
        return 2;
    }
    try {
        ask_everything(*config);
    } catch (const std::exception& error) {
        fmt::print(stderr, "chinook: {}\n", error.what());
        return 1;
    }
    return 0;
}
