// SPDX-License-Identifier: MIT
#include "checksum.hpp"

#include "elf_file.hpp"
#include "elf_note.hpp"

#include <mercator/plugin/abi.h>

#include <boost/crc.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <elf.h>
#include <vector>

namespace mercator::plugin {

namespace {

// The polynomial of ECMA-182 as xz uses it: any damage within 64 bits is found for certain.
using Crc =
    boost::crc_optimal<64, 0x42F0E1EBA9EA3693, ~std::uint64_t{0}, ~std::uint64_t{0}, true, true>;

struct Range {
    std::uint64_t offset;
    std::uint64_t size;
};

constexpr std::size_t chunk_size = 64 * 1024;

/// Zeroes what of `left_out` lies in these bytes, which stand at `offset` in the file.
void blank(std::vector<char>& bytes, std::uint64_t offset, const Range& left_out) {
    const std::uint64_t begin = std::max(left_out.offset, offset);
    const std::uint64_t end = std::min(left_out.offset + left_out.size, offset + bytes.size());
    for (std::uint64_t at = begin; at < end; ++at) {
        bytes[at - offset] = 0;
    }
}

} // namespace

std::uint64_t loaded_checksum(const ElfFile& elf, std::uint64_t checksum_position) {
    using Header = ElfFile::FileHeader;
    const std::array<Range, 3> left_out{{
        {checksum_position, MERCATOR_NOTE_CHECKSUM_SIZE},
        {offsetof(Header, e_shoff), sizeof(Header::e_shoff)},
        {offsetof(Header, e_shnum), sizeof(Header::e_shnum) + sizeof(Header::e_shstrndx)},
    }};
    Crc crc;
    std::vector<char> bytes;
    const auto add = [&](const Range& range) {
        for (std::uint64_t done = 0; done < range.size; done += bytes.size()) {
            bytes.resize(std::min<std::uint64_t>(range.size - done, chunk_size));
            elf.file().read(range.offset + done, bytes.data(), bytes.size());
            for (const Range& part : left_out) {
                blank(bytes, range.offset + done, part);
            }
            crc.process_bytes(bytes.data(), bytes.size());
        }
    };
    // The headers are usually part of the first segment, but need not be.
    add({0, sizeof(Header)});
    add({elf.header().e_phoff, elf.segments().size() * sizeof(ElfFile::SegmentHeader)});
    for (const auto& segment : elf.segments()) {
        if (segment.p_type == PT_LOAD) {
            add({segment.p_offset, segment.p_filesz});
        }
    }
    return std::max<std::uint64_t>(crc.checksum(), 1);
}

void check_seal(const ElfFile& elf, const PluginNote& note) {
    if (note.checksum != 0 && note.checksum != loaded_checksum(elf, note.checksum_position)) {
        throw Refusal("is damaged: its content does not fit the checksum it was sealed with "
                      "(install or build it again)");
    }
}

} // namespace mercator::plugin
