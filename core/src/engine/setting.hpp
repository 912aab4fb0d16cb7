// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/engine/config.hpp>

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace mercator {

/// One setting of a Config as text: how it is read and shown.
struct Setting {
    std::string_view name;
    /// `key` is how the source calls it, for messages.
    void (*read)(Config& config, const std::string& text, const std::string& key);
    std::string (*show)(const Config& config); ///< secrets masked
};

[[nodiscard]] std::span<const Setting> settings() noexcept;
[[nodiscard]] const Setting* find_setting(std::string_view name) noexcept;
/// The key in "binds.archive", or in "binds_archive" where names have no dots; else nothing.
[[nodiscard]] std::string_view bind_key_in(std::string_view name) noexcept;
/// An address without its secrets.
[[nodiscard]] std::string shown_address(const std::string& uri);
/// The known name that looks most like this one, or nothing when none is near.
[[nodiscard]] std::string_view nearest_setting(std::string_view name);

/// Sets one value by name ("pool_size", "connect_args.sslmode"). Throws ArgumentError for an
/// unknown name.
void apply_setting(Config& config, const std::string& name, const std::string& text,
                   const std::string& key);

/// Flat texts of a file's section: arrays joined by ':', the members of a table by "table.member".
[[nodiscard]] std::map<std::string, std::string>
read_settings_file(const std::filesystem::path& file, const ConfigFileOptions& options);

} // namespace mercator
