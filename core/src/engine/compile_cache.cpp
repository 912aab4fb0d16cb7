// SPDX-License-Identifier: MIT
#include "compile_cache.hpp"

#include <utility>

namespace mercator {

std::shared_ptr<const Compiled> Engine::CompileCache::find(std::string_view bytes) {
    const Key key(bytes);
    const std::lock_guard lock(mutex);
    const auto found = index.find(key);
    if (found == index.end()) {
        ++misses;
        return nullptr;
    }
    ++hits;
    entries.splice(entries.begin(), entries, found->second);
    return found->second->compiled;
}

std::shared_ptr<const Compiled>
Engine::CompileCache::add(std::string_view bytes, std::shared_ptr<const Compiled> compiled) {
    if (capacity == 0 || !compiled->cacheable) return compiled;
    Entries made;
    made.push_back(Entry{std::string(bytes), std::move(compiled)});
    Entries dropped; // destroyed after the lock
    const Key key(made.front().bytes);
    const std::lock_guard lock(mutex);
    if (const auto found = index.find(key); found != index.end()) return found->second->compiled;
    if (entries.size() >= capacity) {
        index.erase(Key(entries.back().bytes));
        dropped.splice(dropped.begin(), entries, std::prev(entries.end()));
    }
    index.emplace(key, made.begin());
    entries.splice(entries.begin(), made);
    return entries.front().compiled;
}

bool Engine::CompileCache::note_uncached(std::string type) {
    const std::lock_guard lock(mutex);
    return uncached_types.insert(std::move(type)).second;
}

void Engine::CompileCache::count(EngineStatistics& statistics) const {
    const std::lock_guard lock(mutex);
    statistics.compile_hits = hits;
    statistics.compile_misses = misses;
}

} // namespace mercator
