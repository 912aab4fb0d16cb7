// SPDX-License-Identifier: MIT
#include <mercator/engine/pool.hpp>

#include "fork_generation.hpp"
#include "pooled_connection.hpp"

#include <mercator/engine/engine.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace mercator {

/// One caller in the queue. Lives on that caller's stack, so it is only touched under the pool's
/// mutex.
struct Pool::Waiter {
    std::condition_variable wake;
    std::unique_ptr<PooledConnection> link;
    bool may_open = false;
    [[nodiscard]] bool served() const noexcept { return link != nullptr || may_open; }
};

Pool::Pool(Engine& engine) :
    engine_(engine),
    limit_(engine.dialect_->shares_database(engine.url_) ? engine.options_.pool_size : 1),
    generation_(fork_generation.load(std::memory_order_relaxed)) {
    watch_forks();
}

Pool::~Pool() = default;

std::unique_ptr<PooledConnection> Pool::take() {
    const auto deadline = std::chrono::steady_clock::now() + engine_.options_.pool_timeout;
    std::unique_lock lock(mutex_);
    forget_parents_links();
    if (waiters_.empty() && !idle_.empty()) {
        auto link = std::move(idle_.back());
        idle_.pop_back();
        return link;
    }
    if (waiters_.empty() && open_count_ < limit_) {
        ++open_count_;
    } else if (auto link = wait(lock, deadline)) {
        return link;
    }
    lock.unlock();
    return open_in_place();
}

// Returns a link, or nullptr when the caller was given the right to open one.
std::unique_ptr<PooledConnection> Pool::wait(std::unique_lock<std::mutex>& lock,
                                             std::chrono::steady_clock::time_point deadline) {
    Waiter self;
    waiters_.push_back(&self);
    // A link that arrives together with the deadline is taken, not lost: the predicate has the last
    // word.
    if (!self.wake.wait_until(lock, deadline, [&self] { return self.served(); })) {
        waiters_.erase(std::find(waiters_.begin(), waiters_.end(), &self));
        throw_timeout();
    }
    return std::move(self.link);
}

void Pool::throw_timeout() const {
    DatabaseErrorInfo info;
    info.code = ErrorCode::Timeout;
    info.message = fmt::format(
        "no connection became free within {} ms: the pool may open {}, and {} are in use; "
        "give connections back sooner, or raise pool_size or pool_timeout",
        engine_.options_.pool_timeout.count(), limit_, open_count_ - idle_.size());
    throw_database_error(std::move(info));
}

std::unique_ptr<PooledConnection> Pool::open_in_place() {
    try {
        return open();
    } catch (...) {
        const std::lock_guard lock(mutex_);
        free_place();
        throw;
    }
}

std::unique_ptr<PooledConnection> Pool::open() {
    const EngineOptions& options = engine_.options_;
    auto driver = engine_.dialect_->connect(
        engine_.url_, ConnectOptions{options.connect_timeout, options.busy_timeout, options.log});
    initialize_dialect(*driver);
    auto link = std::make_unique<PooledConnection>(std::move(driver), options.statement_cache_size);
    engine_.opened_.fetch_add(1, std::memory_order_relaxed);
    const std::lock_guard lock(mutex_);
    idle_.reserve(open_count_); // giving back must not need memory
    open_links_.push_back(link.get());
    return link;
}

void Pool::initialize_dialect(DriverConnection& driver) {
    if (initialized()) return;
    const std::lock_guard lock(initialize_mutex_);
    if (initialized()) return;
    engine_.dialect_->initialize(driver);
    initialized_.store(true, std::memory_order_release);
}

namespace {

// As new, or not worth keeping.
bool made_as_new(PooledConnection& link) noexcept {
    try {
        if (link.is_broken()) return false;
        link.driver().reset();
        link.end_transaction();
        return !link.is_broken() && !link.driver().in_transaction();
    } catch (...) {
        return false;
    }
}

} // namespace

void Pool::give_back(std::unique_ptr<PooledConnection> connection) noexcept {
    if (connection->inherited())
        return; // the parent's: its destructor leaves it alone, and our count never had it
    if (!made_as_new(*connection)) {
        close(std::move(connection));
        return;
    }
    const std::lock_guard lock(mutex_);
    if (waiters_.empty()) {
        idle_.push_back(std::move(connection));
        return;
    }
    Waiter& next = *waiters_.front();
    waiters_.pop_front();
    next.link = std::move(connection);
    next.wake.notify_one(); // under the lock: afterwards the waiter may be gone
}

void Pool::close(std::unique_ptr<PooledConnection> connection) noexcept {
    {
        const std::lock_guard lock(mutex_);
        std::erase(open_links_, connection.get());
        engine_.executed_.fetch_add(connection->executed(), std::memory_order_relaxed);
        engine_.prepared_.fetch_add(connection->prepared(), std::memory_order_relaxed);
    }
    connection.reset(); // may talk to the server, so outside of the lock; its place is free only
                        // afterwards
    const std::lock_guard lock(mutex_);
    free_place();
}

void Pool::free_place() noexcept {
    if (waiters_.empty()) {
        --open_count_;
        return;
    }
    Waiter& next = *waiters_.front(); // it inherits the place
    waiters_.pop_front();
    next.may_open = true;
    next.wake.notify_one();
}

// After fork() the child starts with an empty pool; see PooledConnection's destructor.
void Pool::forget_parents_links() noexcept {
    const auto now = fork_generation.load(std::memory_order_relaxed);
    if (generation_ == now) return;
    generation_ = now;
    idle_.clear();
    open_links_.clear();
    waiters_.clear();
    open_count_ = 0;
}

std::size_t Pool::idle() const {
    const std::lock_guard lock(mutex_);
    return idle_.size();
}

std::size_t Pool::in_use() const {
    const std::lock_guard lock(mutex_);
    return open_count_ - idle_.size();
}

std::size_t Pool::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiters_.size();
}

void Pool::count(EngineStatistics& statistics) const {
    const std::lock_guard lock(mutex_);
    statistics.statements_executed = engine_.executed_.load(std::memory_order_relaxed);
    statistics.statements_prepared = engine_.prepared_.load(std::memory_order_relaxed);
    statistics.connections_opened = engine_.opened_.load(std::memory_order_relaxed);
    for (const PooledConnection* link : open_links_) {
        statistics.statements_executed += link->executed();
        statistics.statements_prepared += link->prepared();
    }
}

} // namespace mercator
