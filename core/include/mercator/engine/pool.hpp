// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/driver.hpp>
#include <mercator/support/code_place.hpp>
#include <mercator/support/export.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace mercator {

class Engine;
class PooledConnection;
struct EngineStatistics;

/// The open connections of an engine: never more than `pool_size`, each used by one caller at a
/// time. Waiting uses the steady clock, is first come, first served, and ends on every return,
/// discard and failed opening. The link used last is handed out first. When a link turns out to be
/// lost, all that were opened before are closed instead of being used again. Opening, closing and
/// asking for a sign of life happen outside of the lock. Thread-safe. A child
/// process made by fork() starts with an empty pool and leaves the parent's links alone; fork while
/// no other thread uses the engine.
class MERCATOR_API Pool {
public:
    explicit Pool(Engine& engine);
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    /// Connections that are still out refuse every further use, and close their links themselves.
    ~Pool();

    /// Throws TimeoutError at the deadline; what the driver throws when opening fails.
    [[nodiscard]] std::unique_ptr<PooledConnection> take(CodePlace where);
    /// Takes it back: resets it, or closes it when it is broken or cannot be reset. Never throws.
    void give_back(std::unique_ptr<PooledConnection> connection) noexcept;

    [[nodiscard]] std::size_t idle() const;
    [[nodiscard]] std::size_t in_use() const;
    /// Callers that wait for a connection now.
    [[nodiscard]] std::size_t waiting() const;
    /// Has the dialect seen the server?
    [[nodiscard]] bool initialized() const noexcept {
        return initialized_.load(std::memory_order_acquire);
    }
    /// Adds up what happened on all links.
    void count(EngineStatistics& statistics) const;

private:
    struct Waiter;

    using Time = std::chrono::steady_clock::time_point;

    /// A link from the idle ones, from somebody who gave it back, or opened; `fresh` says which.
    [[nodiscard]] std::unique_ptr<PooledConnection> obtain(Time deadline, bool& fresh);
    [[nodiscard]] std::unique_ptr<PooledConnection> wait(std::unique_lock<std::mutex>& lock,
                                                         Time deadline);
    [[nodiscard]] std::unique_ptr<PooledConnection> open_in_place();
    [[nodiscard]] std::unique_ptr<PooledConnection> open();
    void greet(std::unique_ptr<PooledConnection>& link);
    /// May it be handed out?
    [[nodiscard]] bool is_fit(PooledConnection& link, Time now);
    [[nodiscard]] bool is_outdated(const PooledConnection& link, Time now) const;
    [[nodiscard]] bool answers(PooledConnection& link) noexcept;
    void note_loss(const PooledConnection& link) noexcept;
    [[nodiscard]] bool made_as_new(PooledConnection& link) noexcept;
    void begin_lease(PooledConnection& link, Time now, CodePlace where);
    void warn_of_long_leases(Time now) noexcept;
    [[nodiscard]] bool told_of_reset(std::unique_ptr<PooledConnection>& link) noexcept;
    void tell_invalidated(bool lost) const noexcept;
    void initialize_dialect(DriverConnection& driver);
    /// Closes the link; its place stays taken.
    void bury(std::unique_ptr<PooledConnection> connection) noexcept;
    void close(std::unique_ptr<PooledConnection> connection) noexcept;
    void free_place() noexcept;
    void forget_parents_links() noexcept;
    [[noreturn]] void throw_timeout();

    Engine& engine_;
    const std::size_t limit_;
    /// Shared with the links: false once the pool is gone.
    std::shared_ptr<std::atomic<bool>> is_there_;
    mutable std::mutex mutex_;
    std::deque<Waiter*> waiters_; ///< first come, first served
    std::vector<std::unique_ptr<PooledConnection>> idle_;
    std::vector<PooledConnection*> open_links_; ///< for statistics and warnings
    std::size_t open_count_ = 0;                ///< idle, leased and being opened
    std::uint32_t generation_; ///< which process of a line of forks this state belongs to
    std::uint64_t checkouts_ = 0;
    std::uint64_t timeouts_ = 0;
    /// Grows when a link is lost; links of an earlier era are not used again.
    std::atomic<std::uint64_t> era_{0};
    std::mutex initialize_mutex_;
    std::atomic<bool> initialized_{false};
};

} // namespace mercator
