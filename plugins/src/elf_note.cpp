// SPDX-License-Identifier: MIT
#include "elf_note.hpp"

#include "elf_file.hpp"

#include <mercator/plugin/abi.h>

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <optional>

namespace mercator::plugin {

namespace {

using NoteHeader = ElfW(Nhdr);

constexpr std::uint64_t largest_note_segment = 64 * 1024;
constexpr std::size_t longest_text = 255;

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

/// Cuts one number off the front.
template <typename T>
T take_number(std::string_view& rest) {
    T number{};
    if (rest.size() < sizeof(number)) {
        throw Refusal("has a malformed mercator note");
    }
    std::memcpy(&number, rest.data(), sizeof(number));
    rest.remove_prefix(sizeof(number));
    return number;
}

void take_texts(PluginNote& note, std::string_view rest) {
    note.fingerprint = take_text(rest);
    note.kind = take_text(rest);
    note.name = take_text(rest);
    note.version = take_text(rest);
    note.schemes = split_words(take_text(rest));
    if (!std::ranges::all_of(note.schemes, [](const auto& s) { return is_scheme(s); })) {
        throw Refusal("has a malformed scheme in its mercator note");
    }
}

/// `position` is where the description stands in the file. Kind and version come first in every
/// version; what follows may look different in another one, which then is told by its version.
PluginNote parse_description(std::string_view description, std::uint64_t position) {
    PluginNote note;
    note.abi_kind = take_number<std::uint32_t>(description);
    note.abi_version = take_number<std::uint32_t>(description);
    const bool is_ours = note.abi_kind == MERCATOR_ABI_KIND_SAME_TOOLCHAIN &&
                         note.abi_version == MERCATOR_ABI_VERSION;
    try {
        note.checksum_position = position + 2 * sizeof(std::uint32_t);
        note.checksum = take_number<std::uint64_t>(description);
        take_texts(note, description);
    } catch (const Refusal&) {
        if (is_ours) {
            throw;
        }
    }
    return note;
}

constexpr std::uint64_t padded(std::uint64_t size, std::uint64_t alignment) {
    return (size + alignment - 1) / alignment * alignment;
}

/// Looks for our note among the notes of one segment; linkers put others (build id) beside it.
std::optional<PluginNote> find_note(const std::string_view segment, std::uint64_t position,
                                    std::uint64_t alignment) {
    std::string_view notes = segment;
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
            const std::uint64_t skipped = segment.size() - notes.size();
            return parse_description(notes.substr(description_at, header.n_descsz),
                                     position + skipped + description_at);
        }
        notes.remove_prefix(std::min<std::uint64_t>(padded(end, alignment), notes.size()));
    }
    return std::nullopt;
}

std::optional<PluginNote> find_note(const TrustedFile& file,
                                    const ElfFile::SegmentHeader& segment) {
    if (segment.p_type != PT_NOTE || segment.p_filesz > largest_note_segment) {
        return std::nullopt;
    }
    std::string bytes(segment.p_filesz, '\0');
    file.read(segment.p_offset, bytes.data(), bytes.size());
    return find_note(bytes, segment.p_offset, segment.p_align == 8 ? 8 : 4);
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

PluginNote read_plugin_note(const ElfFile& elf) {
    for (const auto& segment : elf.segments()) {
        if (auto note = find_note(elf.file(), segment)) {
            return *note;
        }
    }
    throw Refusal("is not a Mercator plugin: it has no mercator note (see MERCATOR_DEFINE_PLUGIN)");
}

} // namespace mercator::plugin
