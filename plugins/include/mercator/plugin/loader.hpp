// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/plugin/abi.h>
#include <mercator/plugin/export.hpp>
#include <mercator/plugin/load_error.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace mercator::plugin {

/// What one plugin file says about itself, read without opening it as a library.
struct Listing {
    std::filesystem::path path;
    std::string kind;
    std::string name;
    std::string version;
    std::vector<std::string> schemes;
    /// Why it cannot be loaded; empty if it can. The fields above are empty if they are unreadable.
    std::string problem;
};

/// Whether a loader also looks into the standard folders (see `Loader`).
enum class StandardFolders { Search, Ignore };

/// Finds plugins by kind and URI scheme, checks them, and opens them, once each.
///
/// It looks into the folders given by the program, then those of the environment variable
/// `MERCATOR_DIALECT_PATH` (separated by ':', ignored in set-uid programs), then the folder of the
/// library that contains this code with its sub folders `dialects` and `mercator/dialects`, then
/// the folder of the installation. In all of them it first looks for `libmercator_<scheme>.so`, and
/// only if none is usable does it ask every `libmercator_*.so` whether it serves the scheme, so
/// `mariadb` finds `libmercator_mysql.so`.
///
/// A file is opened only after its permissions, its ELF structure and its note were read and the
/// version and fingerprint in the note equal ours: no code of a damaged or stale plugin runs.
/// Opened plugins are never closed, so a descriptor stays valid until the process ends, also after
/// its `Loader` is gone.
///
/// Any thread may call any member; one mutex serves all. Static constructors of plugins run under
/// that mutex and must not use the loader; `create` functions run outside of it and may.
///
///     Loader loader;
///     std::unique_ptr<Dialect> dialect{static_cast<Dialect*>(loader.create("dialect", "sqlite"))};
class MERCATOR_EXPORT Loader {
public:
    /// The environment is read here, once.
    explicit Loader(std::vector<std::filesystem::path> folders = {},
                    StandardFolders standard = StandardFolders::Search);
    Loader(const Loader&) = delete;
    Loader& operator=(const Loader&) = delete;
    ~Loader();

    /// Adds a folder behind those given by the program and before the standard ones.
    void add_folder(const std::filesystem::path& folder);

    /// All folders in the order in which they are searched.
    [[nodiscard]] std::vector<std::filesystem::path> folders() const;

    /// The descriptor of the plugin of that kind that serves the scheme, opened now or earlier.
    /// A scheme matches `[a-z][a-z0-9+.-]{0,31}`. Throws `LoadError`.
    const MercatorPluginDescriptor& load(std::string_view kind, std::string_view scheme);

    /// Opens this file whatever its name; its schemes lead to it from now on. Throws `LoadError`.
    const MercatorPluginDescriptor& load_file(const std::filesystem::path& path);

    /// Loads and calls the plugin's `create`. The caller owns the result, which is never null.
    /// Throws `LoadError`; what `create` itself threw is nested in it (`std::rethrow_if_nested`).
    [[nodiscard]] void* create(std::string_view kind, std::string_view scheme);

    /// Every plugin file in the folders, usable or not, in search order. Opens none of them.
    [[nodiscard]] std::vector<Listing> list() const;

private:
    using Descriptor = MercatorPluginDescriptor;

    std::vector<std::filesystem::path> search_order() const;
    const Descriptor* find(std::string_view kind, std::string_view scheme,
                           std::vector<TriedPath>& tried);
    const Descriptor& open(const std::filesystem::path& path);
    [[noreturn]] void fail(std::string_view kind, std::string_view scheme,
                           std::vector<TriedPath> tried) const;
    std::string path_of(const Descriptor& descriptor) const;

    mutable std::mutex mutex_;
    std::vector<std::filesystem::path> explicit_folders_;
    std::vector<std::filesystem::path> standard_folders_;
    std::map<std::filesystem::path, const Descriptor*> opened_;
    std::map<std::string, const Descriptor*, std::less<>> by_scheme_;
};

} // namespace mercator::plugin
