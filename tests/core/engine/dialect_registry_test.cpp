// SPDX-License-Identifier: MIT
#include <mercator/engine/dialect_registry.hpp>

#include <mercator/engine/engine.hpp>
#include <mercator/plugin/load_error.hpp>
#include <mercator/support/error.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

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
    for (const DialectListing& info : dialects())
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
    for (const DialectListing& info : dialects(path)) {
        if (info.path == (folder.path / "libmercator_broken.so").string())
            listed = !info.problem.empty();
    }
    CHECK(listed);
    CHECK_THROWS_AS(static_cast<void>(load_dialect("broken", path)), PluginError);
}

namespace {

std::string text_of_file(const std::filesystem::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The members of `Capabilities`, read from its header.
std::vector<std::string> capability_names() {
    const std::string header = text_of_file(std::filesystem::path(MERCATOR_SOURCE_DIR) /
                                            "core/include/mercator/dialect/capabilities.hpp");
    static const std::regex member(
        R"(\n    (?:bool|std::string|std::uint\d+_t|ast::BatchForm) (\w+)(?:;| =))");
    std::vector<std::string> names;
    for (auto at = std::sregex_iterator(header.begin(), header.end(), member);
         at != std::sregex_iterator(); ++at) {
        names.push_back((*at)[1]);
    }
    return names;
}

} // namespace

TEST_CASE("DIA-22 the list as JSON has name, version, path and every capability of what is usable, "
          "and the reason for what is not") {
    const Folder folder;
    std::ofstream(folder.path / "libmercator_broken.so") << "this is no library";
    std::ofstream(folder.path / "libmercator_\xff.so") << "its name is no UTF-8";
    const auto listed = dialects({folder.path.string()});
    const auto json = nlohmann::json::parse(to_json_text(listed));
    const auto names = capability_names();
    CHECK(names.size() > 30);

    REQUIRE(json.size() == listed.size());
    REQUIRE(json.size() >= 2);
    CHECK(json[0]["name"] == "libmercator_broken");
    std::size_t usable = 0;
    for (std::size_t i = 0; i < listed.size(); ++i) {
        const auto& object = json[i];
        CHECK(object["version"] == listed[i].version);
        CHECK(object["schemes"] == listed[i].schemes);
        CHECK(object["built_in"] == listed[i].built_in);
        CHECK(object["problem"] == listed[i].problem);
        CHECK(object["capabilities"].is_null() == !listed[i].problem.empty());
        if (!listed[i].problem.empty()) continue;
        ++usable;
        CHECK(object["path"] == listed[i].path);
        CHECK_FALSE(listed[i].version.empty());
        CHECK_FALSE(listed[i].schemes.empty());
        CHECK(object["capabilities"].size() == names.size());
        for (const auto& name : names) CHECK_MESSAGE(object["capabilities"].contains(name), name);
        CHECK(object["capabilities"]["max_binds"] == listed[i].capabilities->max_binds);
    }
    CHECK(usable > 0);
}

TEST_CASE("DIA-21 a thousand dialects made and dropped, of each kind that there is") {
    for (const DialectListing& info : dialects()) {
        if (!info.problem.empty() || !info.remark.empty()) continue;
        for (int i = 0; i < 1'000; ++i) {
            const auto dialect = load_dialect(info.schemes.at(0));
            REQUIRE(dialect->capabilities().max_binds == info.capabilities->max_binds);
        }
        const std::string maps = text_of_file("/proc/self/maps");
        const std::size_t first = maps.find(info.path + '\n');
        REQUIRE(first != std::string::npos);
        // One library has a handful of mappings, however often it was asked for.
        std::size_t mappings = 0;
        for (std::size_t at = first; at != std::string::npos;
             at = maps.find(info.path + '\n', at + 1))
            ++mappings;
        CHECK(mappings < 10);
    }
}

TEST_CASE("DIA-21 what a plugin lacks or throws is the cause nested in the PluginError") {
    try {
        static_cast<void>(load_dialect("nosuchdatabase"));
        FAIL("loaded");
    } catch (const PluginError& error) {
        CHECK_THROWS_AS(std::rethrow_if_nested(error), plugin::LoadError);
    }
}
