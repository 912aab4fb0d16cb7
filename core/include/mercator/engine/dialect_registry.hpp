// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/dialect.hpp>
#include <mercator/support/export.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Where dialects come from. An engine asks here for the one that its URI's scheme names; a program
/// asks when it wants to show what there is:
///
///     for (const mercator::DialectListing& dialect : mercator::dialects())
///         std::cout << dialect.name << ' ' << dialect.path << ' ' << dialect.problem << '\n';
///     std::cout << mercator::to_json_text(mercator::dialects());
///
/// Searched are, in this order: the dialects linked into the program (see built_in_dialect.hpp),
/// the folders given here (`Config::dialect_path`), those of the environment variable
/// MERCATOR_DIALECT_PATH (absolute paths with ':' between; ignored in set-uid programs), beside
/// libmercator with its folders `dialects` and `mercator/dialects`, and the folder of the
/// installation. docs/dialects.md tells what a file must be like to be used.

namespace mercator {

/// A dialect of the given URI scheme, from the program itself or from its plugin, which is opened
/// at run time and never closed. Thread-safe. Throws PluginError that lists every path tried with
/// the reason, and the nearest known scheme; what the plugin itself threw is nested in it.
[[nodiscard]] MERCATOR_API std::unique_ptr<Dialect>
load_dialect(std::string_view scheme, const std::vector<std::string>& dialect_path = {});

/// A dialect that was found, and why it cannot be used if it cannot.
struct DialectListing {
    std::string name;
    std::string path;                 ///< the plugin's file; empty if it is linked into the program
    std::string problem;              ///< why it cannot be used; empty: usable
    std::string version;              ///< the dialect's own
    std::vector<std::string> schemes; ///< which addresses it serves: "name://…"
    bool built_in = false;            ///< linked into the program
    /// Which of its schemes another dialect serves that comes first, and which; empty if none.
    std::string remark;
    /// What it can do before it has looked at a server; some become more or less on the first
    /// connection. Nothing if it cannot be used.
    std::optional<Capabilities> capabilities;
};

/// Every dialect that is found, in the order of search. The usable ones are opened, to ask what
/// they can do; a file that is damaged, outdated or not to be trusted is listed and not opened.
/// Thread-safe.
[[nodiscard]] MERCATOR_API std::vector<DialectListing>
dialects(const std::vector<std::string>& dialect_path = {});

/// The list as JSON for other programs: an array of objects with the members of `DialectListing`.
[[nodiscard]] MERCATOR_API std::string to_json_text(const std::vector<DialectListing>& dialects);

} // namespace mercator
