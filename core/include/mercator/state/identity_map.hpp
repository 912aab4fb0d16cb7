// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/state/identity_key.hpp>
#include <mercator/state/instance_state.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>
#include <vector>

namespace mercator {

/// The objects of one class by their keys: one object per row per session. Open addressing with
/// linear probing, because a node-based map scatters the heap under a load (measured: 1.39
/// against 1.11 of a load without a map). Not thread-safe; belongs to the graph.
class MERCATOR_API IdentityMap {
public:
    [[nodiscard]] InstanceState* find(const IdentityKey& key) const noexcept;
    /// The place for an integer key: what is there, or nullptr.
    [[nodiscard]] InstanceState* find_integer(std::uint64_t hash) const noexcept;
    /// `state.key_hash`, `key` and `key_size` must be set. No equal key may be there.
    void insert(InstanceState& state);
    /// For integer keys: the object that is under `hash`, which is `state` itself if none was there
    /// before.
    [[nodiscard]] InstanceState& find_or_insert(std::uint64_t hash, InstanceState& state);
    void erase(InstanceState& state) noexcept;
    void reserve(std::size_t count);
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    struct Entry {
        std::uint64_t hash = 0;
        InstanceState* state = nullptr;
    };
    void rehash(std::size_t capacity);
    void make_room() {
        if ((size_ + 1) * 8 > entries_.size() * 5)
            rehash(entries_.empty() ? 16 : entries_.size() * 2);
    }

    std::vector<Entry> entries_; ///< capacity is a power of two; empty when state is nullptr
    std::size_t size_ = 0;
};

} // namespace mercator
