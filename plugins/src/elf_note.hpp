// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mercator::plugin {

class ElfFile;

/// What the note of a plugin file says (see abi.h).
struct PluginNote {
    std::uint32_t abi_kind = 0;
    std::uint32_t abi_version = 0;
    std::uint64_t checksum = 0;          ///< zero: the file was not sealed
    std::uint64_t checksum_position = 0; ///< where the checksum stands in the file
    std::string fingerprint;
    std::string kind;
    std::string name;
    std::string version;
    std::vector<std::string> schemes;

    [[nodiscard]] bool serves(std::string_view scheme) const;
    [[nodiscard]] std::string schemes_text() const;
};

/// Whether the text matches `[a-z][a-z0-9+.-]{0,31}`.
bool is_scheme(std::string_view text) noexcept;

/// Words separated by spaces.
std::vector<std::string> split_words(std::string_view text);

/// The note of a plugin file. Throws `Refusal` if there is none, or one that cannot be read.
PluginNote read_plugin_note(const ElfFile& elf);

} // namespace mercator::plugin
