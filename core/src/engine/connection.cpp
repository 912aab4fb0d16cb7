// SPDX-License-Identifier: MIT
#include <mercator/engine/connection.hpp>

#include "pooled_connection.hpp"

#include <mercator/engine/engine.hpp>
#include <mercator/engine/engine_events.hpp>
#include <mercator/engine/pool.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace mercator {

StatementLease::StatementLease(PooledConnection& owner, CachedStatement& entry) noexcept :
    owner_(&owner),
    entry_(&entry),
    statement_(entry.statement.get()) {}

StatementLease::StatementLease(StatementLease&& other) noexcept :
    owner_(std::exchange(other.owner_, nullptr)),
    entry_(std::exchange(other.entry_, nullptr)),
    statement_(std::exchange(other.statement_, nullptr)) {}

StatementLease& StatementLease::operator=(StatementLease&& other) noexcept {
    if (this != &other) {
        give_back();
        owner_ = std::exchange(other.owner_, nullptr);
        entry_ = std::exchange(other.entry_, nullptr);
        statement_ = std::exchange(other.statement_, nullptr);
    }
    return *this;
}

StatementLease::~StatementLease() {
    give_back();
}

void StatementLease::give_back() noexcept {
    if (entry_ == nullptr || owner_->inherited()) return;
    owner_->give_back(*entry_);
    entry_ = nullptr;
    statement_ = nullptr;
}

Connection::Connection(Engine& engine, std::unique_ptr<PooledConnection> link) noexcept :
    engine_(&engine),
    link_(std::move(link)) {}

Connection::Connection(Connection&& other) noexcept = default;

Connection& Connection::operator=(Connection&& other) noexcept {
    if (this != &other) {
        give_back();
        engine_ = other.engine_;
        link_ = std::move(other.link_);
    }
    return *this;
}

Connection::~Connection() {
    give_back();
}

void Connection::give_back() noexcept {
    if (link_ == nullptr) return;
    link_->key.schemas = nullptr;
    if (link_->record.pool_is_there->load(std::memory_order_relaxed) && engine_->observed())
        tell_checkin();
    if (link_->record.pool_is_there->load(std::memory_order_relaxed)) {
        engine_->pool_->give_back(std::move(link_));
    } else {
        link_.reset(); // the engine is gone, and its pool with it
    }
}

void Connection::tell_checkin() noexcept {
    if (!engine_->listens_to(EngineEvent::Checkin) || link_->inherited() ||
        link_->is_known_broken())
        return;
    try {
        engine_->tell(EngineEvent::Checkin, this);
    } catch (const std::exception& error) {
        engine_->warn_of_listener(error.what());
        invalidate();
    } catch (...) {
        invalidate();
    }
}

PooledConnection& Connection::link() const {
    if (link_ == nullptr)
        throw StateError("this connection was moved from: use the object it was moved to");
    return *link_;
}

PooledConnection& Connection::usable() const {
    PooledConnection& result = link();
    result.require_usable();
    return result;
}

template <class Action>
void Connection::noting_failures(PooledConnection& link, Action&& action) {
    try {
        action();
    } catch (const DatabaseError& error) {
        link.note(error);
        throw;
    }
}

// One round: prepare if needed, run. An empty lease means that the statement was out of date and
// may run again.
template <class Run>
StatementLease Connection::attempt(PooledConnection& link,
                                   const std::shared_ptr<const Compiled>& compiled,
                                   Run&& execute_on, std::size_t rows, bool last) {
    StatementLease lease;
    try {
        lease = StatementLease(link, link.borrow(compiled));
        link.count_statement();
        execute_on(*lease);
        link.count_execution();
    } catch (const DatabaseError& error) {
        link.note(error);
        if (error.code() != ErrorCode::StatementInvalidated || lease.entry_ == nullptr) throw;
        link.forget(*lease.entry_);
        if (last || !link.may_run_again(*compiled, rows)) throw;
        return {};
    }
    return lease;
}

template <class Run, class Describe>
StatementLease Connection::run(const std::shared_ptr<const Compiled>& compiled, Run&& execute_on,
                               std::size_t rows, Describe&& describe) {
    PooledConnection& link = usable();
    const PooledConnection::Use use(link);
    const auto round = [&](bool last) { return attempt(link, compiled, execute_on, rows, last); };
    const auto rounds = [&] {
        StatementLease lease = round(false);
        if (lease.entry_ == nullptr) {
            link.restart_transaction();
            lease = round(true);
        }
        return lease;
    };
    if (!engine_->observed()) return rounds();
    StatementEvent event{compiled->sql, {}, rows};
    event.compiled = compiled.get();
    describe(event);
    return observe(event, rounds);
}

template <class Action>
auto Connection::observe(StatementEvent event, Action&& action) {
    const auto start = std::chrono::steady_clock::now();
    const auto tell = [&] {
        event.duration = std::chrono::steady_clock::now() - start;
        engine_->tell(event);
    };
    auto result = [&] {
        try {
            return action();
        } catch (const DatabaseError& error) {
            event.failed = true;
            tell();
            engine_->raise(error, event.sql, this);
            throw;
        } catch (...) {
            event.failed = true;
            tell();
            throw;
        }
    }();
    tell();
    return result;
}

// BEGIN and its kin are told to the log only.
template <class Action>
void Connection::told(TransactionCommand command, Action&& action, std::string_view name) {
    if (link_ == nullptr || link_->is_known_broken())
        return action(); // it refuses; the engine may be gone
    if (!engine_->observed()) return action();
    const auto start = std::chrono::steady_clock::now();
    const auto tell = [&](bool failed) {
        engine_->tell_control(command, name, std::chrono::steady_clock::now() - start, failed);
    };
    try {
        action();
    } catch (...) {
        tell(true);
        throw;
    }
    tell(false);
}

StatementLease Connection::execute(const std::shared_ptr<const Compiled>& compiled,
                                   std::span<const Value> values) {
    static_cast<void>(usable()); // an engine that has ended cannot be asked
    if (engine_->observed()) [[unlikely]]
        return execute_rewritten(compiled, values);
    return run_values(compiled, values);
}

StatementLease Connection::run_values(const std::shared_ptr<const Compiled>& compiled,
                                      std::span<const Value> values) {
    return run(
        compiled, [values](DriverStatement& statement) { statement.execute(values); }, 1,
        [&](StatementEvent& event) { event.parameters = values; });
}

namespace {

/// The same statement with another text, which is prepared for this once.
std::shared_ptr<const Compiled> with_text(const Compiled& compiled, std::string sql) {
    auto changed = std::make_shared<Compiled>(compiled);
    changed->sql = std::move(sql);
    changed->cacheable = false;
    return changed;
}

} // namespace

StatementLease Connection::execute_rewritten(const std::shared_ptr<const Compiled>& compiled,
                                             std::span<const Value> values) {
    if (!engine_->listens_to(EngineEvent::BeforeExecute)) return run_values(compiled, values);
    StatementDraft draft{*this, compiled->sql, {values.begin(), values.end()}, 1, compiled.get()};
    engine_->tell(EngineEvent::BeforeExecute, &draft);
    if (draft.sql == compiled->sql) return run_values(compiled, draft.parameters);
    return run_values(with_text(*compiled, std::move(draft.sql)), draft.parameters);
}

StatementLease Connection::execute(const std::shared_ptr<const Compiled>& given,
                                   const BindPlan& plan, std::span<const std::byte* const> rows) {
    auto compiled = given;
    static_cast<void>(usable());
    if (engine_->observed() && engine_->listens_to(EngineEvent::BeforeExecute)) [[unlikely]] {
        StatementDraft draft{*this, compiled->sql, {}, rows.size(), compiled.get()};
        engine_->tell(EngineEvent::BeforeExecute, &draft);
        if (draft.sql != compiled->sql) compiled = with_text(*compiled, std::move(draft.sql));
    }
    return run(
        compiled, [&plan, rows](DriverStatement& statement) { statement.execute(plan, rows); },
        rows.size(),
        [&](StatementEvent& event) {
            event.plan = &plan;
            event.objects = rows;
        });
}

namespace {

ValueRows read_all(DriverStatement& statement) {
    ValueRows rows;
    std::vector<Value> row;
    while (statement.fetch(row)) rows.push_back(std::move(row));
    return rows;
}

} // namespace

StatementLease Connection::compile_and_run(const ast::Statement& statement) {
    PooledConnection& link = usable();
    const auto compiled = engine_->compile(statement, link.key);
    gather_binds(*compiled, link.key, link.values);
    return execute(compiled, link.values);
}

ValueRows Connection::fetch_all(const ast::Statement& statement) {
    ValueRows rows;
    const StatementLease lease = compile_and_run(statement);
    noting_failures(*link_, [&] { rows = read_all(*lease); });
    return rows;
}

ValueRows Connection::fetch_all(std::string_view sql) {
    return execute_text(sql).rows;
}

TextResult Connection::execute_text(std::string_view sql) {
    const auto compiled = std::make_shared<Compiled>();
    compiled->sql = sql;
    compiled->cacheable = false;
    TextResult result;
    const StatementLease lease = execute(compiled, std::span<const Value>());
    noting_failures(*link_, [&] {
        result.columns = lease->column_names();
        result.rows = read_all(*lease);
        result.affected = result.columns.empty() ? lease->affected_rows() : 0;
    });
    return result;
}

std::uint64_t Connection::execute(const ast::Statement& statement) {
    const StatementLease lease = compile_and_run(statement);
    return lease->affected_rows();
}

void Connection::translate_schemas(const ast::SchemaTranslation* schemas) noexcept {
    if (link_ != nullptr) link_->key.schemas = schemas;
}

void Connection::execute_script(std::string_view given) {
    std::string changed;
    std::string_view sql = given;
    static_cast<void>(usable());
    if (engine_->observed() && engine_->listens_to(EngineEvent::BeforeExecute)) [[unlikely]] {
        StatementDraft draft{*this, std::string(given), {}};
        engine_->tell(EngineEvent::BeforeExecute, &draft);
        changed = std::move(draft.sql);
        sql = changed;
    }
    PooledConnection& link = usable();
    const PooledConnection::Use use(link);
    link.count_statement();
    const auto action = [&] {
        noting_failures(link, [&] { link.driver().execute_script(sql); });
        link.count_execution();
        return true;
    };
    if (engine_->observed()) {
        observe(StatementEvent{sql}, action);
    } else {
        action();
    }
}

namespace {

bool has(const Capabilities& can, Isolation isolation) {
    switch (isolation) {
    case Isolation::ReadUncommitted:
        return can.read_uncommitted;
    case Isolation::ReadCommitted:
        return can.read_committed;
    case Isolation::RepeatableRead:
        return can.repeatable_read;
    case Isolation::Serializable:
        return can.serializable;
    case Isolation::Default:
        break;
    }
    return true;
}

void require(const Capabilities& can, Isolation isolation) {
    if (has(can, isolation)) return;
    std::string others;
    for (const Isolation other : {Isolation::ReadUncommitted, Isolation::ReadCommitted,
                                  Isolation::RepeatableRead, Isolation::Serializable}) {
        if (has(can, other)) others.append(others.empty() ? "" : ", ").append(words_of(other));
    }
    throw UnsupportedError(fmt::format(
        "{} has no transactions with the isolation level {}; {}", can.product, words_of(isolation),
        others.empty() ? "leave it at Isolation::Default" : "it has " + others));
}

} // namespace

void Connection::begin(TransactionMode mode, Isolation isolation) {
    static_cast<void>(usable());
    if (isolation == Isolation::Default) isolation = engine_->options_.isolation;
    if (isolation != Isolation::Default) require(engine_->dialect_->capabilities(), isolation);
    PooledConnection& link = usable();
    const PooledConnection::Use use(link);
    if (link.began())
        throw StateError(
            "a transaction is already open on this connection: end it first, or use a savepoint");
    try {
        told(TransactionCommand::Begin,
             [&] { noting_failures(link, [&] { link.begin(mode, isolation); }); });
    } catch (const DatabaseError& error) {
        if (engine_->observed()) engine_->raise(error, {}, this);
        throw;
    }
}

void Connection::commit() {
    PooledConnection& link = this->link();
    if (link.aborted() && !link.is_broken() && !link.inherited()) {
        rollback();
        throw StateError(
            "nothing was committed: the database had ended the transaction after an earlier error");
    }
    link.require_usable();
    const PooledConnection::Use use(link);
    if (!link.began() && !link.driver().in_transaction())
        throw StateError("there is no transaction to commit");
    try {
        told(TransactionCommand::Commit, [&] { link.driver().commit(); });
    } catch (const DatabaseError& error) {
        link.note(error);
        // A refused commit may leave the transaction open (a busy file): then it can be tried again
        // or rolled back.
        if (link.is_broken() || !link.driver().in_transaction()) link.end_transaction();
        if (engine_->observed()) engine_->raise(error, {}, this);
        throw;
    }
    link.end_transaction();
}

void Connection::rollback() {
    PooledConnection& link = this->link();
    if (link.inherited()) link.require_usable();
    const PooledConnection::Use use(link);
    link.end_transaction();
    if (link.is_broken()) return; // the database rolls back by itself when the link ends
    try {
        if (link.driver().in_transaction())
            told(TransactionCommand::Rollback, [&] { link.driver().rollback(); });
    } catch (const DatabaseError& error) {
        link.mark_broken();
        engine_->log_->write(
            LogLevel::Warning,
            fmt::format("rollback failed, the connection will be closed: {}", error.what()));
    }
}

template <class Action>
void Connection::mark(Action&& action) {
    PooledConnection& link = usable();
    const PooledConnection::Use use(link);
    link.count_statement();
    noting_failures(link, [&] { action(link.driver()); });
}

void Connection::savepoint(std::string_view name) {
    told(
        TransactionCommand::Savepoint,
        [&] { mark([name](DriverConnection& driver) { driver.savepoint(name); }); }, name);
}

void Connection::rollback_to_savepoint(std::string_view name) {
    PooledConnection& link = this->link();
    if (!link.aborted() || link.is_broken() || link.inherited()) link.require_usable();
    const PooledConnection::Use use(link);
    told(
        TransactionCommand::RollbackToSavepoint,
        [&] { noting_failures(link, [&] { link.driver().rollback_to_savepoint(name); }); }, name);
    link.revive();
}

void Connection::release_savepoint(std::string_view name) {
    told(
        TransactionCommand::ReleaseSavepoint,
        [&] { mark([name](DriverConnection& driver) { driver.release_savepoint(name); }); }, name);
}

bool Connection::in_transaction() const noexcept {
    try {
        return link_ != nullptr && !link_->inherited() && !link_->is_broken() &&
               link_->driver().in_transaction();
    } catch (...) {
        return false;
    }
}

DriverConnection& Connection::driver() {
    PooledConnection& link = usable();
    link.count_statement(); // whatever is done with it, healing must not undo it
    return link.driver();
}

std::size_t Connection::prepared_statements() const noexcept {
    return link_ == nullptr ? 0 : link_->prepared_statements();
}

void Connection::invalidate() noexcept {
    if (link_ != nullptr) link_->mark_broken();
}

Transaction::Transaction(Connection& connection, TransactionMode mode, Isolation isolation) :
    connection_(connection) {
    connection_.begin(mode, isolation);
}

Transaction::~Transaction() {
    if (!open_) return;
    try {
        connection_.rollback();
    } catch (...) {
        connection_.invalidate();
    }
}

void Transaction::commit() {
    if (!open_) throw StateError("this transaction is already over");
    try {
        connection_.commit();
    } catch (...) {
        open_ = connection_.in_transaction();
        throw;
    }
    open_ = false;
}

void Transaction::rollback() {
    if (!open_) throw StateError("this transaction is already over");
    connection_.rollback();
    open_ = false;
}

} // namespace mercator
