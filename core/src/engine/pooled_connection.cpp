// SPDX-License-Identifier: MIT
#include "pooled_connection.hpp"

#include "row_log.hpp"
#include "statement_on_dialect.hpp"

#include <algorithm>
#include <utility>

namespace mercator {

PooledConnection::PooledConnection(std::unique_ptr<DriverConnection> driver,
                                   std::size_t statement_cache_size,
                                   std::shared_ptr<LogSink> row_log) :
    driver_(std::move(driver)),
    statements_(statement_cache_size),
    row_log_(std::move(row_log)),
    generation_(fork_generation.load(std::memory_order_relaxed)) {}

PooledConnection::~PooledConnection() {
    if (inherited()) {
        // Leaked on purpose: closing would say goodbye on the parent's socket, or drop the parent's
        // locks on the file, while the parent goes on using them.
        statements_.leak();
        for (auto& entry : temporary_) static_cast<void>(entry.release());
        static_cast<void>(driver_.release());
    }
}

CachedStatement& PooledConnection::prepare(const std::shared_ptr<const Compiled>& compiled,
                                           bool keep) {
    // Room first: the server never holds more than the limit, not even for a moment.
    keep = keep && compiled->cacheable && statements_.make_room();
    if (!keep) temporary_.reserve(temporary_.size() + 1);
    auto entry = std::make_unique<CachedStatement>();
    entry->compiled = compiled;
    entry->statement = driver_->prepare(compiled);
    entry->native = entry->statement.get();
    if (compiled->dialect != nullptr)
        entry->statement = statement_on_dialect(std::move(entry->statement), *compiled->dialect);
    if (row_log_ != nullptr)
        entry->statement = log_rows(std::move(entry->statement), compiled, row_log_);
    prepared_.fetch_add(1, std::memory_order_relaxed);
    CachedStatement& result = *entry;
    if (keep) {
        statements_.add(std::move(entry));
    } else {
        temporary_.push_back(std::move(entry));
    }
    return result;
}

void PooledConnection::forget(CachedStatement& entry) {
    if (!entry.cached) return;
    temporary_.reserve(temporary_.size() + 1);
    temporary_.push_back(statements_.remove(entry));
}

void PooledConnection::drop_temporary(CachedStatement& entry) noexcept {
    const auto found = std::find_if(temporary_.begin(), temporary_.end(),
                                    [&entry](const auto& owned) { return owned.get() == &entry; });
    if (found == temporary_.end()) return;
    std::swap(*found, temporary_.back());
    temporary_.pop_back();
}

void PooledConnection::note(const DatabaseError& error) noexcept {
    if (error.connection_lost() || driver_->is_broken()) {
        lost_ = true;
        mark_broken();
    }
    if (began_ && error.transaction_aborted()) aborted_ = unusable_ = true;
}

void PooledConnection::begin(TransactionMode mode, Isolation isolation) {
    if (isolation == Isolation::Default) {
        driver_->begin(mode);
    } else {
        driver_->begin_isolated(mode, isolation);
    }
    began_ = true;
    mode_ = mode;
    isolation_ = isolation;
    transaction_statements_ = 0;
}

void PooledConnection::end_transaction() noexcept {
    began_ = false;
    revive();
}

void PooledConnection::revive() noexcept {
    aborted_ = false;
    unusable_ = broken_;
}

bool PooledConnection::may_run_again(const Compiled& compiled, std::size_t rows) const {
    if (broken_) return false;
    if (began_) return transaction_statements_ == 1; // the failed one
    // Without a transaction, rows before the failing one are stored already.
    const bool undivided = rows <= 1 || compiled.form != ast::BatchForm::Single;
    return undivided && !driver_->in_transaction();
}

void PooledConnection::restart_transaction() {
    if (!began_) return;
    end_transaction();
    try {
        if (driver_->in_transaction()) driver_->rollback();
        begin(mode_, isolation_);
    } catch (...) {
        mark_broken();
        throw;
    }
}

void PooledConnection::refuse_second_user() {
    throw StateError(
        "this connection is in use by another call at this moment: a connection and its session "
        "belong "
        "to one thread at a time; give every thread its own, and do not use it inside a listener");
}

void PooledConnection::refuse() const {
    if (inherited()) {
        throw StateError("this connection was opened by the parent process before fork(): connect "
                         "anew in the child");
    }
    if (broken_) {
        throw StateError(
            "this connection is closed, because its link to the database was lost or given up: "
            "take a new one from the engine");
    }
    throw StateError("the database has ended this transaction after an earlier error: roll back, "
                     "then start again");
}

} // namespace mercator
