// SPDX-License-Identifier: MIT
#include "line_editor.hpp"

#include <editline/readline.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace mercator::command {
namespace {

constexpr int longest_history = 1'000;

// The library's completion is a function pointer without an argument of ours.
Completer& completer() {
    static Completer instance;
    return instance;
}

char* next_candidate(const char* beginning, int state) {
    static std::vector<std::string> candidates;
    static std::size_t next = 0;
    if (state == 0) {
        candidates = completer()(beginning);
        next = 0;
    }
    return next < candidates.size() ? ::strdup(candidates[next++].c_str()) : nullptr;
}

char** complete(const char* beginning, int /*start*/, int /*end*/) {
    rl_attempted_completion_over = 1; // or it goes on with names of files
    return rl_completion_matches(beginning, &next_candidate);
}

std::string history_file() {
    const char* const state = std::getenv("XDG_STATE_HOME");
    const char* const home = std::getenv("HOME");
    std::filesystem::path folder;
    if (state != nullptr && *state == '/') {
        folder = state;
    } else if (home != nullptr && *home == '/') {
        folder = std::filesystem::path(home) / ".local" / "state";
    } else {
        return {};
    }
    folder /= "mercator";
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    return failure ? std::string() : (folder / "history").string();
}

} // namespace

LineEditor::LineEditor(Completer words) :
    interactive_(::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0) {
    if (!interactive_) return;
    completer() = std::move(words);
    rl_readline_name = const_cast<char*>("mercator");
    rl_initialize();
    rl_attempted_completion_function = &complete;
    using_history();
    stifle_history(longest_history);
    history_file_ = history_file();
    if (!history_file_.empty()) read_history(history_file_.c_str());
}

LineEditor::~LineEditor() {
    if (!interactive_ || history_file_.empty()) return;
    // Statements may hold what others should not read.
    const ::mode_t mask = ::umask(S_IRWXG | S_IRWXO);
    write_history(history_file_.c_str());
    ::umask(mask);
}

std::optional<std::string> LineEditor::read(const std::string& prompt) {
    if (!interactive_) {
        std::string line;
        if (!std::getline(std::cin, line)) return std::nullopt;
        return line;
    }
    const std::unique_ptr<char, decltype(&std::free)> line(readline(prompt.c_str()), &std::free);
    if (line == nullptr) return std::nullopt;
    return std::string(line.get());
}

void LineEditor::remember(const std::string& entry) {
    if (interactive_ && !entry.empty()) add_history(entry.c_str());
}

} // namespace mercator::command
