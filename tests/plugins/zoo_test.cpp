// SPDX-License-Identifier: MIT
// Damaged, planted and misplaced files: each is refused with a reason, and none harms the program.
#include "plugin_files.hpp"

#include <mercator/plugin/loader.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <elf.h>
#include <functional>
#include <link.h>
#include <random>
#include <set>
#include <string>
#include <sys/stat.h>
#include <vector>

using mercator::plugin::Loader;
using mercator::plugin::LoadError;
using mercator::plugin::StandardFolders;
using namespace plugin_files;

namespace {

template <typename T>
T object_at(const std::string& bytes, std::size_t offset) {
    T object{};
    bytes.copy(reinterpret_cast<char*>(&object), sizeof(object), offset);
    return object;
}

/// Whether the system's loader maps this byte, or reads it to know what to map.
bool counts(const std::string& bytes, std::size_t offset) {
    using Header = ElfW(Ehdr);
    const auto header = object_at<Header>(bytes, 0);
    const auto within = [offset](std::size_t begin, std::size_t size) {
        return offset >= begin && offset - begin < size;
    };
    if (within(offsetof(Header, e_shoff), sizeof(header.e_shoff)) ||
        within(offsetof(Header, e_shnum), sizeof(header.e_shnum) + sizeof(header.e_shstrndx))) {
        return false;
    }
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        const auto segment = object_at<ElfW(Phdr)>(bytes, header.e_phoff + i * sizeof(ElfW(Phdr)));
        if (segment.p_type == PT_LOAD && within(segment.p_offset, segment.p_filesz)) return true;
    }
    return false;
}

/// The file with one bit changed, for as long as this lives.
class FlippedBit {
public:
    FlippedBit(const fs::path& path, const std::string& bytes, std::size_t bit) :
        path_(path),
        bytes_(bytes),
        offset_(bit / 8) {
        overwrite(path_, offset_, {static_cast<char>(bytes[offset_] ^ (1 << (bit % 8)))});
    }
    FlippedBit(const FlippedBit&) = delete;
    FlippedBit& operator=(const FlippedBit&) = delete;
    ~FlippedBit() { overwrite(path_, offset_, {bytes_[offset_]}); }

private:
    const fs::path& path_;
    const std::string& bytes_;
    std::size_t offset_;
};

/// Opens the file and uses the plugin in a process of its own: 0 if that went well.
int used_in_child(const fs::path& path) {
    return in_child([&] {
        Loader loader({}, StandardFolders::Ignore);
        try {
            return loader.load_file(path).create() == nullptr ? 1 : 0;
        } catch (const LoadError&) {
            return 2;
        }
    });
}

} // namespace

TEST_CASE("DIA-21 a copy truncated at six hundred lengths is refused and never crashes") {
    Folder folder;
    for (const char* name : {"good", "sealed"}) {
        const std::string bytes = read_all(module(name));
        REQUIRE(bytes.size() > 1000);
        std::set<std::size_t, std::greater<>> lengths{0, 1, 3, 4, 15, 16, 63, 64, 65};
        lengths.insert(bytes.size() - 1);
        for (std::size_t i = 1; i <= 600; ++i) {
            lengths.insert(bytes.size() * i / 601);
        }
        const fs::path path = write_all(folder / "cut.so", bytes);
        for (const std::size_t length : lengths) {
            CAPTURE(length);
            fs::resize_file(path, length);
            CHECK_FALSE(reason_for(path).empty());
        }
    }
}

TEST_CASE("DIA-21 of ten thousand flipped bits in a sealed plugin each is refused or harmless") {
    Folder folder;
    const std::string bytes = read_all(module("sealed"));
    const fs::path path = write_all(folder / "libmercator_sealed.so", bytes);
    REQUIRE(problem_in(folder.path()).empty());
    std::mt19937_64 random(20'261'120);
    std::size_t harmless = 0;
    std::size_t refused = 0;
    for (int i = 0; i < 10'000; ++i) {
        const std::size_t bit = random() % (bytes.size() * 8);
        const FlippedBit flipped(path, bytes, bit);
        if (!problem_in(folder.path()).empty()) {
            ++refused;
            continue;
        }
        CAPTURE(bit);
        CHECK_FALSE(counts(bytes, bit / 8));
        // A few of them are used as well; what is not mapped cannot matter.
        if (++harmless <= 20) CHECK(used_in_child(path) == 0);
    }
    CHECK(harmless > 20);
    CHECK(refused > 1000);
}

TEST_CASE("DIA-21 every bit of a sealed plugin's note, headers and dynamic section counts") {
    Folder folder;
    const std::string bytes = read_all(module("sealed"));
    const fs::path path = write_all(folder / "libmercator_sealed.so", bytes);
    const auto header = object_at<ElfW(Ehdr)>(bytes, 0);
    std::set<std::size_t> offsets;
    const auto add = [&](std::size_t begin, std::size_t size) {
        for (std::size_t i = begin; i < begin + size; ++i) offsets.insert(i);
    };
    add(0, header.e_phoff + header.e_phnum * sizeof(ElfW(Phdr)));
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        const auto segment = object_at<ElfW(Phdr)>(bytes, header.e_phoff + i * sizeof(ElfW(Phdr)));
        if (segment.p_type == PT_NOTE || segment.p_type == PT_DYNAMIC)
            add(segment.p_offset, segment.p_filesz);
    }
    for (const std::size_t offset : offsets) {
        if (!counts(bytes, offset)) continue;
        CAPTURE(offset);
        const FlippedBit flipped(path, bytes, offset * 8 + offset % 8);
        CHECK_FALSE(problem_in(folder.path()).empty());
    }
}

TEST_CASE("DIA-21 a stripped plugin keeps its seal, and one without a seal is used") {
    Folder folder;
    const fs::path stripped = copy_module("sealed", folder / "libmercator_sealed.so");
    REQUIRE(reason_for(module("good")).empty());
    if (std::system(("strip " + stripped.string() + " 2>/dev/null").c_str()) != 0) {
        MESSAGE("SKIP: there is no strip");
        return;
    }
    CHECK(fs::file_size(stripped) < fs::file_size(module("sealed")));
    CHECK(problem_in(folder.path()).empty());
    CHECK(used_in_child(stripped) == 0);
    // The counterpart: it still has its seal.
    std::string bytes = read_all(stripped);
    bytes.at(bytes.find("1.2.3", bytes.find("libstdc++ cxx11"))) = '7';
    write_all(folder / "changed.so", bytes);
    CHECK_CONTAINS(reason_for(folder / "changed.so"), "does not fit the checksum");
}

TEST_CASE("DIA-21 a note of random bytes is read or refused, never a crash") {
    Folder folder;
    const std::string bytes = read_all(module("good"));
    const fs::path path = write_all(folder / "libmercator_good.so", bytes);
    const std::size_t note = bytes.find(std::string("\1\0\0\0mercator", 12)) - 8;
    REQUIRE(note < bytes.size());
    const std::string original = bytes.substr(note, 160);
    std::mt19937_64 random(7);
    std::size_t readable = 0;
    for (int i = 0; i < 5'000; ++i) {
        std::string changed = original;
        for (std::uint64_t n = random() % 6 + 1; n > 0; --n) {
            changed[random() % changed.size()] = static_cast<char>(random());
        }
        overwrite(path, note, changed);
        if (problem_in(folder.path()).empty()) ++readable;
    }
    // Some changes hit the name, the version or the padding behind it.
    CHECK(readable > 0);
    CHECK(readable < 2'500);
}

TEST_CASE("DIA-21 a plugin whose dependency is missing is refused with the dependency's name") {
    Folder folder;
    std::string bytes = read_all(module("borrowed_symbol"));
    const std::string dependency = "libplugin_test_entry_owner.so";
    const std::size_t at = bytes.find(dependency);
    REQUIRE(at != std::string::npos);
    bytes.at(at + 3) = 'q';
    CHECK_CONTAINS(reason_for(write_all(folder / "alone.so", bytes)),
                   "libqlugin_test_entry_owner.so");
}

TEST_CASE("DIA-21 devices and programs are no plugins") {
    CHECK_CONTAINS(reason_for("/dev/null"), "not a regular file");
    CHECK_CONTAINS(reason_for("/dev/zero"), "not a regular file");
    Folder folder;
    fs::copy_file("/proc/self/exe", folder / "program.so");
    CHECK_CONTAINS(reason_for(folder / "program.so"), "not a Mercator plugin");
}

TEST_CASE("DIA-21 a file or folder of another user is refused, also through a link") {
    if (::geteuid() != 0) {
        MESSAGE("SKIP: only root can give a file away");
        return;
    }
    constexpr uid_t nobody = 65534;
    Folder folder;
    const fs::path path = copy_module("good", folder / "libmercator_good.so");
    REQUIRE(::chown(path.c_str(), nobody, nobody) == 0);
    CHECK_CONTAINS(reason_for(path), "belongs to user 65534");
    CHECK_CONTAINS(problem_in(folder.path()), "belongs to user 65534");
    REQUIRE(::chown(path.c_str(), 0, 0) == 0);
    CHECK(reason_for(path).empty());

    fs::create_directory(folder / "theirs");
    const fs::path inside = copy_module("good", folder / "theirs/libmercator_good.so");
    REQUIRE(::chown((folder / "theirs").c_str(), nobody, nobody) == 0);
    CHECK_CONTAINS(reason_for(inside), "its folder");
    fs::create_symlink(inside, folder / "link.so");
    CHECK_CONTAINS(reason_for(folder / "link.so"), "belongs to user 65534");
}

TEST_CASE("DIA-21 a folder that everybody could put elsewhere is refused with all below it") {
    Folder folder;
    fs::create_directories(folder / "open/inner/plugins");
    const fs::path path = copy_module("good", folder / "open/inner/plugins/libmercator_good.so");
    CHECK(reason_for(path).empty());
    REQUIRE(::chmod((folder / "open").c_str(), 0777) == 0);
    CHECK_CONTAINS(reason_for(path), (folder / "open").string() + " above it is writable");
    // With the sticky bit, as on /tmp, only the owner of what lies in it can move it.
    REQUIRE(::chmod((folder / "open").c_str(), 01777) == 0);
    CHECK(reason_for(path).empty());
}

TEST_CASE("DIA-21 relative folders and files are refused, wherever the program stands") {
    Folder folder;
    fs::create_directory(folder / "here");
    copy_module("good", folder / "libmercator_good.so");
    copy_module("good", folder / "here/libmercator_good.so");
    const fs::path before = fs::current_path();
    fs::current_path(folder.path());
    const Variable libraries("LD_LIBRARY_PATH", folder.path().string());
    const Variable variable("MERCATOR_DIALECT_PATH", "here:.::./here");
    Loader from_program({"here", "."}, StandardFolders::Ignore);
    const LoadError of_program = error_of_scheme(from_program, "good");
    Loader from_environment;
    const auto list = from_environment.list();
    const LoadError of_environment = error_of_scheme(from_environment, "good");
    CHECK_CONTAINS(reason_for("libmercator_good.so"), "relative path");
    CHECK_CONTAINS(reason_for("here/libmercator_good.so"), "relative path");
    fs::current_path(before);

    const auto reason_of = [](const LoadError& error, const std::string& path) {
        const auto found =
            std::ranges::find(error.tried(), path, &mercator::plugin::TriedPath::path);
        return found == error.tried().end() ? std::string("not tried") : found->reason;
    };
    CHECK_CONTAINS(reason_of(of_program, "here"), "relative path");
    CHECK_CONTAINS(reason_of(of_program, "."), "relative path");
    for (const char* path : {"here", ".", "./here"}) {
        CAPTURE(path);
        CHECK_CONTAINS(reason_of(of_environment, path), "relative path");
        const auto listed = std::ranges::find(list, path, &mercator::plugin::Listing::path);
        REQUIRE(listed != list.end());
        CHECK_CONTAINS(listed->problem, "relative path");
    }
}

TEST_CASE("DIA-21 a set-uid program ignores the environment") {
    Folder folder;
    const Variable variable("MERCATOR_DIALECT_PATH", "/chosen/by/the/caller");
    const fs::path probe = folder / "probe";
    fs::copy_file(MERCATOR_TEST_SET_UID_PROBE, probe);
    CHECK_CONTAINS(output_of(probe.string()), "/chosen/by/the/caller");

    REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
    if (::geteuid() != 0 || ::chown(probe.c_str(), 65534, 65534) != 0 ||
        ::chmod(probe.c_str(), 04755) != 0 || !contains(output_of(probe.string()), "secure 1")) {
        MESSAGE("SKIP: no program can be made set-uid here");
        return;
    }
    const std::string folders = output_of(probe.string());
    CHECK_CONTAINS(folders, "dialects");
    CHECK_FALSE(contains(folders, "/chosen/by/the/caller"));
}
