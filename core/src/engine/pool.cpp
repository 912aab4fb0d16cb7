// SPDX-License-Identifier: MIT
#include <mercator/engine/pool.hpp>

#include "fork_generation.hpp"
#include "pooled_connection.hpp"

#include <mercator/engine/engine.hpp>
#include <mercator/engine/engine_events.hpp>
#include <mercator/engine/pool_timeout.hpp>
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
    is_there_(std::make_shared<std::atomic<bool>>(true)),
    generation_(fork_generation.load(std::memory_order_relaxed)) {
    watch_forks();
}

Pool::~Pool() {
    const std::lock_guard lock(mutex_);
    forget_parents_links();
    is_there_->store(false, std::memory_order_relaxed);
    const auto is_idle = [this](const PooledConnection* link) {
        return std::any_of(idle_.begin(), idle_.end(),
                           [link](const auto& idle) { return idle.get() == link; });
    };
    for (PooledConnection* link : open_links_)
        if (!is_idle(link)) link->mark_broken();
}

namespace {

// Links made together end one after the other.
std::chrono::milliseconds jittered(std::chrono::milliseconds lifetime, std::uint64_t number) {
    return lifetime - lifetime * static_cast<std::int64_t>(number * 7 % 11) / 100;
}

bool is_of_this_process(std::uint32_t generation) {
    return generation == fork_generation.load(std::memory_order_relaxed);
}

std::string place_text(const CodePlace& place) {
    if (place.line == 0) return "by a session or a Database";
    return fmt::format("at {}:{}", place.file, place.line);
}

} // namespace

std::unique_ptr<PooledConnection> Pool::take(CodePlace where) {
    const Time now = std::chrono::steady_clock::now();
    const EngineOptions& options = engine_.options_;
    if (options.lease_warning.count() > 0) warn_of_long_leases(now);
    bool fresh = false;
    auto link = obtain(now + options.pool_timeout, fresh);
    if (!fresh && !is_fit(*link, now)) {
        bury(std::move(link)); // its place in the pool stays ours
        link = open_in_place();
    }
    if (options.lease_warning.count() > 0) // which begins after the wait
        begin_lease(*link, std::chrono::steady_clock::now(), where);
    return link;
}

std::unique_ptr<PooledConnection> Pool::obtain(Time deadline, bool& fresh) {
    std::unique_lock lock(mutex_);
    forget_parents_links();
    ++checkouts_;
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
    fresh = true;
    return open_in_place();
}

bool Pool::is_outdated(const PooledConnection& link, Time now) const {
    const auto& record = link.record;
    return record.era != era_.load(std::memory_order_relaxed) ||
           (record.lifetime.count() > 0 && now - record.opened >= record.lifetime);
}

bool Pool::is_fit(PooledConnection& link, Time now) {
    if (is_outdated(link, now)) return false; // a broken one never comes back
    const EngineOptions& options = engine_.options_;
    if (!options.pre_ping || now - link.record.last_used < options.ping_window) return true;
    return answers(link);
}

bool Pool::answers(PooledConnection& link) noexcept {
    try {
        link.driver().ping();
        if (!link.is_broken()) return true;
    } catch (...) { // whatever it is, the link is of no use
    }
    link.mark_broken();
    note_loss(link);
    tell_invalidated(true);
    return false;
}

// One lost link is seldom alone: the server has restarted. The first to notice ends the era, so
// that the rest is replaced without an error for each.
void Pool::note_loss(const PooledConnection& link) noexcept {
    auto era = link.record.era;
    era_.compare_exchange_strong(era, era + 1, std::memory_order_relaxed);
}

void Pool::begin_lease(PooledConnection& link, Time now, CodePlace where) {
    const std::lock_guard lock(mutex_);
    link.record.leased = true;
    link.record.warned = false;
    link.record.lease_begin = now;
    link.record.lease_place = where;
}

void Pool::warn_of_long_leases(Time now) noexcept {
    try {
        std::vector<std::string> lines;
        {
            const std::lock_guard lock(mutex_);
            for (PooledConnection* link : open_links_) {
                auto& record = link->record;
                const auto held =
                    std::chrono::duration_cast<std::chrono::milliseconds>(now - record.lease_begin);
                if (!record.leased || record.warned || held < engine_.options_.lease_warning)
                    continue;
                record.warned = true;
                lines.push_back(fmt::format("a connection has been in use for {} ms; it was taken "
                                            "{}",
                                            held.count(), place_text(record.lease_place)));
            }
        }
        for (const std::string& line : lines) engine_.log_->write(LogLevel::Warning, line);
    } catch (...) { // a warning is not worth a failure
    }
}

// Returns a link, or nullptr when the caller was given the right to open one.
std::unique_ptr<PooledConnection> Pool::wait(std::unique_lock<std::mutex>& lock, Time deadline) {
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

void Pool::throw_timeout() {
    --checkouts_;
    ++timeouts_;
    const std::size_t in_use = open_count_ - idle_.size();
    DatabaseErrorInfo info;
    info.code = ErrorCode::Timeout;
    info.message = fmt::format(
        "no connection became free within {} ms: the pool may open {}, and {} are in use; "
        "give connections back sooner, or raise pool_size or pool_timeout",
        engine_.options_.pool_timeout.count(), limit_, in_use);
    throw PoolTimeout(std::move(info), limit_, in_use);
}

std::unique_ptr<PooledConnection> Pool::open_in_place() {
    std::unique_ptr<PooledConnection> link;
    try {
        link = open();
    } catch (...) {
        const std::lock_guard lock(mutex_);
        --checkouts_;
        free_place();
        throw;
    }
    greet(link);
    return link;
}

// The application's own preparation of a new link. What fails here is closed, not kept half ready.
void Pool::greet(std::unique_ptr<PooledConnection>& link) {
    const bool listens = engine_.observed() && engine_.listens_to(EngineEvent::Connect);
    if (!engine_.options_.on_connect && !listens) return;
    Connection connection(engine_, std::move(link));
    try {
        if (engine_.options_.on_connect) engine_.options_.on_connect(connection);
        if (listens) engine_.tell(EngineEvent::Connect, &connection);
        if (connection.link().driver().in_transaction()) {
            throw StateError("on_connect has left a transaction open: commit it there");
        }
    } catch (...) {
        if (connection.link_ != nullptr) close(std::move(connection.link_));
        throw;
    }
    link = std::move(connection.link_);
    link->driver().accept_session();
}

std::unique_ptr<PooledConnection> Pool::open() {
    const EngineOptions& options = engine_.options_;
    const ConnectOptions connect{options.connect_timeout, options.busy_timeout,
                                 options.ping_timeout, engine_.log_};
    const std::uint64_t era = era_.load(std::memory_order_relaxed); // of the server met now
    auto driver = options.creator ? options.creator(*engine_.dialect_, engine_.url_, connect)
                                  : engine_.dialect_->connect(engine_.url_, connect);
    if (driver == nullptr) throw StateError("the creator of connections returned none");
    initialize_dialect(*driver);
    auto link = std::make_unique<PooledConnection>(
        std::move(driver), options.statement_cache_size,
        options.echo == Echo::Rows && !options.hide_parameters ? engine_.log_ : nullptr);
    const auto number = engine_.opened_.fetch_add(1, std::memory_order_relaxed);
    link->record.pool_is_there = is_there_;
    link->record.era = era;
    link->record.opened = std::chrono::steady_clock::now();
    link->record.lifetime = jittered(options.max_lifetime, number);
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

// As new, or not worth keeping.
bool Pool::made_as_new(PooledConnection& link) noexcept {
    try {
        if (link.is_broken()) return false;
        DriverConnection& driver = link.driver();
        // What on_connect has set up would be gone with the rest.
        const bool prepared = engine_.options_.on_connect ||
                              (engine_.observed() && engine_.listens_to(EngineEvent::Connect));
        if (prepared && driver.session_changed()) return false;
        const bool open = engine_.observed() && driver.in_transaction();
        const auto start = open ? std::chrono::steady_clock::now() : Time();
        driver.reset();
        if (open)
            engine_.tell_control(TransactionCommand::Rollback, {},
                                 std::chrono::steady_clock::now() - start, false);
        link.end_transaction();
        if (driver.session_changed()) return false; // the reset could not undo it
        return !driver.in_transaction();
    } catch (...) {
        return false;
    }
}

// A listener that throws does not want it to be kept.
bool Pool::told_of_reset(std::unique_ptr<PooledConnection>& link) noexcept {
    if (!engine_.listens_to(EngineEvent::Reset)) return true;
    Connection connection(engine_, std::move(link));
    bool is_fit = true;
    try {
        engine_.tell(EngineEvent::Reset, &connection);
        is_fit = !connection.in_transaction();
    } catch (...) {
        is_fit = false;
    }
    link = std::move(connection.link_);
    return is_fit;
}

void Pool::tell_invalidated(bool lost) const noexcept {
    if (!engine_.observed()) return;
    Invalidation event{lost};
    engine_.tell_quietly(EngineEvent::Invalidate, &event);
}

void Pool::give_back(std::unique_ptr<PooledConnection> connection) noexcept {
    if (connection->inherited()) {
        // The parent's: its destructor leaves it alone, and nothing of ours may know it any more.
        const std::lock_guard lock(mutex_);
        forget_parents_links();
        return;
    }
    const EngineOptions& options = engine_.options_;
    if (options.lease_warning.count() > 0) {
        warn_of_long_leases(std::chrono::steady_clock::now());
        const std::lock_guard lock(mutex_);
        connection->record.leased = false;
    }
    if (!made_as_new(*connection) || (engine_.observed() && !told_of_reset(connection))) {
        if (connection->is_lost()) note_loss(*connection);
        tell_invalidated(connection->is_lost());
        close(std::move(connection));
        return;
    }
    if (options.pre_ping) connection->record.last_used = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    if (waiters_.empty() && idle_.size() >= options.pool_max_idle) {
        lock.unlock();
        close(std::move(connection));
        return;
    }
    if (waiters_.empty()) {
        idle_.push_back(std::move(connection));
        return;
    }
    Waiter& next = *waiters_.front();
    waiters_.pop_front();
    next.link = std::move(connection);
    next.wake.notify_one(); // under the lock: afterwards the waiter may be gone
}

void Pool::bury(std::unique_ptr<PooledConnection> connection) noexcept {
    {
        const std::lock_guard lock(mutex_);
        std::erase(open_links_, connection.get());
        engine_.executed_.fetch_add(connection->executed(), std::memory_order_relaxed);
        engine_.prepared_.fetch_add(connection->prepared(), std::memory_order_relaxed);
    }
    engine_.closed_.fetch_add(1, std::memory_order_relaxed);
    connection.reset(); // may talk to the server, so outside of the lock
}

void Pool::close(std::unique_ptr<PooledConnection> connection) noexcept {
    bury(std::move(connection)); // its place is free only afterwards
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
    if (is_of_this_process(generation_)) return;
    generation_ = fork_generation.load(std::memory_order_relaxed);
    idle_.clear();
    open_links_.clear();
    waiters_.clear();
    open_count_ = 0;
}

std::size_t Pool::idle() const {
    const std::lock_guard lock(mutex_);
    return is_of_this_process(generation_) ? idle_.size() : 0;
}

std::size_t Pool::in_use() const {
    const std::lock_guard lock(mutex_);
    return is_of_this_process(generation_) ? open_count_ - idle_.size() : 0;
}

std::size_t Pool::waiting() const {
    const std::lock_guard lock(mutex_);
    return is_of_this_process(generation_) ? waiters_.size() : 0;
}

void Pool::count(EngineStatistics& statistics) const {
    const std::lock_guard lock(mutex_);
    statistics.statements_executed = engine_.executed_.load(std::memory_order_relaxed);
    statistics.statements_prepared = engine_.prepared_.load(std::memory_order_relaxed);
    statistics.connections_opened = engine_.opened_.load(std::memory_order_relaxed);
    statistics.connections_closed = engine_.closed_.load(std::memory_order_relaxed);
    statistics.checkouts = checkouts_;
    statistics.pool_timeouts = timeouts_;
    if (!is_of_this_process(generation_)) return;
    statistics.idle = idle_.size();
    statistics.in_use = open_count_ - idle_.size();
    statistics.waiting = waiters_.size();
    for (const PooledConnection* link : open_links_) {
        statistics.statements_executed += link->executed();
        statistics.statements_prepared += link->prepared();
    }
}

} // namespace mercator
