// SPDX-License-Identifier: MIT
// mercator-seal <plugin> ...: writes into each plugin's note the checksum of its content, so that
// the loader refuses a damaged copy. Run after linking, and after anything that changes code or
// data.
#include "checksum.hpp"
#include "elf_file.hpp"
#include "elf_note.hpp"

#include <cstdio>
#include <exception>
#include <fstream>

namespace {

using namespace mercator::plugin;

void seal(const char* path) {
    const ElfFile elf(path, Trust::Ignore);
    const PluginNote note = read_plugin_note(elf);
    const std::uint64_t checksum = loaded_checksum(elf, note.checksum_position);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.exceptions(std::ios::failbit | std::ios::badbit);
    file.seekp(static_cast<std::streamoff>(note.checksum_position));
    file.write(reinterpret_cast<const char*>(&checksum), sizeof(checksum));
    file.close();
}

} // namespace

int main(int count, char** arguments) {
    if (count < 2) {
        std::fputs("usage: mercator-seal <plugin> ...\n", stderr);
        return 2;
    }
    for (int i = 1; i < count; ++i) {
        try {
            seal(arguments[i]);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "mercator-seal: %s: %s\n", arguments[i], error.what());
            return 1;
        }
    }
}
