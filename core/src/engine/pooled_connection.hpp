// SPDX-License-Identifier: MIT
#pragma once

#include "fork_generation.hpp"
#include "statement_cache.hpp"

#include <mercator/ast/cache_key.hpp>
#include <mercator/dialect/driver.hpp>
#include <mercator/support/code_place.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/log.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace mercator {

/// What the pool keeps: a driver's link, the statements prepared on it, and what is known about its
/// transaction. One thread at a time, except the counters.
class PooledConnection {
public:
    /// Marks the link as busy for one call, so that a second thread is told instead of corrupting
    /// the driver. A plain load and store instead of an exchange: it may miss a collision of
    /// nanoseconds, and costs nothing.
    class Use {
    public:
        explicit Use(PooledConnection& link) : link_(link) {
            if (link.busy_.load(std::memory_order_relaxed)) refuse_second_user();
            link.busy_.store(true, std::memory_order_relaxed);
        }
        Use(const Use&) = delete;
        Use& operator=(const Use&) = delete;
        ~Use() { link_.busy_.store(false, std::memory_order_relaxed); }

    private:
        PooledConnection& link_;
    };

    /// With `row_log`, the first rows of each result are written there.
    PooledConnection(std::unique_ptr<DriverConnection> driver, std::size_t statement_cache_size,
                     std::shared_ptr<LogSink> row_log = {});
    PooledConnection(const PooledConnection&) = delete;
    PooledConnection& operator=(const PooledConnection&) = delete;
    ~PooledConnection();

    [[nodiscard]] DriverConnection& driver() noexcept { return *driver_; }
    [[nodiscard]] const DriverConnection& driver() const noexcept { return *driver_; }

    /// A prepared statement for the compiled form, marked as in use.
    [[nodiscard]] CachedStatement& borrow(const std::shared_ptr<const Compiled>& compiled) {
        CachedStatement* found = statements_.find(compiled.get());
        if (found != nullptr && !found->in_use) {
            found->in_use = true;
            return *found;
        }
        return prepare(compiled, found == nullptr);
    }
    void give_back(CachedStatement& entry) noexcept {
        entry.statement->reset();
        entry.in_use = false;
        if (!entry.cached) drop_temporary(entry);
    }
    /// Takes a statement that is in use out of the cache; it ends when it is given back.
    void forget(CachedStatement& entry);
    [[nodiscard]] std::size_t prepared_statements() const noexcept { return statements_.size(); }

    /// Throws when statements can no longer run here.
    void require_usable() const {
        if (unusable_ || inherited()) refuse();
    }
    [[nodiscard]] bool is_broken() const noexcept { return broken_ || driver_->is_broken(); }
    [[nodiscard]] bool inherited() const noexcept {
        return generation_ != fork_generation.load(std::memory_order_relaxed);
    }
    void mark_broken() noexcept { broken_ = unusable_ = true; }
    /// As far as the program can tell, the server is gone.
    void mark_lost() noexcept {
        lost_ = true;
        mark_broken();
    }
    /// The same without asking the driver, as far as it is known here.
    [[nodiscard]] bool is_known_broken() const noexcept { return broken_; }
    /// Broken by the server, the file or the wire, not given up by its user.
    [[nodiscard]] bool is_lost() const noexcept { return lost_ || driver_->is_broken(); }
    /// Draws the conclusions from a failure.
    void note(const DatabaseError& error) noexcept;

    // the transaction
    [[nodiscard]] bool began() const noexcept { return began_; }
    [[nodiscard]] bool aborted() const noexcept { return aborted_; }
    void begin(TransactionMode mode, Isolation isolation);
    /// Forgets the transaction, which is over.
    void end_transaction() noexcept;
    /// A savepoint has undone what had doomed the transaction.
    void revive() noexcept;
    /// Something ran that a new beginning would lose.
    void count_statement() noexcept { ++transaction_statements_; }
    /// True when nothing is lost by running a statement again that failed before it had any effect.
    [[nodiscard]] bool may_run_again(const Compiled& compiled, std::size_t rows) const;
    void restart_transaction();

    void count_execution() noexcept {
        executed_.store(executed_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t executed() const noexcept {
        return executed_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t prepared() const noexcept {
        return prepared_.load(std::memory_order_relaxed);
    }

    /// What the pool notes down about the link; it alone touches it.
    struct Record {
        std::chrono::steady_clock::time_point opened;
        std::chrono::steady_clock::time_point last_used;
        std::chrono::milliseconds lifetime{0}; ///< 0: without end
        std::uint64_t era = 0;
        std::shared_ptr<const std::atomic<bool>> pool_is_there;
        // under the pool's mutex, because others look for leases that last too long
        bool leased = false;
        bool warned = false;
        std::chrono::steady_clock::time_point lease_begin;
        CodePlace lease_place;
    };
    Record record;

    /// Scratch of dynamic statements, kept so that they allocate once.
    ast::CacheKey key;
    std::vector<Value> values;

private:
    CachedStatement& prepare(const std::shared_ptr<const Compiled>& compiled, bool keep);
    void drop_temporary(CachedStatement& entry) noexcept;
    [[noreturn]] static void refuse_second_user();
    [[noreturn]] void refuse() const;

    std::unique_ptr<DriverConnection> driver_; // first: it outlives its statements
    StatementCache statements_;
    std::vector<std::unique_ptr<CachedStatement>> temporary_;
    std::shared_ptr<LogSink> row_log_;
    std::uint32_t generation_;
    std::atomic<bool> busy_{false};
    bool unusable_ = false; // broken or aborted: one test on the hot path
    bool broken_ = false;
    bool lost_ = false;
    bool aborted_ = false; // the database ended or doomed the transaction
    bool began_ = false;
    TransactionMode mode_ = TransactionMode::Read;
    Isolation isolation_ = Isolation::Default;
    std::uint64_t transaction_statements_ = 0;
    std::atomic<std::uint64_t> executed_{0}; // written by the user's thread, read by statistics
    std::atomic<std::uint64_t> prepared_{0};
};

} // namespace mercator
