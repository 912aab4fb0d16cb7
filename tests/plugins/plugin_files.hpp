// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/plugin/loader.hpp>

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

/// What the tests of the plugin loader share: files good and bad, and what the loader says to them.
namespace plugin_files {

namespace fs = std::filesystem;

/// A private folder, gone at the end of the test.
class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "mercator-plugins-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { fs::remove_all(path_); }

    const fs::path& path() const { return path_; }
    fs::path operator/(const std::string& name) const { return path_ / name; }

private:
    fs::path path_;
};

class Variable {
public:
    Variable(const char* name, const std::string& value) : name_(name) {
        ::setenv(name, value.c_str(), 1);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() { ::unsetenv(name_); }

private:
    const char* name_;
};

inline fs::path module(const std::string& name) {
    return fs::path(MERCATOR_TEST_MODULE_DIR) / ("libmercator_" + name + ".so");
}

inline fs::path copy_module(const std::string& name, const fs::path& to) {
    fs::copy_file(module(name), to, fs::copy_options::overwrite_existing);
    fs::permissions(to, fs::perms::owner_all | fs::perms::group_read | fs::perms::others_read);
    return to;
}

inline std::string read_all(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline fs::path write_all(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
}

/// Changes bytes of a file where it is, which is much faster than writing it anew. Not for a file
/// that this process has opened as a library.
inline void overwrite(const fs::path& path, std::size_t offset, const std::string& bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::optional<mercator::plugin::LoadError> error_of_file(const fs::path& path) {
    mercator::plugin::Loader loader({}, mercator::plugin::StandardFolders::Ignore);
    try {
        loader.load_file(path);
    } catch (const mercator::plugin::LoadError& error) {
        return error;
    }
    return std::nullopt;
}

/// The reason for refusing one file, or an empty text if it was loaded.
inline std::string reason_for(const fs::path& path) {
    const auto error = error_of_file(path);
    if (!error) {
        return {};
    }
    REQUIRE(error->tried().size() == 1);
    CHECK(error->tried()[0].path == path.string());
    CHECK(std::string(error->what()).find(error->tried()[0].reason) != std::string::npos);
    return error->tried()[0].reason;
}

inline mercator::plugin::LoadError error_of_scheme(mercator::plugin::Loader& loader,
                                                   const std::string& scheme) {
    try {
        loader.load("dialect", scheme);
    } catch (const mercator::plugin::LoadError& error) {
        return error;
    }
    FAIL("a plugin was loaded for " << scheme);
    std::abort();
}

/// What a list says against the one plugin file of the folder, which is not opened for it.
inline std::string problem_in(const fs::path& folder) {
    const mercator::plugin::Loader loader({folder}, mercator::plugin::StandardFolders::Ignore);
    std::string problem = "no plugin file";
    for (const auto& listing : loader.list()) {
        if (!listing.built_in) problem = listing.problem;
    }
    return problem;
}

/// Runs the action in a process of its own, and returns its exit status or minus the signal that
/// ended it. `leave` is how it ends: without or with destructors.
inline int in_child(
    const std::function<int()>& action,
    const std::function<void(int)>& leave = [](int code) { ::_exit(code); }) {
    // What is buffered now must not be written twice.
    std::cout.flush();
    std::fflush(nullptr);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        leave(action());
        ::_exit(99);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

inline std::string output_of(const std::string& command) {
    std::string text;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
        text.push_back(static_cast<char>(c));
    }
    ::pclose(pipe);
    return text;
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace plugin_files

#define CHECK_CONTAINS(text, part) CHECK_MESSAGE(plugin_files::contains(text, part), text)
