// SPDX-License-Identifier: MIT
#include "scripted_dialect.hpp"

#include <mercator/ast/cache_key.hpp>

#include <algorithm>
#include <utility>

namespace mercator::testing {

namespace {

void raise_to(std::atomic<int>& maximum, int value) {
    int seen = maximum.load();
    while (seen < value && !maximum.compare_exchange_weak(seen, value)) {
    }
}

class ScriptedStatement final : public DriverStatement {
public:
    ScriptedStatement(std::shared_ptr<Script> script, bool& broken,
                      std::shared_ptr<const Compiled> compiled) :
        script_(std::move(script)),
        broken_(broken),
        compiled_(std::move(compiled)) {
        raise_to(script_->most_live_statements, ++script_->live_statements);
    }
    ScriptedStatement(const ScriptedStatement&) = delete;
    ScriptedStatement& operator=(const ScriptedStatement&) = delete;
    ~ScriptedStatement() override { --script_->live_statements; }

    void execute(std::span<const Value> values) override {
        run();
        row_.assign(values.begin(), values.end());
        has_row_ = true;
    }
    void execute(const BindPlan&, std::span<const std::byte* const>) override { run(); }
    bool fetch(const DecodePlan&, std::byte**) override { return false; }
    void fetch_again(const DecodePlan&, std::byte**) override {}
    bool fetch(std::vector<Value>& row) override {
        if (!std::exchange(has_row_, false)) return false;
        row = row_;
        return true;
    }
    [[nodiscard]] bool is_null(std::uint16_t) const override { return false; }
    [[nodiscard]] std::uint64_t affected_rows() const override { return 1; }
    [[nodiscard]] std::int64_t last_generated_key() const override { return 0; }
    void reset() noexcept override { has_row_ = false; }

private:
    void run() {
        try {
            script_->call("execute " + compiled_->sql);
        } catch (const DatabaseError& error) {
            broken_ = broken_ || error.connection_lost();
            throw;
        }
    }

    std::shared_ptr<Script> script_;
    bool& broken_;
    std::shared_ptr<const Compiled> compiled_;
    std::vector<Value> row_;
    bool has_row_ = false;
};

class ScriptedConnection final : public DriverConnection {
public:
    explicit ScriptedConnection(std::shared_ptr<Script> script) : script_(std::move(script)) {
        raise_to(script_->most_open_links, ++script_->open_links);
    }
    ScriptedConnection(const ScriptedConnection&) = delete;
    ScriptedConnection& operator=(const ScriptedConnection&) = delete;
    ~ScriptedConnection() override { --script_->open_links; }

    [[nodiscard]] std::unique_ptr<DriverStatement>
    prepare(std::shared_ptr<const Compiled> compiled) override {
        call("prepare " + compiled->sql);
        return std::make_unique<ScriptedStatement>(script_, broken_, std::move(compiled));
    }
    void execute_script(std::string_view sql) override { call("script " + std::string(sql)); }
    void begin(TransactionMode mode) override {
        call(mode == TransactionMode::Write ? "begin write" : "begin read");
        in_transaction_ = true;
    }
    void commit() override {
        try {
            call("commit");
        } catch (...) {
            in_transaction_ = script_->commit_failure_keeps_transaction;
            throw;
        }
        in_transaction_ = false;
    }
    void rollback() override {
        call("rollback");
        in_transaction_ = false;
    }
    void savepoint(std::string_view name) override { call("savepoint " + std::string(name)); }
    void rollback_to_savepoint(std::string_view name) override {
        call("rollback to " + std::string(name));
    }
    void release_savepoint(std::string_view name) override { call("release " + std::string(name)); }
    [[nodiscard]] bool in_transaction() const override { return in_transaction_; }
    void reset() override {
        call("reset");
        in_transaction_ = false;
    }
    void ping() override { call("ping"); }
    [[nodiscard]] bool is_broken() const noexcept override { return broken_; }
    [[nodiscard]] bool session_changed() const noexcept override {
        return script_->session_changed;
    }
    void accept_session() noexcept override { script_->session_changed = false; }

private:
    void call(const std::string& what) {
        try {
            script_->call(what);
        } catch (const DatabaseError& error) {
            broken_ = broken_ || error.connection_lost();
            throw;
        }
    }

    std::shared_ptr<Script> script_;
    bool broken_ = false;
    bool in_transaction_ = false;
};

class ScriptedDialect final : public Dialect {
public:
    explicit ScriptedDialect(std::shared_ptr<Script> script) : script_(std::move(script)) {}

    [[nodiscard]] std::string_view name() const noexcept override { return "scripted"; }
    [[nodiscard]] const Capabilities& capabilities() const noexcept override {
        return capabilities_;
    }
    [[nodiscard]] const IdentifierPreparer& identifiers() const noexcept override {
        return identifiers_;
    }
    [[nodiscard]] const TypeCompiler& types() const noexcept override { return types_; }
    [[nodiscard]] const DdlCompiler& ddl() const noexcept override { return ddl_; }
    [[nodiscard]] Compiled compile(const ast::Statement& statement) const override {
        script_->call("compile");
        ast::CacheKey key;
        append_cache_key(statement, key);
        Compiled compiled;
        const auto& select = static_cast<const ast::Select&>(statement);
        compiled.sql = std::get<std::shared_ptr<const ast::TableRef>>(select.from.at(0))->name;
        for (std::uint32_t i = 0; i < key.binds.size(); ++i) {
            compiled.sql += " ?";
            compiled.binds.push_back(BindSlot{key.binds[i]->type, i});
        }
        compiled.cacheable = script_->cacheable;
        return compiled;
    }
    [[nodiscard]] std::string compile_ddl(const ast::Expression&) const override { return {}; }
    void check(const Url& url) const override {
        if (!url.options.empty())
            throw ArgumentError("unknown option \"" + url.options.begin()->first + "\"");
    }
    [[nodiscard]] std::unique_ptr<DriverConnection> connect(const Url&,
                                                            const ConnectOptions&) const override {
        script_->call("connect");
        return std::make_unique<ScriptedConnection>(script_);
    }
    void initialize(DriverConnection&) override {
        script_->call("initialize");
        capabilities_.product = "Scripted";
    }
    [[nodiscard]] std::unique_ptr<Inspector> inspector(DriverConnection&) const override {
        return nullptr;
    }
    [[nodiscard]] bool shares_database(const Url&) const override {
        return script_->shares_database;
    }

private:
    std::shared_ptr<Script> script_;
    Capabilities capabilities_;
    IdentifierPreparer identifiers_;
    TypeCompiler types_;
    DdlCompiler ddl_{*this};
};

} // namespace

void Script::call(const std::string& what) {
    {
        const std::lock_guard lock(mutex_);
        calls_.push_back(what);
    }
    if (on_call) on_call(what);
}

std::vector<std::string> Script::calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
}

std::size_t Script::count(std::string_view what) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count(calls_.begin(), calls_.end(), what));
}

void Script::clear() {
    const std::lock_guard lock(mutex_);
    calls_.clear();
}

std::unique_ptr<Dialect> make_scripted_dialect(std::shared_ptr<Script> script) {
    return std::make_unique<ScriptedDialect>(std::move(script));
}

std::unique_ptr<Engine> make_scripted_engine(const std::shared_ptr<Script>& script,
                                             EngineOptions options) {
    return std::make_unique<Engine>(Url::parse("scripted://user:secret@host/db"),
                                    make_scripted_dialect(script), std::move(options));
}

ast::SelectPtr scripted_select(const std::string& table, Value value) {
    const auto from = std::make_shared<ast::TableRef>();
    from->name = table;
    const auto select = std::make_shared<ast::Select>();
    select->from.emplace_back(from);
    select->where.push_back(std::make_shared<ast::Bind>(std::move(value), SqlType{}));
    return select;
}

void scripted_error(ErrorCode code, bool connection_lost, bool transaction_aborted) {
    DatabaseErrorInfo info;
    info.code = code;
    info.message = "scripted failure";
    info.connection_lost = connection_lost;
    info.transaction_aborted = transaction_aborted;
    throw_database_error(std::move(info));
}

void RecordingSink::write(LogLevel, std::string_view message) {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(message);
}

std::vector<std::string> RecordingSink::lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
}

} // namespace mercator::testing
