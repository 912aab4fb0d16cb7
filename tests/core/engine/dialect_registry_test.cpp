// SPDX-License-Identifier: MIT
#include <mercator/engine/dialect_registry.hpp>

#include <mercator/engine/engine.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <stdlib.h>

using namespace mercator;

namespace {

// A folder of its own that is gone afterwards.
struct Folder {
    std::filesystem::path path;
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "mercator-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
};

} // namespace

TEST_CASE("DIA-02 a scheme without a dialect is a PluginError that lists every path tried") {
    const Folder folder;
    EngineOptions options;
    options.dialect_path = {folder.path.string()};
    try {
        const Engine engine("nosuchdatabase://host/db", options);
        FAIL("an engine without a dialect");
    } catch (const PluginError& error) {
        const std::string text = error.what();
        CHECK(text.find("nosuchdatabase") != std::string::npos);
        CHECK(text.find((folder.path / "libmercator_nosuchdatabase.so").string()) !=
              std::string::npos);
        CHECK(error.code() == ErrorCode::Plugin);
        CHECK(error.where() == "nosuchdatabase");
    }
}

TEST_CASE("DIA-02 a misspelt scheme is told the nearest one") {
    bool known = false;
    for (const DialectInfo& info : dialects())
        known = known || (info.name == "sqlite" && info.problem.empty());
    if (!known) {
        MESSAGE("SKIP: no usable dialect of that name in the search path");
        return;
    }
    try {
        static_cast<void>(load_dialect("sqlitee"));
        FAIL("loaded");
    } catch (const PluginError& error) {
        CHECK(std::string(error.what()).find("did you mean \"sqlite\"") != std::string::npos);
    }
}

TEST_CASE("DIA-02 a file that is no dialect is listed with its problem and refused with it") {
    const Folder folder;
    std::ofstream(folder.path / "libmercator_broken.so") << "this is no library";
    const std::vector<std::string> path{folder.path.string()};
    bool listed = false;
    for (const DialectInfo& info : dialects(path)) {
        if (info.path == (folder.path / "libmercator_broken.so").string())
            listed = !info.problem.empty();
    }
    CHECK(listed);
    CHECK_THROWS_AS(static_cast<void>(load_dialect("broken", path)), PluginError);
}
