// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace mercator::plugin {

class ElfFile;
struct PluginNote;

/// CRC-64 of everything that opening the library maps into memory, and never zero. Left out is what
/// does not count or changes for good reasons: the checksum itself, and the places of the section
/// headers, which the system's loader does not read and `strip` moves.
std::uint64_t loaded_checksum(const ElfFile& elf, std::uint64_t checksum_position);

/// Throws `Refusal` if the file was sealed and is not what was sealed.
void check_seal(const ElfFile& elf, const PluginNote& note);

} // namespace mercator::plugin
