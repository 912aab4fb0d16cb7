// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/driver.hpp>
#include <mercator/support/export.hpp>

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace mercator {

class Engine;
class PooledConnection;

/// The open connections of an engine: never more than `pool_size`, each used by one caller at a time. Waiting uses the
/// steady clock and wakes on every return, discard and failed opening. Thread-safe.
class MERCATOR_API Pool {
public:
    explicit Pool(Engine& engine);
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    ~Pool();

    /// Throws TimeoutError at the deadline; what the driver throws when opening fails.
    [[nodiscard]] std::unique_ptr<PooledConnection> take();
    /// Takes it back: resets it, or closes it when it is broken or cannot be reset. Never throws.
    void give_back(std::unique_ptr<PooledConnection> connection) noexcept;

    [[nodiscard]] std::size_t idle() const;
    [[nodiscard]] std::size_t in_use() const;

private:
    [[nodiscard]] std::unique_ptr<PooledConnection> open();
    [[nodiscard]] std::size_t limit() const;

    Engine& engine_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::unique_ptr<PooledConnection>> idle_;
    std::size_t open_count_ = 0;   ///< idle, leased and being opened
    bool initialized_ = false;
};

}  // namespace mercator
