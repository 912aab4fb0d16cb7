// SPDX-License-Identifier: MIT
#include "faulty_dialect.hpp"

#include <mercator/engine/dialect_registry.hpp>
#include <mercator/support/error.hpp>

#include <utility>
#include <vector>

namespace mercator::testing {

void Faults::call(std::string_view what, bool& broken) {
    if (broken || (++count_ == failing_ && lose_link_)) {
        broken = true;
        failed_ = what;
        DatabaseErrorInfo info;
        info.code = ErrorCode::Disconnected;
        info.message = "the link was cut";
        info.connection_lost = true;
        throw_database_error(std::move(info));
    }
    if (count_ == failing_) {
        failed_ = what;
        DatabaseErrorInfo info;
        info.code = ErrorCode::Database;
        info.message = "this call was made to fail";
        throw_database_error(std::move(info));
    }
    ++by_kind_[std::string(what)];
}

namespace {

class FaultyStatement final : public DriverStatement {
public:
    FaultyStatement(std::unique_ptr<DriverStatement> real, Faults& faults, bool& broken) :
        real_(std::move(real)),
        faults_(faults),
        broken_(broken) {}

    void execute(std::span<const Value> values) override {
        faults_.call("execute", broken_);
        real_->execute(values);
    }
    void execute(const BindPlan& plan, std::span<const std::byte* const> rows) override {
        faults_.call("execute", broken_);
        real_->execute(plan, rows);
    }
    bool fetch(const DecodePlan& plan, std::byte** targets) override {
        faults_.call("fetch", broken_);
        return real_->fetch(plan, targets);
    }
    void fetch_again(const DecodePlan& plan, std::byte** targets) override {
        faults_.call("fetch", broken_);
        real_->fetch_again(plan, targets);
    }
    bool fetch(std::vector<Value>& row) override {
        faults_.call("fetch", broken_);
        return real_->fetch(row);
    }
    [[nodiscard]] bool is_null(std::uint16_t column) const override {
        return real_->is_null(column);
    }
    [[nodiscard]] std::uint64_t affected_rows() const override { return real_->affected_rows(); }
    [[nodiscard]] std::vector<std::string> column_names() const override {
        return real_->column_names();
    }
    [[nodiscard]] std::int64_t last_generated_key() const override {
        return real_->last_generated_key();
    }
    void reset() noexcept override { real_->reset(); }
    [[nodiscard]] DriverStatement& real() noexcept { return *real_; }

private:
    std::unique_ptr<DriverStatement> real_;
    Faults& faults_;
    bool& broken_;
};

class FaultyConnection final : public DriverConnection {
public:
    FaultyConnection(std::unique_ptr<DriverConnection> real, std::shared_ptr<Faults> faults) :
        real_(std::move(real)),
        faults_(std::move(faults)) {}

    [[nodiscard]] std::unique_ptr<DriverStatement>
    prepare(std::shared_ptr<const Compiled> compiled) override {
        faults_->call("prepare", broken_);
        return std::make_unique<FaultyStatement>(real_->prepare(std::move(compiled)), *faults_,
                                                 broken_);
    }
    void execute_together(std::span<DriverStatement* const> statements,
                          std::span<const std::span<const Value>> values) override {
        faults_->call("execute", broken_);
        std::vector<DriverStatement*> real;
        for (DriverStatement* statement : statements)
            real.push_back(&static_cast<FaultyStatement&>(*statement).real());
        real_->execute_together(real, values);
    }
    void execute_script(std::string_view sql) override {
        faults_->call("script", broken_);
        real_->execute_script(sql);
    }
    void begin(TransactionMode mode) override {
        faults_->call("begin", broken_);
        real_->begin(mode);
    }
    void commit() override {
        faults_->call("commit", broken_);
        real_->commit();
    }
    void rollback() override {
        faults_->call("rollback", broken_);
        real_->rollback();
    }
    void savepoint(std::string_view name) override {
        faults_->call("savepoint", broken_);
        real_->savepoint(name);
    }
    void rollback_to_savepoint(std::string_view name) override {
        faults_->call("rollback to savepoint", broken_);
        real_->rollback_to_savepoint(name);
    }
    void release_savepoint(std::string_view name) override {
        faults_->call("release savepoint", broken_);
        real_->release_savepoint(name);
    }
    [[nodiscard]] bool in_transaction() const override {
        return !broken_ && real_->in_transaction();
    }
    void reset() override { real_->reset(); }
    void ping() override { real_->ping(); }
    [[nodiscard]] bool session_changed() const noexcept override {
        return real_->session_changed();
    }
    void accept_session() noexcept override { real_->accept_session(); }
    [[nodiscard]] bool is_broken() const noexcept override { return broken_ || real_->is_broken(); }
    [[nodiscard]] DriverConnection& real() noexcept { return *real_; }

private:
    std::unique_ptr<DriverConnection> real_;
    std::shared_ptr<Faults> faults_;
    bool broken_ = false;
};

class FaultyDialect final : public Dialect {
public:
    FaultyDialect(std::unique_ptr<Dialect> real, std::shared_ptr<Faults> faults) :
        real_(std::move(real)),
        faults_(std::move(faults)) {}

    [[nodiscard]] std::string_view name() const noexcept override { return real_->name(); }
    [[nodiscard]] const Capabilities& capabilities() const noexcept override {
        return real_->capabilities();
    }
    [[nodiscard]] const IdentifierPreparer& identifiers() const noexcept override {
        return real_->identifiers();
    }
    [[nodiscard]] const TypeCompiler& types() const noexcept override { return real_->types(); }
    [[nodiscard]] const DdlCompiler& ddl() const noexcept override { return real_->ddl(); }
    [[nodiscard]] Compiled compile(const ast::Statement& statement) const override {
        return real_->compile(statement);
    }
    [[nodiscard]] std::string compile_ddl(const ast::Expression& expression) const override {
        return real_->compile_ddl(expression);
    }
    void check(const Url& url) const override { real_->check(url); }
    [[nodiscard]] std::unique_ptr<DriverConnection>
    connect(const Url& url, const ConnectOptions& options) const override {
        return std::make_unique<FaultyConnection>(real_->connect(url, options), faults_);
    }
    void initialize(DriverConnection& connection) override {
        real_->initialize(static_cast<FaultyConnection&>(connection).real());
    }
    [[nodiscard]] std::unique_ptr<Inspector>
    inspector(DriverConnection& connection) const override {
        return real_->inspector(static_cast<FaultyConnection&>(connection).real());
    }
    [[nodiscard]] bool shares_database(const Url& url) const override {
        return real_->shares_database(url);
    }
    [[nodiscard]] Url located(const Url& url, const std::string& base) const override {
        return real_->located(url, base);
    }

private:
    std::unique_ptr<Dialect> real_;
    std::shared_ptr<Faults> faults_;
};

} // namespace

std::unique_ptr<Dialect> make_faulty_dialect(std::string_view uri, std::shared_ptr<Faults> faults) {
    return std::make_unique<FaultyDialect>(load_dialect(Url::parse(uri).scheme), std::move(faults));
}

} // namespace mercator::testing
