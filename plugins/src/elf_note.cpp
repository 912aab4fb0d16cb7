// SPDX-License-Identifier: MIT
#include "elf_note.hpp"

#include "trusted_file.hpp"

#include <mercator/plugin/abi.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <optional>
#include <span>

namespace mercator::plugin {

namespace {

using FileHeader = ElfW(Ehdr);
using SegmentHeader = ElfW(Phdr);
using SectionHeader = ElfW(Shdr);
using NoteHeader = ElfW(Nhdr);

constexpr std::uint64_t largest_note_segment = 64 * 1024;
constexpr std::size_t longest_text = 255;

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

void check_header(const FileHeader& header) {
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
    if (!has(static_cast<std::uint32_t>(PT_LOAD)) || !has(static_cast<std::uint32_t>(PT_DYNAMIC))) {
        throw Refusal("is an ELF file but not a shared library");
    }
}

bool is_plain_text(std::string_view text) {
    return text.size() <= longest_text &&
           std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

/// Cuts one zero-ended text off the front.
std::string take_text(std::string_view& rest) {
    const std::size_t end = rest.find('\0');
    if (end == std::string_view::npos || !is_plain_text(rest.substr(0, end))) {
        throw Refusal("has a malformed mercator note");
    }
    std::string text(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    return text;
}

PluginNote parse_description(std::string_view description) {
    std::array<std::uint32_t, 2> numbers{};
    if (description.size() < sizeof(numbers)) {
        throw Refusal("has a malformed mercator note");
    }
    std::memcpy(numbers.data(), description.data(), sizeof(numbers));
    description.remove_prefix(sizeof(numbers));
    PluginNote note;
    note.abi_kind = numbers[0];
    note.abi_version = numbers[1];
    note.fingerprint = take_text(description);
    note.kind = take_text(description);
    note.name = take_text(description);
    note.version = take_text(description);
    note.schemes = split_words(take_text(description));
    if (!std::ranges::all_of(note.schemes, [](const auto& s) { return is_scheme(s); })) {
        throw Refusal("has a malformed scheme in its mercator note");
    }
    return note;
}

constexpr std::uint64_t padded(std::uint64_t size, std::uint64_t alignment) {
    return (size + alignment - 1) / alignment * alignment;
}

/// Looks for our note among the notes of one segment; linkers put others (build id) beside it.
std::optional<PluginNote> find_note(std::string_view notes, std::uint64_t alignment) {
    constexpr std::string_view vendor(MERCATOR_NOTE_VENDOR, sizeof(MERCATOR_NOTE_VENDOR));
    NoteHeader header{};
    while (notes.size() >= sizeof(header)) {
        std::memcpy(&header, notes.data(), sizeof(header));
        const std::uint64_t text_at = sizeof(header);
        const std::uint64_t description_at = padded(text_at + header.n_namesz, alignment);
        const std::uint64_t end = description_at + header.n_descsz;
        if (end > notes.size()) {
            return std::nullopt;
        }
        if (notes.substr(text_at, header.n_namesz) == vendor &&
            header.n_type == MERCATOR_NOTE_TYPE) {
            return parse_description(notes.substr(description_at, header.n_descsz));
        }
        notes.remove_prefix(std::min<std::uint64_t>(padded(end, alignment), notes.size()));
    }
    return std::nullopt;
}

std::optional<PluginNote> find_note(const TrustedFile& file, const SegmentHeader& segment) {
    if (segment.p_type != PT_NOTE || segment.p_filesz > largest_note_segment) {
        return std::nullopt;
    }
    std::string bytes(segment.p_filesz, '\0');
    file.read(segment.p_offset, bytes.data(), bytes.size());
    return find_note(bytes, segment.p_align == 8 ? 8 : 4);
}

} // namespace

bool PluginNote::serves(std::string_view scheme) const {
    return std::ranges::find(schemes, scheme) != schemes.end();
}

std::string PluginNote::schemes_text() const {
    std::string text;
    for (const auto& scheme : schemes) {
        text += (text.empty() ? "" : " ") + scheme;
    }
    return text;
}

bool is_scheme(std::string_view text) noexcept {
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto is_allowed = [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '.' || c == '-';
    };
    return !text.empty() && text.size() <= 32 && is_letter(text.front()) &&
           std::ranges::all_of(text, is_allowed);
}

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end > 0) {
            words.emplace_back(text.substr(0, end));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

PluginNote read_plugin_note(const std::filesystem::path& path) {
    const TrustedFile file(path);
    const FileHeader header = read_header(file);
    check_header(header);
    const auto segments = read_table<SegmentHeader>(file, header.e_phoff, header.e_phnum);
    check_segments(file, segments);
    check_sections(file, header);
    for (const auto& segment : segments) {
        if (auto note = find_note(file, segment)) {
            return *note;
        }
    }
    throw Refusal("is not a Mercator plugin: it has no mercator note (see MERCATOR_DEFINE_PLUGIN)");
}

} // namespace mercator::plugin
