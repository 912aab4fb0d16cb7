// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/dialect.hpp>
#include <mercator/support/export.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mercator {

/// A dialect of the given URI scheme from its plugin, opened at run time and never closed.
/// Thread-safe. Throws PluginError that lists every path tried with the reason, and the nearest
/// known scheme.
[[nodiscard]] MERCATOR_API std::unique_ptr<Dialect>
load_dialect(std::string_view scheme, const std::vector<std::string>& dialect_path = {});

/// A plugin that was found, and why it cannot be used if it cannot.
struct DialectInfo {
    std::string name;
    std::string path;
    std::string problem; ///< empty: usable
};
[[nodiscard]] MERCATOR_API std::vector<DialectInfo>
dialects(const std::vector<std::string>& dialect_path = {});

} // namespace mercator
