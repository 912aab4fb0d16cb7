// SPDX-License-Identifier: MIT
#include <mercator/plugin/loader.hpp>

#include "built_in.hpp"
#include "listing.hpp"
#include "nearest_scheme.hpp"
#include "plugin_file.hpp"
#include "search_path.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

namespace mercator::plugin {

namespace fs = std::filesystem;

namespace {

/// A plugin that passed every check, and where it is, for error texts.
struct Opened {
    const MercatorPluginDescriptor* descriptor;
    std::string place;
};

constexpr const char* built_in_place = "linked into the program";
constexpr const char* relative_reason =
    "is a relative path, which means another place wherever the program is started; give the "
    "absolute path";

std::string in_quotes(std::string_view text) {
    return '"' + std::string(text) + '"';
}

void check_serves(const PluginNote& note, std::string_view kind, std::string_view scheme) {
    if (note.kind != kind) {
        throw Refusal("is a plugin of kind " + in_quotes(note.kind) + ", not " + in_quotes(kind));
    }
    if (!note.serves(scheme)) {
        throw Refusal("serves " + in_quotes(note.schemes_text()) + ", not " + in_quotes(scheme));
    }
}

Opened open_for(const fs::path& path, std::string_view kind, std::string_view scheme) {
    const PluginFile file(path);
    // The note of another version may be laid out in another way, so that its texts are unreadable.
    if (!file.note().kind.empty()) {
        check_serves(file.note(), kind, scheme);
    }
    return {&file.open(), path.string()};
}

std::optional<Opened> find_built_in(std::string_view kind, std::string_view scheme,
                                    std::vector<TriedPath>& tried) {
    for (const auto* descriptor : built_in_plugins()) {
        try {
            check_built_in(*descriptor);
            const auto schemes = split_words(descriptor->schemes);
            if (descriptor->kind == kind && std::ranges::find(schemes, scheme) != schemes.end()) {
                return Opened{descriptor, built_in_place};
            }
        } catch (const Refusal& refusal) {
            tried.push_back({built_in_place, refusal.what()});
        }
    }
    return std::nullopt;
}

/// Every file that might serve the scheme, the likeliest first, each once.
std::vector<fs::path> candidates(const std::vector<fs::path>& folders, std::string_view scheme) {
    std::vector<fs::path> paths;
    for (const auto& folder : folders) {
        paths.push_back(folder / plugin_file_name(scheme));
    }
    for (const auto& folder : folders) {
        std::ranges::copy(plugin_files(folder), std::back_inserter(paths));
    }
    std::set<fs::path> seen;
    std::erase_if(paths, [&](const fs::path& path) { return !seen.insert(path).second; });
    return paths;
}

/// The front part that could belong to a scheme; the rest may be anything, also a password.
std::string presentable(std::string_view scheme) {
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '+' || c == '.' || c == '-';
    };
    const auto end = std::ranges::find_if_not(scheme, is_allowed);
    const auto length = static_cast<std::size_t>(end - scheme.begin());
    return std::string(scheme.substr(0, std::min<std::size_t>(length, 32)));
}

void* create_from(const Opened& opened, std::string_view scheme) {
    const auto error = [&](std::string reason) {
        return LoadError({.headline = "the plugin for scheme " + in_quotes(scheme) +
                                      " could not create its " + opened.descriptor->kind,
                          .scheme = std::string(scheme),
                          .suggestion = {},
                          .advice = {},
                          .tried = {{opened.place, std::move(reason)}}});
    };
    void* created = nullptr;
    try {
        created = opened.descriptor->create();
    } catch (const std::exception& thrown) {
        std::throw_with_nested(error(std::string("its create function threw: ") + thrown.what()));
    } catch (...) {
        std::throw_with_nested(error("its create function threw an exception of unknown type"));
    }
    if (created == nullptr) {
        throw error("its create function returned nothing");
    }
    return created;
}

[[noreturn]] void fail_file(const fs::path& path, std::string reason) {
    throw LoadError({.headline = "cannot load the plugin file " + path.string(),
                     .scheme = {},
                     .suggestion = {},
                     .advice = {},
                     .tried = {{path.string(), std::move(reason)}}});
}

Opened open_file(const fs::path& path) {
    if (!path.is_absolute()) {
        fail_file(path, relative_reason);
    }
    try {
        return {&PluginFile(path).open(), path.string()};
    } catch (const Refusal& refusal) {
        fail_file(path, refusal.what());
    }
}

} // namespace

struct Loader::Impl {
    mutable std::mutex mutex;
    SearchPath explicit_folders;
    SearchPath standard_folders;
    std::map<std::string, Opened, std::less<>> by_scheme;

    SearchPath search_order() const;
    Opened locate(std::string_view kind, std::string_view scheme);
    std::optional<Opened> find(std::string_view kind, std::string_view scheme,
                               std::vector<TriedPath>& tried) const;
    [[noreturn]] void fail(std::string_view kind, std::string_view scheme,
                           std::vector<TriedPath> tried) const;
};

SearchPath Loader::Impl::search_order() const {
    SearchPath order = explicit_folders;
    for (const auto* list : {&standard_folders.folders(), &standard_folders.relative()}) {
        for (const auto& folder : *list) {
            order.append(folder);
        }
    }
    return order;
}

Opened Loader::Impl::locate(std::string_view kind, std::string_view scheme) {
    const std::lock_guard lock(mutex);
    if (!is_scheme(scheme)) {
        fail(kind, scheme, {});
    }
    const std::string key = std::string(kind).append(":").append(scheme);
    if (const auto known = by_scheme.find(key); known != by_scheme.end()) {
        return known->second;
    }
    std::vector<TriedPath> tried;
    const std::optional<Opened> found = find(kind, scheme, tried);
    if (!found) {
        fail(kind, scheme, std::move(tried));
    }
    return by_scheme.emplace(key, *found).first->second;
}

std::optional<Opened> Loader::Impl::find(std::string_view kind, std::string_view scheme,
                                         std::vector<TriedPath>& tried) const {
    if (auto found = find_built_in(kind, scheme, tried)) {
        return found;
    }
    const SearchPath order = search_order();
    for (const auto& folder : order.relative()) {
        tried.push_back({folder.string(), relative_reason});
    }
    for (const auto& path : candidates(order.folders(), scheme)) {
        try {
            return open_for(path, kind, scheme);
        } catch (const Refusal& refusal) {
            tried.push_back({path.string(), refusal.what()});
        }
    }
    return std::nullopt;
}

void Loader::Impl::fail(std::string_view kind, std::string_view scheme,
                        std::vector<TriedPath> tried) const {
    const std::string shown = presentable(scheme);
    const SearchPath order = search_order();
    std::vector<std::string> known;
    for (const auto& listing : list_plugins(order.folders())) {
        if (listing.problem.empty() && listing.kind == kind) {
            std::ranges::copy(listing.schemes, std::back_inserter(known));
        }
    }
    std::string headline = "no " + std::string(kind) + " plugin for scheme " + in_quotes(shown);
    if (!is_scheme(scheme)) {
        headline = "a scheme is a small letter, then at most 31 of a-z 0-9 + . -, but this one " +
                   (shown.empty() ? "is not" : "starts with " + in_quotes(shown));
    } else if (order.folders().empty()) {
        headline += ": there is no folder to search";
    }
    // A scheme that exists but whose plugin was refused is no slip of the pen.
    std::string nearest = nearest_scheme(shown, known);
    throw LoadError({.headline = std::move(headline),
                     .scheme = shown,
                     .suggestion = nearest == scheme ? std::string() : std::move(nearest),
                     .advice = "put the plugin into one of these folders, or name its folder in "
                               "MERCATOR_DIALECT_PATH",
                     .tried = std::move(tried)});
}

Loader::Loader(const std::vector<fs::path>& folders, StandardFolders standard) :
    impl_(std::make_unique<Impl>()) {
    for (const auto& folder : folders) {
        impl_->explicit_folders.append(folder);
    }
    if (standard == StandardFolders::Search) {
        impl_->standard_folders = standard_folders();
    }
}

Loader::~Loader() = default;

void Loader::add_folder(const fs::path& folder) {
    const std::lock_guard lock(impl_->mutex);
    impl_->explicit_folders.append(folder);
}

std::vector<fs::path> Loader::folders() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->search_order().folders();
}

std::vector<Listing> Loader::list() const {
    const SearchPath order = [this] {
        const std::lock_guard lock(impl_->mutex);
        return impl_->search_order();
    }();
    std::vector<Listing> listings = list_plugins(order.folders());
    for (const auto& folder : order.relative()) {
        listings.emplace_back().path = folder;
        listings.back().problem = relative_reason;
    }
    return listings;
}

const MercatorPluginDescriptor& Loader::load(std::string_view kind, std::string_view scheme) {
    return *impl_->locate(kind, scheme).descriptor;
}

const MercatorPluginDescriptor& Loader::load_file(const fs::path& path) {
    const Opened opened = open_file(path);
    const std::lock_guard lock(impl_->mutex);
    for (const auto& scheme : split_words(opened.descriptor->schemes)) {
        impl_->by_scheme.insert_or_assign(
            std::string(opened.descriptor->kind).append(":").append(scheme), opened);
    }
    return *opened.descriptor;
}

void* Loader::create(std::string_view kind, std::string_view scheme) {
    return create_from(impl_->locate(kind, scheme), scheme);
}

void* Loader::create(const Listing& listing) {
    if (!listing.built_in) {
        return create_from(open_file(listing.path), listing.name);
    }
    for (const auto* descriptor : built_in_plugins()) {
        if (descriptor->name == listing.name && descriptor->kind == listing.kind) {
            return create_from({descriptor, built_in_place}, listing.name);
        }
    }
    fail_file(built_in_place, "there is no plugin " + in_quotes(listing.name));
}

} // namespace mercator::plugin
