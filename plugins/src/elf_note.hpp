// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mercator::plugin {

/// What the note of a plugin file says (see abi.h).
struct PluginNote {
    std::uint32_t abi_kind = 0;
    std::uint32_t abi_version = 0;
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

/// Reads the note with plain reads, after checking that the file is a complete shared library for
/// this machine: every header, segment and section lies inside the file, so that opening it as a
/// library cannot touch a page behind its end. Throws `Refusal`.
PluginNote read_plugin_note(const std::filesystem::path& path);

} // namespace mercator::plugin
