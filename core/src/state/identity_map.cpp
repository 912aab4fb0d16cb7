// SPDX-License-Identifier: MIT
#include <mercator/state/identity_map.hpp>

#include <bit>
#include <cstring>

namespace mercator {

InstanceState* IdentityMap::find_integer(std::uint64_t hash) const noexcept {
    if (entries_.empty()) return nullptr;
    const std::size_t mask = entries_.size() - 1;
    for (std::size_t i = hash & mask; entries_[i].state != nullptr; i = (i + 1) & mask) {
        if (entries_[i].hash == hash) return entries_[i].state;
    }
    return nullptr;
}

InstanceState* IdentityMap::find(const IdentityKey& key) const noexcept {
    if (entries_.empty()) return nullptr;
    const std::size_t mask = entries_.size() - 1;
    for (std::size_t i = key.hash & mask; entries_[i].state != nullptr; i = (i + 1) & mask) {
        InstanceState* state = entries_[i].state;
        if (entries_[i].hash == key.hash && state->key_size == key.bytes.size() &&
            (key.bytes.empty() ||
             std::memcmp(state->key, key.bytes.data(), key.bytes.size()) == 0)) {
            return state;
        }
    }
    return nullptr;
}

void IdentityMap::insert(InstanceState& state) {
    make_room();
    const std::size_t mask = entries_.size() - 1;
    std::size_t i = state.key_hash & mask;
    while (entries_[i].state != nullptr) i = (i + 1) & mask;
    entries_[i] = {state.key_hash, &state};
    ++size_;
}

InstanceState& IdentityMap::find_or_insert(std::uint64_t hash, InstanceState& state) {
    make_room();
    const std::size_t mask = entries_.size() - 1;
    std::size_t i = hash & mask;
    for (; entries_[i].state != nullptr; i = (i + 1) & mask) {
        if (entries_[i].hash == hash) return *entries_[i].state;
    }
    entries_[i] = {hash, &state};
    ++size_;
    return state;
}

void IdentityMap::erase(InstanceState& state) noexcept {
    if (entries_.empty()) return;
    const std::size_t mask = entries_.size() - 1;
    std::size_t hole = state.key_hash & mask;
    while (entries_[hole].state != &state) {
        if (entries_[hole].state == nullptr) return;
        hole = (hole + 1) & mask;
    }
    // Close the gap, so that no probe ends too early: Knuth's algorithm R.
    for (std::size_t i = (hole + 1) & mask; entries_[i].state != nullptr; i = (i + 1) & mask) {
        const std::size_t home = entries_[i].hash & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            entries_[hole] = entries_[i];
            hole = i;
        }
    }
    entries_[hole] = {};
    --size_;
}

void IdentityMap::reserve(std::size_t count) {
    const std::size_t capacity = std::bit_ceil(count * 8 / 5 + 1);
    if (capacity > entries_.size()) rehash(capacity);
}

void IdentityMap::rehash(std::size_t capacity) {
    std::vector<Entry> old(capacity);
    old.swap(entries_);
    const std::size_t mask = capacity - 1;
    for (const auto& entry : old) {
        if (entry.state == nullptr) continue;
        std::size_t i = entry.hash & mask;
        while (entries_[i].state != nullptr) i = (i + 1) & mask;
        entries_[i] = entry;
    }
}

} // namespace mercator
