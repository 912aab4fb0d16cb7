// SPDX-License-Identifier: MIT
#include "plugin_file.hpp"

#include "checksum.hpp"
#include "shared_library.hpp"

#include <exception>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>

namespace mercator::plugin {

namespace {

using Descriptor = MercatorPluginDescriptor;
using Entry = const Descriptor* (*)();

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

/// The size comes first: it says which of the other fields exist at all.
void check_descriptor(const MercatorPluginDescriptor* descriptor) {
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
    if (d.create == nullptr) {
        throw Refusal("its descriptor has no create function");
    }
}

void check_same(const MercatorPluginDescriptor& d, const PluginNote& note) {
    if (d.kind != note.kind || d.name != note.name || d.version != note.version ||
        split_words(d.schemes) != note.schemes) {
        throw Refusal("its descriptor and its note disagree");
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

// The system's loader knows an open library by its identity too. One that is open keeps its inode,
// so that no other file can get the same.
struct OpenPlugins {
    std::mutex mutex;
    std::map<FileIdentity, const Descriptor*> by_identity;
};

OpenPlugins& open_plugins() {
    // Never destroyed: other threads may still ask while the process ends.
    static OpenPlugins& all = *new OpenPlugins;
    return all;
}

/// Without links, so that what is opened is what was looked at.
std::filesystem::path real_path(const std::filesystem::path& path) {
    std::error_code error;
    auto real = std::filesystem::canonical(path, error);
    if (error) throw Refusal(error.message());
    return real;
}

} // namespace

PluginFile::PluginFile(const std::filesystem::path& path) :
    path_(path),
    elf_(path),
    note_(read_plugin_note(elf_)) {}

void PluginFile::check() const {
    check_built_alike(note_.abi_kind, note_.abi_version, note_.fingerprint);
    check_seal(elf_, note_);
}

const Descriptor& PluginFile::open() const {
    OpenPlugins& all = open_plugins();
    const std::lock_guard lock(all.mutex);
    if (const auto known = all.by_identity.find(identity()); known != all.by_identity.end()) {
        return *known->second;
    }
    check();
    const SharedLibrary library(real_path(path_));
    const Descriptor* descriptor = call_entry(library);
    check_descriptor(descriptor);
    check_same(*descriptor, note_);
    all.by_identity.emplace(identity(), descriptor);
    return *descriptor;
}

void check_built_in(const Descriptor& descriptor) {
    check_descriptor(&descriptor);
}

} // namespace mercator::plugin
