// SPDX-License-Identifier: MIT
#include "plugin_files.hpp"

#include <mercator/plugin/loader.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <elf.h>
#include <exception>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <vector>

using mercator::plugin::Loader;
using mercator::plugin::LoadError;
using mercator::plugin::StandardFolders;
using namespace plugin_files;

TEST_CASE("DIA-02 a plugin is found by the scheme in its file name") {
    Folder folder;
    copy_module("good", folder / "libmercator_good.so");
    Loader loader({folder.path()}, StandardFolders::Ignore);

    const MercatorPluginDescriptor& descriptor = loader.load("dialect", "good");

    CHECK(std::string(descriptor.name) == "good");
    CHECK(std::string(descriptor.version) == "1.2.3");
    CHECK(*static_cast<int*>(loader.create("dialect", "good")) == 1);
    CHECK(&loader.load("dialect", "good") == &descriptor);
}

TEST_CASE("DIA-02 a scheme without a file of its name is found in the notes, opening no other") {
    Folder folder;
    Folder elsewhere;
    const Variable marker("MERCATOR_TEST_MARKER", (elsewhere / "ran").string());
    copy_module("good", folder / "libmercator_aaa.so");
    copy_module("twin", folder / "libmercator_zzz.so");
    Loader loader({folder.path()}, StandardFolders::Ignore);

    CHECK(std::string(loader.load("dialect", "twin").name) == "twin");
    CHECK_FALSE(fs::exists(elsewhere / "ran"));
    CHECK(std::string(loader.load("dialect", "goodalias").name) == "good");
    CHECK(fs::exists(elsewhere / "ran"));
    CHECK(&loader.load("dialect", "good") == &loader.load("dialect", "goodalias"));
}

TEST_CASE("DIA-02 folders are searched in order and a refused file does not hide a good one") {
    Folder first;
    Folder second;
    write_all(first / "libmercator_good.so", "not a library");
    copy_module("good", second / "libmercator_good.so");
    Loader loader({first.path()}, StandardFolders::Ignore);

    CHECK_THROWS_AS(loader.load("dialect", "good"), LoadError);
    loader.add_folder(second.path());
    CHECK(std::string(loader.load("dialect", "good").name) == "good");
    CHECK(loader.folders() == std::vector<fs::path>{first.path(), second.path()});
}

TEST_CASE("DIA-02 an unknown scheme lists every path tried and suggests the nearest scheme") {
    Folder first;
    Folder second;
    copy_module("good", first / "libmercator_good.so");
    copy_module("twin", second / "libmercator_twin.so");
    Loader loader({first.path(), second.path()}, StandardFolders::Ignore);

    const LoadError error = error_of_scheme(loader, "goood");

    CHECK(error.scheme() == "goood");
    CHECK(error.suggestion() == "good");
    std::vector<std::string> paths;
    for (const auto& tried : error.tried()) {
        paths.push_back(tried.path);
        CHECK_FALSE(tried.reason.empty());
        CHECK_CONTAINS(std::string(error.what()), tried.path + ": " + tried.reason);
    }
    CHECK(paths == std::vector<std::string>{(first / "libmercator_goood.so").string(),
                                            (second / "libmercator_goood.so").string(),
                                            (first / "libmercator_good.so").string(),
                                            (second / "libmercator_twin.so").string()});
    CHECK_CONTAINS(std::string(error.what()), "did you mean \"good\"?");
    CHECK_CONTAINS(std::string(error.what()), "MERCATOR_DIALECT_PATH");
}

TEST_CASE("DIA-02 nothing is suggested for a scheme that resembles none") {
    Folder folder;
    copy_module("good", folder / "libmercator_good.so");
    Loader loader({folder.path()}, StandardFolders::Ignore);
    CHECK(error_of_scheme(loader, "zebra").suggestion().empty());
}

TEST_CASE("DIA-02 a scheme that is none is refused, shows no password, and looks at no file") {
    Folder folder;
    copy_module("good", folder / "libmercator_good.so");
    Loader loader({folder.path()}, StandardFolders::Ignore);

    for (const std::string scheme : {"", "1good", "../good", "go/od", "go od", "good\n", "_good"}) {
        const LoadError error = error_of_scheme(loader, scheme);
        CHECK(error.tried().empty());
        CHECK_CONTAINS(std::string(error.what()), "a-z 0-9 + . -");
    }
    CHECK_THROWS_AS(loader.load("dialect", std::string(33, 'a')), LoadError);
    CHECK_THROWS_AS(loader.load("dialect", std::string("good\0", 5)), LoadError);
    CHECK(error_of_scheme(loader, "GOOD").suggestion() == "good");
    const std::string text = error_of_scheme(loader, "postgresql://me:secret@host/db").what();
    CHECK_CONTAINS(text, "postgresql");
    CHECK_FALSE(contains(text, "secret"));
}

TEST_CASE("DIA-02 the environment names folders, and the library's own folder follows") {
    Folder folder;
    copy_module("good", folder / "libmercator_good.so");
    const Variable path("MERCATOR_DIALECT_PATH", "/nonexistent/here::" + folder.path().string());
    Loader loader;

    CHECK(std::string(loader.load("dialect", "good").name) == "good");
    const auto folders = loader.folders();
    REQUIRE(folders.size() >= 5);
    CHECK(folders[0] == "/nonexistent/here");
    CHECK(folders[1] == folder.path());
    CHECK(folders[3] == folders[2] / "dialects");
    CHECK(folders[4] == folders[2] / "mercator" / "dialects");
    CHECK(fs::is_directory(folders[2]));
}

TEST_CASE("DIA-02 a folder given twice is searched once") {
    Folder folder;
    const Loader loader({folder.path(), folder.path() / "", folder.path() / "x" / ".."},
                        StandardFolders::Ignore);
    CHECK(loader.folders() == std::vector<fs::path>{folder.path()});
}

TEST_CASE("DIA-02 a file loaded by path serves its schemes from then on") {
    Folder folder;
    const fs::path path = copy_module("good", folder / "anything.bin");
    Loader loader({}, StandardFolders::Ignore);
    CHECK_THROWS_AS(loader.load("dialect", "goodalias"), LoadError);
    const MercatorPluginDescriptor& descriptor = loader.load_file(path);
    CHECK(&loader.load("dialect", "goodalias") == &descriptor);
    CHECK(&loader.load_file(path) == &descriptor);
}

TEST_CASE("DIA-02 two plugins with equally named symbols do not see each other") {
    Loader loader({MERCATOR_TEST_MODULE_DIR}, StandardFolders::Ignore);
    CHECK(*static_cast<int*>(loader.create("dialect", "good")) == 1);
    CHECK(*static_cast<int*>(loader.create("dialect", "twin")) == 2);
}

TEST_CASE("DIA-02 many threads that ask at once get the same plugin") {
    Folder folder;
    copy_module("good", folder / "libmercator_good.so");
    Loader loader({folder.path()}, StandardFolders::Ignore);
    std::array<const MercatorPluginDescriptor*, 8> found{};
    {
        std::vector<std::jthread> threads;
        for (auto& slot : found) {
            threads.emplace_back([&] {
                slot = &loader.load("dialect", "good");
                static_cast<void>(loader.list());
            });
        }
    }
    CHECK(std::ranges::all_of(found, [&](auto* d) { return d == found[0]; }));
}

TEST_CASE("DIA-02 a plugin outlives its loader") {
    const MercatorPluginDescriptor* descriptor = nullptr;
    {
        Loader loader({MERCATOR_TEST_MODULE_DIR}, StandardFolders::Ignore);
        descriptor = &loader.load("dialect", "twin");
    }
    CHECK(std::string(descriptor->name) == "twin");
    CHECK(*static_cast<int*>(descriptor->create()) == 2);
}

TEST_CASE("DIA-02 the list tells what is there and what is wrong with it, opening nothing") {
    Folder folder;
    const Variable marker("MERCATOR_TEST_MARKER", (folder / "ran").string());
    copy_module("good", folder / "libmercator_good.so");
    copy_module("wrong_version", folder / "libmercator_stale.so");
    write_all(folder / "libmercator_text.so", "hello");
    write_all(folder / "unrelated.so", "hello");
    const Loader loader({folder.path()}, StandardFolders::Ignore);

    const auto list = loader.list();

    REQUIRE(list.size() == 3);
    CHECK(list[0].path == folder / "libmercator_good.so");
    CHECK(list[0].problem.empty());
    CHECK(list[0].kind == "dialect");
    CHECK(list[0].name == "good");
    CHECK(list[0].version == "1.2.3");
    CHECK(list[0].schemes == std::vector<std::string>{"good", "goodalias"});
    CHECK(list[1].name == "wrong_version");
    CHECK_CONTAINS(list[1].problem, "ABI version");
    CHECK(list[2].name.empty());
    CHECK_CONTAINS(list[2].problem, "not an ELF library");
    CHECK_FALSE(fs::exists(folder / "ran"));
}

TEST_CASE("DIA-03 the module of this build is accepted") {
    CHECK(reason_for(module("good")).empty());
}

TEST_CASE("DIA-03 another version is refused with both sides, and its constructors do not run") {
    Folder folder;
    const Variable marker("MERCATOR_TEST_MARKER", (folder / "ran").string());
    const std::string reason = reason_for(module("wrong_version"));
    CHECK_CONTAINS(reason, "ABI version");
    CHECK_CONTAINS(reason, "9999");
    CHECK_CONTAINS(reason, "this library has " + std::to_string(MERCATOR_ABI_VERSION));
    CHECK_FALSE(fs::exists(folder / "ran"));
    // The counterpart: the marker does work for a plugin that is opened.
    CHECK(reason_for(copy_module("good", folder / "good.so")).empty());
    CHECK(fs::exists(folder / "ran"));
}

TEST_CASE(
    "DIA-03 another fingerprint is refused with both sides, and its constructors do not run") {
    Folder folder;
    const Variable marker("MERCATOR_TEST_MARKER", (folder / "ran").string());
    const std::string reason = reason_for(module("wrong_fingerprint"));
    CHECK_CONTAINS(reason, "fingerprint");
    CHECK_CONTAINS(reason, "some other compiler");
    CHECK_CONTAINS(reason, MERCATOR_BUILD_FINGERPRINT);
    CHECK_FALSE(fs::exists(folder / "ran"));
}

TEST_CASE("DIA-03 the door compiles as C, and a C build is told from a C++ build") {
    CHECK_CONTAINS(reason_for(module("plain_c")), "itanium; none; c");
}

TEST_CASE("DIA-03 a library without the note is refused, and its constructors do not run") {
    Folder folder;
    const Variable marker("MERCATOR_TEST_MARKER", (folder / "ran").string());
    CHECK_CONTAINS(reason_for(module("no_note")), "no mercator note");
    CHECK_FALSE(fs::exists(folder / "ran"));
}

TEST_CASE("DIA-03 a library without the entry is refused, also if a dependency has one") {
    CHECK_CONTAINS(reason_for(module("no_symbol")), "does not export mercator_plugin_entry");
    CHECK_CONTAINS(reason_for(module("borrowed_symbol")), "does not export");
}

TEST_CASE("DIA-03 a plugin of another kind is not used for a dialect") {
    Loader loader({MERCATOR_TEST_MODULE_DIR}, StandardFolders::Ignore);
    const LoadError error = error_of_scheme(loader, "sinking");
    const auto tried = std::ranges::find(error.tried(), module("wrong_kind").string(),
                                         &mercator::plugin::TriedPath::path);
    REQUIRE(tried != error.tried().end());
    CHECK_CONTAINS(tried->reason, "kind \"sink\", not \"dialect\"");
    CHECK(std::string(loader.load("sink", "sinking").name) == "wrong_kind");
}

TEST_CASE("DIA-03 a descriptor that contradicts its note is refused") {
    CHECK_CONTAINS(reason_for(module("descriptor_size")), "size of the descriptor");
    CHECK_CONTAINS(reason_for(module("descriptor_version")), "77");
    CHECK_CONTAINS(reason_for(module("descriptor_name")), "disagree");
    CHECK_CONTAINS(reason_for(module("descriptor_text")), "lacks a text");
    CHECK_CONTAINS(reason_for(module("null_create")), "no create function");
    CHECK_CONTAINS(reason_for(module("entry_null")), "no descriptor");
    CHECK_CONTAINS(reason_for(module("entry_throws")), "entry refused");
}

TEST_CASE("DIA-03 a missing symbol is reported when the plugin is opened, not later") {
    CHECK_CONTAINS(reason_for(module("unresolved")), "mercator_test_function_that_nobody_defines");
}

TEST_CASE("DIA-02 what create throws is reported with the file and kept as the cause") {
    Loader loader({}, StandardFolders::Ignore);
    loader.load_file(module("create_throws"));
    try {
        static_cast<void>(loader.create("dialect", "lying"));
        FAIL("create did not throw");
    } catch (const LoadError& error) {
        CHECK(error.scheme() == "lying");
        CHECK_CONTAINS(std::string(error.what()), "no memory for a dialect");
        CHECK_CONTAINS(std::string(error.what()), module("create_throws").string());
        CHECK_THROWS_WITH_AS(std::rethrow_if_nested(error), "no memory for a dialect",
                             std::runtime_error);
    }
    loader.load_file(module("create_throws_number"));
    CHECK_THROWS_AS(static_cast<void>(loader.create("dialect", "lying")), LoadError);
    loader.load_file(module("create_nothing"));
    CHECK_THROWS_AS(static_cast<void>(loader.create("dialect", "lying")), LoadError);
}

TEST_CASE("DIA-02 what is no library is refused with its reason") {
    Folder folder;
    CHECK_CONTAINS(reason_for(folder / "missing.so"), "No such file");
    CHECK_CONTAINS(reason_for(write_all(folder / "text.so", "just some text, long enough")),
                   "not an ELF library");
    CHECK_CONTAINS(reason_for(write_all(folder / "empty.so", "")), "too short");
    fs::create_directory(folder / "folder.so");
    CHECK_CONTAINS(reason_for(folder / "folder.so"), "is a folder");
    REQUIRE(::mkfifo((folder / "pipe.so").c_str(), 0600) == 0);
    CHECK_CONTAINS(reason_for(folder / "pipe.so"), "not a regular file");
    fs::create_symlink(folder / "loop.so", folder / "loop.so");
    CHECK_FALSE(reason_for(folder / "loop.so").empty());
}

TEST_CASE("DIA-02 a library for another machine, word size, byte order or purpose is refused") {
    Folder folder;
    const std::string good = read_all(module("good"));
    const auto patched = [&](std::size_t offset, char value) {
        std::string bytes = good;
        bytes.at(offset) = value;
        return reason_for(write_all(folder / "patched.so", bytes));
    };
    CHECK_CONTAINS(patched(offsetof(Elf64_Ehdr, e_machine), 8), "another machine");
    CHECK_CONTAINS(patched(EI_CLASS, good[EI_CLASS] == 1 ? 2 : 1), "word size");
    CHECK_CONTAINS(patched(EI_DATA, good[EI_DATA] == 1 ? 2 : 1), "byte order");
    CHECK_CONTAINS(patched(offsetof(Elf64_Ehdr, e_type), ET_EXEC), "not a shared library");
}

TEST_CASE("DIA-02 a header with any damaged byte is refused or harmless, never a crash") {
    Folder folder;
    const std::string good = read_all(module("wrong_version"));
    const fs::path path = write_all(folder / "damaged.so", good);
    // The wrong version keeps it from being opened even when the damage does not matter.
    for (std::size_t offset = 0; offset < std::min<std::size_t>(good.size(), 1024); ++offset) {
        CAPTURE(offset);
        overwrite(path, offset, {static_cast<char>(~good[offset])});
        CHECK_FALSE(reason_for(path).empty());
        overwrite(path, offset, {good[offset]});
    }
}

TEST_CASE("DIA-02 what everybody may write is refused, file or folder, also through a link") {
    Folder folder;
    const fs::path path = copy_module("good", folder / "libmercator_good.so");
    REQUIRE(::chmod(path.c_str(), 0666) == 0);
    CHECK_CONTAINS(reason_for(path), "is writable for everybody");
    REQUIRE(::chmod(path.c_str(), 0644) == 0);

    fs::create_directory(folder / "open");
    REQUIRE(::chmod((folder / "open").c_str(), 0777) == 0);
    const fs::path exposed = copy_module("good", folder / "open/libmercator_good.so");
    CHECK_CONTAINS(reason_for(exposed), "its folder");
    fs::create_symlink(exposed, folder / "link.so");
    CHECK_CONTAINS(reason_for(folder / "link.so"), "its folder");
    fs::create_symlink(path, folder / "open/link.so");
    CHECK_CONTAINS(reason_for(folder / "open/link.so"), "its folder");
    CHECK(reason_for(path).empty());
}
