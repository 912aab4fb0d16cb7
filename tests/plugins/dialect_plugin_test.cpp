// SPDX-License-Identifier: MIT
// What crosses the door: objects, memory, errors, the log.
#include "plugin_files.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/engine/connection.hpp>
#include <mercator/engine/dialect_registry.hpp>
#include <mercator/engine/engine.hpp>
#include <mercator/plugin/load_error.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/log.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <elf.h>
#include <exception>
#include <link.h>
#include <mutex>
#include <string>
#include <vector>

using namespace mercator;
using namespace plugin_files;

namespace {

const std::vector<std::string> modules{MERCATOR_TEST_MODULE_DIR};

class Lines : public LogSink {
public:
    void write(LogLevel level, std::string_view message) override {
        const std::lock_guard lock(mutex_);
        lines_.emplace_back(level, message);
    }
    bool has(LogLevel level, const std::string& message) const {
        const std::lock_guard lock(mutex_);
        return std::ranges::find(lines_, std::pair(level, message)) != lines_.end();
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::pair<LogLevel, std::string>> lines_;
};

/// The symbols that the library offers to others, read from its dynamic symbol table.
std::vector<std::string> exported_symbols(const fs::path& library) {
    const std::string bytes = read_all(library);
    const auto object_at = [&]<typename T>(std::size_t offset, T object) {
        bytes.copy(reinterpret_cast<char*>(&object), sizeof(object), offset);
        return object;
    };
    const auto header = object_at(0, ElfW(Ehdr){});
    std::vector<ElfW(Shdr)> sections;
    for (std::size_t i = 0; i < header.e_shnum; ++i)
        sections.push_back(object_at(header.e_shoff + i * sizeof(ElfW(Shdr)), ElfW(Shdr){}));
    std::vector<std::string> names;
    for (const auto& section : sections) {
        if (section.sh_type != SHT_DYNSYM) continue;
        for (std::size_t at = 0; at < section.sh_size; at += sizeof(ElfW(Sym))) {
            const auto symbol = object_at(section.sh_offset + at, ElfW(Sym){});
            if (symbol.st_shndx == SHN_UNDEF || (symbol.st_info >> 4) == STB_LOCAL) continue;
            names.emplace_back(bytes.c_str() + sections.at(section.sh_link).sh_offset +
                               symbol.st_name);
        }
    }
    return names;
}

} // namespace

TEST_CASE("DIA-21 what a plugin allocates is given back by the plugin's own means") {
    for (int i = 0; i < 5; ++i) {
        const auto dialect = load_dialect("talking", modules);
        CHECK(dialect->capabilities().version == std::to_string(i) + " given back");
        // There is room for one only: the host holds it.
        CHECK_THROWS_AS(static_cast<void>(load_dialect("talking", modules)), PluginError);
    }
}

TEST_CASE("DIA-21 a plugin writes into the host's log, and its errors are caught by their class") {
    const auto lines = std::make_shared<Lines>();
    std::exception_ptr kept;
    {
        Engine engine("talking://", {.log = lines, .dialect_path = modules});
        try {
            static_cast<void>(engine.connect());
            FAIL("connected");
        } catch (const UnsupportedError& error) {
            CHECK(dynamic_cast<const Error&>(error).where() == "talking");
            kept = std::current_exception();
        }
    }
    CHECK(lines->has(LogLevel::Warning, "the plugin will not connect"));
    CHECK_THROWS_WITH_AS(std::rethrow_exception(kept), "talking: this dialect only talks",
                         UnsupportedError);
}

TEST_CASE("DIA-21 what create throws is the cause of the PluginError") {
    try {
        static_cast<void>(load_dialect("foreignerror", modules));
        FAIL("created");
    } catch (const PluginError& error) {
        CHECK_CONTAINS(std::string(error.what()), "the foreign library said no");
        CHECK_CONTAINS(std::string(error.what()), module("foreign_error").string());
        try {
            std::rethrow_if_nested(error);
        } catch (const plugin::LoadError& cause) {
            CHECK_THROWS_WITH_AS(std::rethrow_if_nested(cause), "the foreign library said no",
                                 std::runtime_error);
        }
    }
}

TEST_CASE("DIA-22 a dialect that cannot be created is listed with the reason") {
    Folder folder;
    for (const char* name : {"foreign_error", "wrong_version", "talking_dialect", "wrong_kind"})
        copy_module(name, folder / (std::string("libmercator_") + name + ".so"));
    std::size_t seen = 0;
    for (const DialectListing& info : dialects({folder.path().string()})) {
        if (info.name == "foreign_error") {
            ++seen;
            CHECK(info.problem == "its create function threw: the foreign library said no");
            CHECK_FALSE(info.capabilities.has_value());
        } else if (info.name == "wrong_version") {
            ++seen;
            CHECK_CONTAINS(info.problem, "ABI version differs");
        } else if (info.name == "talking") {
            ++seen;
            CHECK(info.problem.empty());
            CHECK(info.version == "1.0.0");
            CHECK(info.schemes == std::vector<std::string>{"talking"});
        } else if (info.name == "wrong_kind") {
            FAIL("a plugin of another kind is no dialect");
        }
    }
    CHECK(seen == 3);
}

#ifdef MERCATOR_LIST_DIALECTS
TEST_CASE("DIA-22 the program list_dialects tells people and programs what there is") {
    Folder folder;
    copy_module("talking_dialect", folder / "libmercator_talking.so");
    copy_module("wrong_version", folder / "libmercator_stale.so");
    const std::string command = MERCATOR_LIST_DIALECTS " " + folder.path().string();
    const std::string text = output_of(command);
    CHECK_CONTAINS(text, "talking 1.0.0\n    " + (folder / "libmercator_talking.so").string() +
                             "\n    talking://\n");
    CHECK_CONTAINS(text, "cannot be used: ABI version differs");
    const std::string json = output_of(command + " --json");
    CHECK(json.starts_with("[\n  {\n    \"name\": "));
    CHECK_CONTAINS(json, "\"capabilities\": {\n      \"product\"");
    CHECK_CONTAINS(json, "\"problem\": \"ABI version differs");
}
#endif

TEST_CASE("a dialect of one's own derives from one of ours and changes what differs") {
    if (!fs::exists(module("derived_dialect"))) {
        MESSAGE("SKIP: the dialect to derive from is not built");
        return;
    }
    Engine engine("derived://", {.log = default_log_sink(), .dialect_path = modules});
    CHECK(engine.dialect().name() == "derived");
    ast::Select select;
    select.columns = {ast::bind(7)};
    CHECK(engine.dialect().compile(select).sql.ends_with(" /* derived */"));
    Connection connection = engine.connect();
    CHECK(connection.fetch_all(select).at(0).at(0) == Value(7));
}

TEST_CASE("DIA-21 each of our dialects shows one symbol, its entry") {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(MERCATOR_BUILD_DIALECT_DIR)) {
        if (entry.path().extension() != ".so") continue;
        ++count;
        CAPTURE(entry.path().string());
        CHECK(exported_symbols(entry.path()) == std::vector<std::string>{"mercator_plugin_entry"});
    }
    CHECK(count > 0);
}

TEST_CASE("DIA-21 each of our dialects is sealed") {
    Folder folder;
    for (const DialectListing& info : dialects({MERCATOR_BUILD_DIALECT_DIR})) {
        if (fs::path(info.path).parent_path() != MERCATOR_BUILD_DIALECT_DIR) continue;
        CAPTURE(info.path);
        const fs::path copy = folder / fs::path(info.path).filename().string();
        fs::copy_file(info.path, copy);
        const std::string entry = "mercator_plugin_entry";
        const std::string bytes = read_all(copy);
        overwrite(copy, bytes.find(entry), "M");
        CHECK_CONTAINS(problem_in(folder.path()), "does not fit the checksum");
        fs::remove(copy);
    }
}
