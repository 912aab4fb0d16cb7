// SPDX-License-Identifier: MIT
#pragma once

#include "elf_file.hpp"
#include "elf_note.hpp"

#include <mercator/plugin/abi.h>

#include <filesystem>

namespace mercator::plugin {

/// One file that may be a plugin: what it says of itself, and the way in. Everything that fails is
/// a `Refusal`.
class PluginFile {
public:
    /// Reads the file without opening it as a library.
    explicit PluginFile(const std::filesystem::path& path);

    [[nodiscard]] const PluginNote& note() const noexcept { return note_; }
    [[nodiscard]] FileIdentity identity() const noexcept { return elf_.file().identity(); }

    /// Built like us, and undamaged as far as its seal can tell.
    void check() const;

    /// Checks the file, opens it, and checks its descriptor. A file that this process has opened
    /// before, by whatever name, is not opened again. Any thread.
    [[nodiscard]] const MercatorPluginDescriptor& open() const;

private:
    std::filesystem::path path_;
    ElfFile elf_;
    PluginNote note_;
};

/// The same for a plugin that is linked into the program. Throws `Refusal`.
void check_built_in(const MercatorPluginDescriptor& descriptor);

} // namespace mercator::plugin
