// SPDX-License-Identifier: MIT
#include <mercator/engine/dialect_registry.hpp>

#include <mercator/plugin/loader.hpp>
#include <mercator/support/error.hpp>

#include <filesystem>
#include <utility>

namespace mercator {

namespace {

constexpr std::string_view dialect_kind = "dialect";

// A loader is cheap, and reads the search path anew; what it opens stays open without it.
plugin::Loader make_loader(const std::vector<std::string>& dialect_path) {
    return plugin::Loader(
        std::vector<std::filesystem::path>(dialect_path.begin(), dialect_path.end()));
}

} // namespace

std::unique_ptr<Dialect> load_dialect(std::string_view scheme,
                                      const std::vector<std::string>& dialect_path) {
    try {
        plugin::Loader loader = make_loader(dialect_path);
        return std::unique_ptr<Dialect>(static_cast<Dialect*>(loader.create(dialect_kind, scheme)));
    } catch (const plugin::LoadError& error) {
        throw PluginError(error.what(), error.scheme());
    }
}

std::vector<DialectInfo> dialects(const std::vector<std::string>& dialect_path) {
    std::vector<DialectInfo> result;
    for (const plugin::Listing& listing : make_loader(dialect_path).list()) {
        if (!listing.kind.empty() && listing.kind != dialect_kind) continue;
        result.push_back({listing.name.empty() ? listing.path.stem().string() : listing.name,
                          listing.path.string(), listing.problem});
    }
    return result;
}

} // namespace mercator
