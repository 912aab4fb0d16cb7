// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/engine/engine.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mercator {

/// Compiled statements by the bytes of their structure, the least recently used leaving first.
/// Thread-safe; a hit is one hash outside the lock, one lookup inside, and no allocation.
struct Engine::CompileCache {
    explicit CompileCache(std::size_t limit) : capacity(limit) {}

    /// Counts a hit or a miss; empty on a miss.
    [[nodiscard]] std::shared_ptr<const Compiled> find(std::string_view bytes);
    /// Keeps it, unless another thread was faster: returns the one that is kept.
    [[nodiscard]] std::shared_ptr<const Compiled> add(std::string_view bytes,
                                                      std::shared_ptr<const Compiled> compiled);
    void count(EngineStatistics& statistics) const;
    /// Is it the first time that a statement with values of this type is not kept?
    [[nodiscard]] bool note_uncached(std::string type);

private:
    struct Entry {
        std::string bytes;
        std::shared_ptr<const Compiled> compiled;
    };
    struct Key {
        explicit Key(std::string_view text) :
            bytes(text),
            hash(std::hash<std::string_view>()(text)) {}
        std::string_view bytes;
        std::size_t hash;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const noexcept { return key.hash; }
    };
    using Entries = std::list<Entry>;

    std::size_t capacity;
    mutable std::mutex mutex;
    Entries entries;                                           // newest first
    std::unordered_map<Key, Entries::iterator, KeyHash> index; // views into entries
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::set<std::string> uncached_types;
};

} // namespace mercator
