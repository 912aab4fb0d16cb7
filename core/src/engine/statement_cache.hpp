// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/driver.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace mercator {

/// A statement prepared on one connection. The compiled form is held, so that its address stays its
/// own.
struct CachedStatement {
    std::shared_ptr<const Compiled> compiled;
    std::unique_ptr<DriverStatement> statement;
    DriverStatement* native = nullptr; ///< the driver's own, behind what `statement` adds to it
    CachedStatement* newer = nullptr;
    CachedStatement* older = nullptr;
    bool in_use = true;
    bool cached = false; ///< false: belongs to one lease and ends with it
};

/// The prepared statements of one connection by the address of their compiled form, the least
/// recently used leaving first. A hit costs a multiplication and a few loads and never allocates.
class StatementCache {
public:
    explicit StatementCache(std::size_t capacity);
    StatementCache(const StatementCache&) = delete;
    StatementCache& operator=(const StatementCache&) = delete;
    ~StatementCache() = default;

    /// The statement, which counts as used now; or nullptr.
    [[nodiscard]] CachedStatement* find(const Compiled* key) noexcept {
        if (newest_ != nullptr && newest_->compiled.get() == key) return newest_;
        for (std::size_t i = home(key); slots_[i] != nullptr; i = (i + 1) & mask_) {
            if (slots_[i]->compiled.get() == key) {
                touch(*slots_[i]);
                return slots_[i].get();
            }
        }
        return nullptr;
    }

    /// Makes place for one more by dropping the oldest that nobody uses; false when that is
    /// impossible.
    [[nodiscard]] bool make_room() noexcept;
    /// Only after `make_room` said yes, and only for a key that is not there.
    void add(std::unique_ptr<CachedStatement> entry) noexcept;
    [[nodiscard]] std::unique_ptr<CachedStatement> remove(CachedStatement& entry) noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// Forgets all without destroying any.
    void leak() noexcept;

private:
    [[nodiscard]] std::size_t home(const Compiled* key) const noexcept {
        const auto address = reinterpret_cast<std::uintptr_t>(key);
        return static_cast<std::size_t>((address * 0x9E37'79B9'7F4A'7C15U) >> 32U) & mask_;
    }
    void touch(CachedStatement& entry) noexcept;
    void link(CachedStatement& entry) noexcept;
    void unlink(CachedStatement& entry) noexcept;
    void close_gap(std::size_t gap) noexcept;

    std::vector<std::unique_ptr<CachedStatement>> slots_; // at most half full, linear probing
    std::size_t mask_;
    std::size_t capacity_;
    std::size_t size_ = 0;
    CachedStatement* newest_ = nullptr;
    CachedStatement* oldest_ = nullptr;
};

} // namespace mercator
