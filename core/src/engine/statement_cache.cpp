// SPDX-License-Identifier: MIT
#include "statement_cache.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace mercator {

StatementCache::StatementCache(std::size_t capacity) :
    slots_(std::bit_ceil(std::max<std::size_t>(2 * capacity, 2))),
    mask_(slots_.size() - 1),
    capacity_(capacity) {}

bool StatementCache::make_room() noexcept {
    if (size_ < capacity_) return true;
    for (CachedStatement* entry = oldest_; entry != nullptr; entry = entry->newer) {
        if (!entry->in_use) {
            const auto dropped = remove(*entry);
            return true;
        }
    }
    return false;
}

void StatementCache::add(std::unique_ptr<CachedStatement> entry) noexcept {
    std::size_t i = home(entry->compiled.get());
    while (slots_[i] != nullptr) i = (i + 1) & mask_;
    entry->cached = true;
    link(*entry);
    slots_[i] = std::move(entry);
    ++size_;
}

std::unique_ptr<CachedStatement> StatementCache::remove(CachedStatement& entry) noexcept {
    std::size_t i = home(entry.compiled.get());
    while (slots_[i].get() != &entry) i = (i + 1) & mask_;
    unlink(entry);
    entry.cached = false;
    auto removed = std::move(slots_[i]);
    close_gap(i);
    --size_;
    return removed;
}

void StatementCache::leak() noexcept {
    for (auto& slot : slots_) static_cast<void>(slot.release());
    newest_ = nullptr;
    oldest_ = nullptr;
    size_ = 0;
}

void StatementCache::touch(CachedStatement& entry) noexcept {
    if (newest_ == &entry) return;
    unlink(entry);
    link(entry);
}

void StatementCache::link(CachedStatement& entry) noexcept {
    entry.newer = nullptr;
    entry.older = newest_;
    if (newest_ != nullptr) newest_->newer = &entry;
    newest_ = &entry;
    if (oldest_ == nullptr) oldest_ = &entry;
}

void StatementCache::unlink(CachedStatement& entry) noexcept {
    (entry.newer != nullptr ? entry.newer->older : newest_) = entry.older;
    (entry.older != nullptr ? entry.older->newer : oldest_) = entry.newer;
}

// Linear probing stops at the first empty slot, so those behind the gap that may sit in it move up.
void StatementCache::close_gap(std::size_t gap) noexcept {
    for (std::size_t i = (gap + 1) & mask_; slots_[i] != nullptr; i = (i + 1) & mask_) {
        const std::size_t wanted = home(slots_[i]->compiled.get());
        if (((i - wanted) & mask_) >= ((i - gap) & mask_)) {
            slots_[gap] = std::move(slots_[i]);
            gap = i;
        }
    }
}

} // namespace mercator
