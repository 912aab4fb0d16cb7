// SPDX-License-Identifier: MIT
#include <mercator/plugin/loader.hpp>

#include "elf_note.hpp"
#include "nearest_scheme.hpp"
#include "search_path.hpp"
#include "shared_library.hpp"
#include "trusted_file.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <set>
#include <utility>

namespace mercator::plugin {

namespace fs = std::filesystem;

namespace {

using Entry = const MercatorPluginDescriptor* (*)();

std::string in_quotes(std::string_view text) {
    return '"' + std::string(text) + '"';
}

std::string both_sides(std::string_view what, const std::string& theirs, const std::string& ours) {
    return std::string(what) + " differs: the plugin has " + theirs + ", this library has " + ours +
           " (rebuild the plugin)";
}

void check_built_alike(std::uint32_t abi_kind, std::uint32_t abi_version,
                       std::string_view fingerprint) {
    constexpr std::uint32_t our_kind = MERCATOR_ABI_KIND_SAME_TOOLCHAIN;
    constexpr std::uint32_t our_version = MERCATOR_ABI_VERSION;
    if (abi_kind != our_kind) {
        throw Refusal(both_sides("ABI kind", std::to_string(abi_kind), std::to_string(our_kind)));
    }
    if (abi_version != our_version) {
        throw Refusal(
            both_sides("ABI version", std::to_string(abi_version), std::to_string(our_version)));
    }
    if (fingerprint != MERCATOR_BUILD_FINGERPRINT) {
        throw Refusal(both_sides("build fingerprint", in_quotes(fingerprint),
                                 in_quotes(MERCATOR_BUILD_FINGERPRINT)));
    }
}

void check_note(const PluginNote& note) {
    check_built_alike(note.abi_kind, note.abi_version, note.fingerprint);
}

void check_serves(const PluginNote& note, std::string_view kind, std::string_view scheme) {
    if (note.kind != kind) {
        throw Refusal("is a plugin of kind " + in_quotes(note.kind) + ", not " + in_quotes(kind));
    }
    if (!note.serves(scheme)) {
        throw Refusal("serves " + in_quotes(note.schemes_text()) + ", not " + in_quotes(scheme));
    }
}

/// The size comes first: it says which of the other fields exist at all.
void check_descriptor(const MercatorPluginDescriptor* descriptor, const PluginNote& note) {
    if (descriptor == nullptr) {
        throw Refusal("its entry returned no descriptor");
    }
    if (descriptor->struct_size != sizeof(MercatorPluginDescriptor)) {
        throw Refusal(both_sides("size of the descriptor", std::to_string(descriptor->struct_size),
                                 std::to_string(sizeof(MercatorPluginDescriptor))));
    }
    const auto& d = *descriptor;
    for (const char* text : {d.build_fingerprint, d.kind, d.name, d.version, d.schemes}) {
        if (text == nullptr) {
            throw Refusal("its descriptor lacks a text");
        }
    }
    check_built_alike(d.abi_kind, d.abi_version, d.build_fingerprint);
    if (d.kind != note.kind || d.name != note.name || d.version != note.version ||
        split_words(d.schemes) != note.schemes) {
        throw Refusal("its descriptor and its note disagree");
    }
    if (d.create == nullptr) {
        throw Refusal("its descriptor has no create function");
    }
}

const MercatorPluginDescriptor* call_entry(const SharedLibrary& library) {
    void* address = library.symbol(MERCATOR_PLUGIN_ENTRY_NAME);
    if (address == nullptr) {
        throw Refusal("does not export " MERCATOR_PLUGIN_ENTRY_NAME);
    }
    try {
        return reinterpret_cast<Entry>(address)();
    } catch (const std::exception& error) {
        throw Refusal(std::string("its entry threw: ") + error.what());
    } catch (...) {
        throw Refusal("its entry threw an exception of unknown type");
    }
}

std::string scheme_key(std::string_view kind, std::string_view scheme) {
    return std::string(kind).append(":").append(scheme);
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

Listing describe(const fs::path& path) {
    Listing listing;
    listing.path = path;
    try {
        PluginNote note = read_plugin_note(path);
        listing.kind = note.kind;
        listing.name = note.name;
        listing.version = note.version;
        listing.schemes = note.schemes;
        check_note(note);
    } catch (const Refusal& refusal) {
        listing.problem = refusal.what();
    }
    return listing;
}

std::vector<Listing> describe_all(const std::vector<fs::path>& folders) {
    std::vector<Listing> listings;
    for (const auto& folder : folders) {
        for (const auto& path : plugin_files(folder)) {
            listings.push_back(describe(path));
        }
    }
    return listings;
}

} // namespace

Loader::Loader(std::vector<fs::path> folders, StandardFolders standard) {
    for (const auto& folder : folders) {
        append_folder(explicit_folders_, folder);
    }
    if (standard == StandardFolders::Search) {
        standard_folders_ = standard_folders();
    }
}

Loader::~Loader() = default;

void Loader::add_folder(const fs::path& folder) {
    const std::lock_guard lock(mutex_);
    append_folder(explicit_folders_, folder);
}

std::vector<fs::path> Loader::folders() const {
    const std::lock_guard lock(mutex_);
    return search_order();
}

std::vector<fs::path> Loader::search_order() const {
    std::vector<fs::path> order = explicit_folders_;
    for (const auto& folder : standard_folders_) {
        append_folder(order, folder);
    }
    return order;
}

std::vector<Listing> Loader::list() const {
    return describe_all(folders());
}

const MercatorPluginDescriptor& Loader::load(std::string_view kind, std::string_view scheme) {
    const std::lock_guard lock(mutex_);
    if (!is_scheme(scheme)) {
        fail(kind, scheme, {});
    }
    if (const auto known = by_scheme_.find(scheme_key(kind, scheme)); known != by_scheme_.end()) {
        return *known->second;
    }
    std::vector<TriedPath> tried;
    const Descriptor* found = find(kind, scheme, tried);
    if (found == nullptr) {
        fail(kind, scheme, std::move(tried));
    }
    by_scheme_.emplace(scheme_key(kind, scheme), found);
    return *found;
}

const MercatorPluginDescriptor* Loader::find(std::string_view kind, std::string_view scheme,
                                             std::vector<TriedPath>& tried) {
    std::vector<fs::path> candidates;
    const auto order = search_order();
    for (const auto& folder : order) {
        candidates.push_back(folder / plugin_file_name(scheme));
    }
    for (const auto& folder : order) {
        std::ranges::copy(plugin_files(folder), std::back_inserter(candidates));
    }
    std::set<fs::path> seen;
    for (const auto& path : candidates) {
        if (!seen.insert(path).second) {
            continue;
        }
        try {
            check_serves(read_plugin_note(path), kind, scheme);
            return &open(path);
        } catch (const Refusal& refusal) {
            tried.push_back({path.string(), refusal.what()});
        }
    }
    return nullptr;
}

const MercatorPluginDescriptor& Loader::open(const fs::path& path) {
    const PluginNote note = read_plugin_note(path);
    check_note(note);
    const fs::path real = fs::canonical(path);
    if (const auto known = opened_.find(real); known != opened_.end()) {
        return *known->second;
    }
    const SharedLibrary library(real);
    const Descriptor* descriptor = call_entry(library);
    check_descriptor(descriptor, note);
    opened_.emplace(real, descriptor);
    return *descriptor;
}

const MercatorPluginDescriptor& Loader::load_file(const fs::path& path) {
    const std::lock_guard lock(mutex_);
    std::error_code error;
    const fs::path absolute = fs::absolute(path, error);
    try {
        const Descriptor& descriptor = open(absolute);
        for (const auto& scheme : split_words(descriptor.schemes)) {
            by_scheme_.insert_or_assign(scheme_key(descriptor.kind, scheme), &descriptor);
        }
        return descriptor;
    } catch (const Refusal& refusal) {
        throw LoadError({.headline = "cannot load the plugin file " + path.string(),
                         .scheme = {},
                         .suggestion = {},
                         .advice = {},
                         .tried = {{absolute.string(), refusal.what()}}});
    }
}

std::string Loader::path_of(const Descriptor& descriptor) const {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find_if(
        opened_, [&](const auto& entry) { return entry.second == &descriptor; });
    return found == opened_.end() ? descriptor.name : found->first.string();
}

void* Loader::create(std::string_view kind, std::string_view scheme) {
    const Descriptor& descriptor = load(kind, scheme);
    const auto error = [&](std::string reason) {
        return LoadError({.headline = "the plugin for scheme " + in_quotes(scheme) +
                                      " could not create its " + descriptor.kind,
                          .scheme = std::string(scheme),
                          .suggestion = {},
                          .advice = {},
                          .tried = {{path_of(descriptor), std::move(reason)}}});
    };
    void* created = nullptr;
    try {
        created = descriptor.create();
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

void Loader::fail(std::string_view kind, std::string_view scheme,
                  std::vector<TriedPath> tried) const {
    const std::string shown = presentable(scheme);
    std::vector<std::string> known;
    for (const auto& listing : describe_all(search_order())) {
        if (listing.problem.empty() && listing.kind == kind) {
            std::ranges::copy(listing.schemes, std::back_inserter(known));
        }
    }
    std::string headline = "no " + std::string(kind) + " plugin for scheme " + in_quotes(shown);
    if (!is_scheme(scheme)) {
        headline = "a scheme is a small letter, then at most 31 of a-z 0-9 + . -, but this one " +
                   (shown.empty() ? "is not" : "starts with " + in_quotes(shown));
    } else if (search_order().empty()) {
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

} // namespace mercator::plugin
