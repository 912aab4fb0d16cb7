// SPDX-License-Identifier: MIT
#include <mercator/engine/dialect_registry.hpp>

#include <mercator/engine/built_in_dialect.hpp>
#include <mercator/plugin/loader.hpp>
#include <mercator/support/error.hpp>

#include <exception>
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

std::unique_ptr<Dialect> owned(void* created) {
    return std::unique_ptr<Dialect>(static_cast<Dialect*>(created));
}

// Its constructor is somebody else's code, and a list tells of failures instead of failing.
void ask(plugin::Loader& loader, const plugin::Listing& listing, DialectListing& info) {
    try {
        info.capabilities = owned(loader.create(listing))->capabilities();
    } catch (const plugin::LoadError& error) {
        info.problem = error.tried().empty() ? error.what() : error.tried().front().reason;
    }
}

std::string name_of(const plugin::Listing& listing) {
    if (!listing.name.empty()) return listing.name;
    return listing.built_in ? "built in" : listing.path.stem().string();
}

} // namespace

std::unique_ptr<Dialect> load_dialect(std::string_view scheme,
                                      const std::vector<std::string>& dialect_path) {
    try {
        return owned(make_loader(dialect_path).create(dialect_kind, scheme));
    } catch (const plugin::LoadError& error) {
        std::throw_with_nested(PluginError(error.what(), error.scheme()));
    }
}

std::vector<DialectListing> dialects(const std::vector<std::string>& dialect_path) {
    std::vector<DialectListing> result;
    plugin::Loader loader = make_loader(dialect_path);
    for (const plugin::Listing& listing : loader.list()) {
        if (!listing.kind.empty() && listing.kind != dialect_kind) continue;
        DialectListing& info = result.emplace_back();
        info.name = name_of(listing);
        info.path = listing.path.string();
        info.problem = listing.problem;
        info.version = listing.version;
        info.schemes = listing.schemes;
        info.built_in = listing.built_in;
        info.remark = listing.remark;
        if (info.problem.empty()) ask(loader, listing, info);
    }
    return result;
}

bool add_built_in_dialect(const MercatorPluginDescriptor* dialect) {
    plugin::add_built_in(*dialect);
    return true;
}

} // namespace mercator
