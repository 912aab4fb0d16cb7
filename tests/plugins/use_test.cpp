// SPDX-License-Identifier: MIT
// Several plugins for one scheme, many threads, many rounds, errors that outlive what threw them,
// and the end of the process.
#include "plugin_files.hpp"

#include <mercator/plugin/loader.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using mercator::plugin::Listing;
using mercator::plugin::Loader;
using mercator::plugin::LoadError;
using mercator::plugin::StandardFolders;
using namespace plugin_files;

namespace {

void* create_number() {
    static int number = 42;
    return &number;
}

const MercatorPluginDescriptor* built_in(std::uint32_t version, const char* name,
                                         const char* schemes) {
    // As long-lived as a plugin's own.
    return new MercatorPluginDescriptor{sizeof(MercatorPluginDescriptor),
                                        MERCATOR_ABI_KIND_SAME_TOOLCHAIN,
                                        version,
                                        MERCATOR_BUILD_FINGERPRINT,
                                        "dialect",
                                        name,
                                        "3.2.1",
                                        schemes,
                                        create_number};
}

std::size_t mapped_modules() {
    const std::string maps = read_all("/proc/self/maps");
    std::size_t count = 0;
    for (std::size_t at = maps.find("libmercator_"); at != std::string::npos;
         at = maps.find("libmercator_", at + 1)) {
        ++count;
    }
    return count;
}

/// Without what other tests linked in.
std::vector<Listing> files_of(const Loader& loader) {
    auto list = loader.list();
    std::erase_if(list, [](const Listing& listing) { return listing.built_in; });
    return list;
}

Listing listing_of(const Loader& loader, const std::string& name) {
    for (const Listing& listing : loader.list()) {
        if (listing.name == name) return listing;
    }
    FAIL("not listed: " << name);
    return {};
}

} // namespace

TEST_CASE("DIA-22 of two plugins for one scheme the first is used, and the list says so") {
    Folder first;
    Folder second;
    copy_module("good", first / "libmercator_zzz.so");
    copy_module("good", second / "libmercator_aaa.so");
    copy_module("good", second / "libmercator_bbb.so");
    Loader loader({first.path(), second.path()}, StandardFolders::Ignore);
    for (int i = 0; i < 5; ++i) {
        const auto list = files_of(Loader({first.path(), second.path()}, StandardFolders::Ignore));
        REQUIRE(list.size() == 3);
        CHECK(list[0].remark.empty());
        CHECK(list[1].path == second / "libmercator_aaa.so");
        CHECK_CONTAINS(list[1].remark, "\"good\" is served by " + list[0].path.string());
        CHECK_CONTAINS(list[1].remark, "\"goodalias\" is served by");
        CHECK_CONTAINS(list[2].remark, list[0].path.string());
        CHECK(list[2].problem.empty());
    }
    // A file of the scheme's own name comes before all others.
    copy_module("good", second / "libmercator_good.so");
    CHECK_CONTAINS(files_of(loader)[0].remark,
                   "\"good\" is served by " + (second / "libmercator_good.so").string());
    const auto before = read_all("/proc/self/maps");
    loader.load("dialect", "good");
    CHECK_FALSE(contains(before, (second / "libmercator_good.so").string()));
    CHECK_CONTAINS(read_all("/proc/self/maps"), (second / "libmercator_good.so").string());
}

TEST_CASE("DIA-22 one file by two names is one plugin, opened once") {
    Folder folder;
    const fs::path path = copy_module("good", folder / "libmercator_good.so");
    fs::create_symlink(path, folder / "libmercator_other.so");
    fs::create_hard_link(path, folder / "libmercator_third.so");
    Loader loader({folder.path()}, StandardFolders::Ignore);
    const auto list = files_of(loader);
    REQUIRE(list.size() == 3);
    CHECK(list[0].remark.empty());
    CHECK(list[1].remark == "is the same file as " + path.string());
    CHECK(list[2].remark == "is the same file as " + path.string());
    const auto& descriptor = loader.load_file(path);
    CHECK(&loader.load_file(folder / "libmercator_other.so") == &descriptor);
    CHECK(&Loader({folder.path()}, StandardFolders::Ignore).load("dialect", "good") == &descriptor);
}

TEST_CASE("DIA-05 a plugin linked into the program comes first and opens no file") {
    Folder folder;
    copy_module("good", folder / "libmercator_inside.so");
    const auto* descriptor = built_in(MERCATOR_ABI_VERSION, "inside", "inside");
    mercator::plugin::add_built_in(*descriptor);
    mercator::plugin::add_built_in(*descriptor);
    Loader loader({folder.path()}, StandardFolders::Ignore);

    CHECK(&loader.load("dialect", "inside") == descriptor);
    CHECK(*static_cast<int*>(loader.create("dialect", "inside")) == 42);
    const auto list = loader.list();
    CHECK(std::ranges::count(list, "inside", &Listing::name) == 1);
    const Listing listing = listing_of(loader, "inside");
    CHECK(listing.built_in);
    CHECK(listing.path.empty());
    CHECK(listing.version == "3.2.1");
    CHECK(*static_cast<int*>(loader.create(listing)) == 42);
    CHECK_FALSE(contains(read_all("/proc/self/maps"), folder.path().string()));
}

TEST_CASE("DIA-05 a plugin linked in that was built for another version is refused like a file") {
    mercator::plugin::add_built_in(*built_in(MERCATOR_ABI_VERSION + 1, "outdated", "outdated"));
    Loader loader({}, StandardFolders::Ignore);
    const LoadError error = error_of_scheme(loader, "outdated");
    REQUIRE(error.tried().size() == 1);
    CHECK(error.tried()[0].path == "linked into the program");
    CHECK_CONTAINS(error.tried()[0].reason, "ABI version differs");
}

TEST_CASE("DIA-21 sixteen threads open the same and different plugins at once") {
    Folder folder;
    constexpr std::size_t count = 16;
    for (std::size_t i = 0; i < count / 2; ++i) {
        copy_module("good", folder / ("libmercator_p" + std::to_string(i) + ".so"));
    }
    Loader shared({MERCATOR_TEST_MODULE_DIR}, StandardFolders::Ignore);
    std::array<const MercatorPluginDescriptor*, count> own{};
    std::array<const MercatorPluginDescriptor*, count> common{};
    std::barrier start(static_cast<std::ptrdiff_t>(count));
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < count; ++i) {
            threads.emplace_back([&, i] {
                Loader loader({folder.path()}, StandardFolders::Ignore);
                start.arrive_and_wait();
                own[i] = &loader.load_file(
                    folder / ("libmercator_p" + std::to_string(i % (count / 2)) + ".so"));
                common[i] = &shared.load("dialect", i % 2 == 0 ? "twin" : "good");
            });
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        CAPTURE(i);
        CHECK(own[i] == own[(i + count / 2) % count]);
        CHECK(std::ranges::count(own, own[i]) == 2);
        CHECK(common[i] == common[i % 2]);
    }
}

TEST_CASE("DIA-21 a thousand rounds of loading open each plugin once") {
    Folder folder;
    copy_module("sealed", folder / "libmercator_sealed.so");
    Loader({folder.path()}, StandardFolders::Ignore).load("dialect", "good");
    const std::size_t before = mapped_modules();
    for (int i = 0; i < 1'000; ++i) {
        Loader loader({folder.path()}, StandardFolders::Ignore);
        CHECK(*static_cast<int*>(loader.create("dialect", "good")) == 1);
    }
    CHECK(mapped_modules() == before);
}

TEST_CASE("DIA-21 an error that a plugin threw outlives the loader, and is caught by its type") {
    std::exception_ptr kept;
    {
        Loader loader({MERCATOR_TEST_MODULE_DIR}, StandardFolders::Ignore);
        try {
            static_cast<void>(loader.create("dialect", "foreignerror"));
        } catch (const LoadError& error) {
            try {
                std::rethrow_if_nested(error);
            } catch (...) {
                kept = std::current_exception();
            }
        }
    }
    REQUIRE(kept != nullptr);
    CHECK_THROWS_WITH_AS(std::rethrow_exception(kept), "the foreign library said no",
                         std::runtime_error);
    kept = nullptr;
}

TEST_CASE("DIA-21 a process ends well while a plugin's threads and thread-locals are alive") {
    const auto use = [] {
        Loader loader({MERCATOR_TEST_MODULE_DIR}, StandardFolders::Ignore);
        return loader.create("dialect", "lingering") == nullptr ? 1 : 0;
    };
#ifdef __SANITIZE_THREAD__
    constexpr int rounds = 20; // each process waits a second before it ends
#else
    constexpr int rounds = 200;
#endif
    for (int i = 0; i < rounds; ++i) {
        CAPTURE(i);
        CHECK(in_child(use, [](int code) { std::exit(code); }) == 0);
    }
}
