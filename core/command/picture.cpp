// SPDX-License-Identifier: MIT
#include "picture.hpp"

#include "application.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace mercator::command {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// A file without a name, which is gone when it is closed: the graph may be larger than a pipe, and
/// two pipes can wait for each other.
File scratch_file() {
    File file(std::tmpfile(), &std::fclose);
    if (file == nullptr)
        throw StateError(fmt::format("no temporary file can be made: {}", std::strerror(errno)));
    return file;
}

class FileActions {
public:
    FileActions() { ::posix_spawn_file_actions_init(&actions_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
    ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
    void redirect(std::FILE* from, int to) {
        ::posix_spawn_file_actions_adddup2(&actions_, ::fileno(from), to);
    }
    [[nodiscard]] const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

private:
    posix_spawn_file_actions_t actions_;
};

std::string content(std::FILE* file) {
    std::string text;
    std::array<char, 8192> buffer{};
    std::rewind(file);
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file))
        text.append(buffer.data(), count);
    return text;
}

int wait_for(::pid_t process) {
    int status = 0;
    while (::waitpid(process, &status, 0) < 0) {
        if (errno != EINTR) return -1;
    }
    return status;
}

} // namespace

std::string draw_svg(const std::string& graph) {
    const File in = scratch_file();
    const File out = scratch_file();
    const File complaints = scratch_file();
    std::fwrite(graph.data(), 1, graph.size(), in.get());
    std::fflush(in.get());
    std::rewind(in.get());
    FileActions actions;
    actions.redirect(in.get(), STDIN_FILENO);
    actions.redirect(out.get(), STDOUT_FILENO);
    actions.redirect(complaints.get(), STDERR_FILENO);
    char program[] = "dot";
    char format[] = "-Tsvg";
    char* const arguments[] = {program, format, nullptr};
    ::pid_t process = 0;
    const int failure =
        ::posix_spawnp(&process, program, actions.get(), nullptr, arguments, environ);
    if (failure != 0) {
        throw UsageError(fmt::format("Graphviz draws SVG, and its program 'dot' cannot be started "
                                     "({}); install it (Debian: apt install graphviz), or ask for "
                                     "--format dot or mermaid",
                                     std::strerror(failure)),
                         "--format");
    }
    if (wait_for(process) != 0) {
        throw StateError(
            fmt::format("Graphviz could not draw the schema: {}", content(complaints.get())));
    }
    return content(out.get());
}

} // namespace mercator::command
