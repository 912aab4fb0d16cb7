// SPDX-License-Identifier: MIT
#include "listing.hpp"

#include "built_in.hpp"
#include "plugin_file.hpp"
#include "search_path.hpp"

#include <algorithm>
#include <optional>

namespace mercator::plugin {

namespace fs = std::filesystem;

namespace {

/// A listing, and what only the search for rivals needs to know.
struct Found {
    Listing listing;
    std::optional<FileIdentity> identity;

    [[nodiscard]] bool serves(std::string_view kind, std::string_view scheme) const {
        return listing.problem.empty() && listing.kind == kind &&
               std::ranges::find(listing.schemes, scheme) != listing.schemes.end();
    }
};

Found describe(const MercatorPluginDescriptor& descriptor) {
    Found found;
    Listing& listing = found.listing;
    listing.built_in = true;
    try {
        check_built_in(descriptor);
        listing.kind = descriptor.kind;
        listing.name = descriptor.name;
        listing.version = descriptor.version;
        listing.schemes = split_words(descriptor.schemes);
    } catch (const Refusal& refusal) {
        listing.problem = refusal.what();
    }
    return found;
}

Found describe(const fs::path& path) {
    Found found;
    Listing& listing = found.listing;
    listing.path = path;
    try {
        const PluginFile file(path);
        found.identity = file.identity();
        listing.kind = file.note().kind;
        listing.name = file.note().name;
        listing.version = file.note().version;
        listing.schemes = file.note().schemes;
        file.check();
    } catch (const Refusal& refusal) {
        listing.problem = refusal.what();
    }
    return found;
}

/// The one that a loader takes for the scheme.
const Found& first_for(const std::vector<Found>& all, std::string_view kind,
                       std::string_view scheme, const Found& asking) {
    const auto serves = [&](const Found& found) { return found.serves(kind, scheme); };
    const auto by_name = [&](const Found& found) {
        return serves(found) && (found.listing.built_in ||
                                 found.listing.path.filename() == plugin_file_name(scheme));
    };
    auto first = std::ranges::find_if(all, by_name);
    if (first == all.end()) {
        first = std::ranges::find_if(all, serves);
    }
    return first == all.end() ? asking : *first;
}

std::string place_of(const Listing& listing) {
    return listing.built_in ? "the plugin linked into the program" : listing.path.string();
}

std::string remark_on(const std::vector<Found>& all, const Found& found) {
    if (!found.listing.problem.empty()) {
        return {};
    }
    const auto same = std::ranges::find_if(all, [&](const Found& other) {
        return other.identity == found.identity && found.identity.has_value();
    });
    if (same != all.end() && &*same != &found) {
        return "is the same file as " + same->listing.path.string();
    }
    std::string remark;
    for (const std::string& scheme : found.listing.schemes) {
        const Found& first = first_for(all, found.listing.kind, scheme, found);
        if (&first != &found) {
            remark += (remark.empty() ? "" : "; ") + ('"' + scheme) + "\" is served by " +
                      place_of(first.listing) + ", which comes first";
        }
    }
    return remark;
}

} // namespace

std::vector<Listing> list_plugins(const std::vector<fs::path>& folders) {
    std::vector<Found> all;
    for (const auto* descriptor : built_in_plugins()) {
        all.push_back(describe(*descriptor));
    }
    for (const auto& folder : folders) {
        for (const auto& path : plugin_files(folder)) {
            all.push_back(describe(path));
        }
    }
    std::vector<Listing> listings;
    for (const Found& found : all) {
        listings.push_back(found.listing);
        listings.back().remark = remark_on(all, found);
    }
    return listings;
}

} // namespace mercator::plugin
