// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/plugin/abi.h>
#include <mercator/plugin/export.hpp>
#include <mercator/plugin/load_error.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mercator::plugin {

/// What one plugin says about itself, read without opening it as a library.
struct Listing {
    std::filesystem::path path; ///< empty if it is linked into the program
    bool built_in = false;
    std::string kind;
    std::string name;
    std::string version;
    std::vector<std::string> schemes;
    /// Why it cannot be loaded; empty if it can. The texts above are empty if they are unreadable.
    std::string problem;
    /// Which of its schemes another plugin serves that comes before it, and which; or whose second
    /// name it is. Empty if it is found by all its schemes.
    std::string remark;
};

/// Whether a loader also looks into the standard folders (see `Loader`).
enum class StandardFolders { Search, Ignore };

/// Makes a plugin that is linked into the program known to every loader. Cheap, callable from
/// static constructors; a second time does nothing. The descriptor is checked when it is used.
MERCATOR_EXPORT void add_built_in(const MercatorPluginDescriptor& descriptor);

/// Finds plugins by kind and URI scheme, checks them, and opens them, once each.
///
/// Plugins that are linked into the program come first. Then it looks into the folders given by the
/// program, then those of the environment variable `MERCATOR_DIALECT_PATH` (separated by ':',
/// ignored in set-uid programs), then the folder of the library that contains this code with its
/// sub folders `dialects` and `mercator/dialects`, then the folder of the installation. In all of
/// them it first looks for `libmercator_<scheme>.so`, and only if none is usable does it ask every
/// `libmercator_*.so`, by name, whether it serves the scheme, so `mariadb` finds
/// `libmercator_mysql.so`. So of two plugins for one scheme it is always the same that is used.
///
/// Folders and files are absolute paths. A relative one would be looked up wherever the program is
/// started; it is refused, and `LD_LIBRARY_PATH` plays no part.
///
/// A file is opened only after its owner and permissions, its ELF structure and its note were read,
/// the version and fingerprint in the note equal ours, and its content fits the checksum in the
/// note (if it has one, see abi.h): no code of a damaged or stale plugin runs. What a loader cannot
/// keep out is a plugin that ends the process: a static constructor that throws, an abort, a wild
/// pointer.
///
/// Opened plugins are never closed, so a descriptor stays valid until the process ends, also after
/// its `Loader` is gone.
///
/// Any thread may call any member; opening is one at a time. Static constructors of plugins run
/// under that lock and must not use a loader; `create` functions run outside of it and may.
///
///     Loader loader;
///     std::unique_ptr<Dialect> dialect{static_cast<Dialect*>(loader.create("dialect", "sqlite"))};
class MERCATOR_EXPORT Loader {
public:
    /// The environment is read here, once.
    explicit Loader(const std::vector<std::filesystem::path>& folders = {},
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

    /// The same with the very plugin of a listing, also if another one comes before it.
    [[nodiscard]] void* create(const Listing& listing);

    /// Every plugin built in and every plugin file in the folders, usable or not, in search order,
    /// then the relative folders that were refused. Opens none of them.
    [[nodiscard]] std::vector<Listing> list() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace mercator::plugin
