// SPDX-License-Identifier: MIT
#include "elf_file.hpp"

#include <algorithm>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <span>
#include <string>

namespace mercator::plugin {

namespace {

using FileHeader = ElfFile::FileHeader;
using SegmentHeader = ElfFile::SegmentHeader;
using SectionHeader = ElfW(Shdr);

/// The header of the binary this code is part of says what a fitting plugin's header says.
const FileHeader& own_header() {
    static const char anchor = 0;
    Dl_info info{};
    if (::dladdr(&anchor, &info) == 0 || std::memcmp(info.dli_fbase, ELFMAG, SELFMAG) != 0) {
        throw Refusal("cannot be compared: the header of the running program is not in memory");
    }
    return *static_cast<const FileHeader*>(info.dli_fbase);
}

template <typename T>
std::vector<T> read_table(const TrustedFile& file, std::uint64_t offset, std::size_t count) {
    if (!file.holds(offset, count * sizeof(T))) {
        throw Refusal("is truncated: a header table ends behind the end of the file");
    }
    std::vector<T> table(count);
    file.read(offset, table.data(), count * sizeof(T));
    return table;
}

FileHeader read_header(const TrustedFile& file) {
    FileHeader header{};
    if (!file.holds(0, SELFMAG)) {
        throw Refusal("is not an ELF library: the file is too short");
    }
    file.read(0, header.e_ident, SELFMAG);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
        throw Refusal("is not an ELF library");
    }
    if (!file.holds(0, sizeof(header))) {
        throw Refusal("is truncated: the file ends inside the ELF header");
    }
    file.read(0, &header, sizeof(header));
    return header;
}

FileHeader checked(const FileHeader& header) {
    const FileHeader& own = own_header();
    if (header.e_ident[EI_CLASS] != own.e_ident[EI_CLASS]) {
        throw Refusal("is built for another word size (32 or 64 bits) than this program");
    }
    if (header.e_ident[EI_DATA] != own.e_ident[EI_DATA]) {
        throw Refusal("is built for another byte order than this program");
    }
    if (header.e_machine != own.e_machine) {
        throw Refusal("is built for another machine (ELF machine " +
                      std::to_string(header.e_machine) + ", this program is " +
                      std::to_string(own.e_machine) + ")");
    }
    if (header.e_type != ET_DYN) {
        throw Refusal("is an ELF file but not a shared library");
    }
    if (header.e_version != EV_CURRENT || header.e_phentsize != sizeof(SegmentHeader) ||
        header.e_phnum == 0) {
        throw Refusal("has a malformed ELF header");
    }
    return header;
}

void check_sections(const TrustedFile& file, const FileHeader& header) {
    if (header.e_shoff == 0) {
        return;
    }
    if (header.e_shentsize != sizeof(SectionHeader)) {
        throw Refusal("has a malformed ELF header");
    }
    for (const auto& section : read_table<SectionHeader>(file, header.e_shoff, header.e_shnum)) {
        const bool has_bytes = section.sh_type != SHT_NOBITS && section.sh_type != SHT_NULL;
        if (has_bytes && !file.holds(section.sh_offset, section.sh_size)) {
            throw Refusal("is truncated: a section ends behind the end of the file");
        }
    }
}

void check_segments(const TrustedFile& file, std::span<const SegmentHeader> segments) {
    for (const auto& segment : segments) {
        if (segment.p_type != PT_NULL && !file.holds(segment.p_offset, segment.p_filesz)) {
            throw Refusal("is truncated: a segment ends behind the end of the file");
        }
        if (segment.p_type == PT_LOAD && segment.p_filesz > segment.p_memsz) {
            throw Refusal("has a malformed program header");
        }
    }
    const auto has = [&](auto type) {
        return std::ranges::any_of(segments, [&](const auto& s) { return s.p_type == type; });
    };
    if (!has(std::uint32_t{PT_LOAD}) || !has(std::uint32_t{PT_DYNAMIC})) {
        throw Refusal("is an ELF file but not a shared library");
    }
}

} // namespace

ElfFile::ElfFile(const std::filesystem::path& path, Trust trust) :
    file_(path, trust),
    header_(checked(read_header(file_))),
    segments_(read_table<SegmentHeader>(file_, header_.e_phoff, header_.e_phnum)) {
    check_segments(file_, segments_);
    check_sections(file_, header_);
}

} // namespace mercator::plugin
