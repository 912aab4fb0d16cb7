// SPDX-License-Identifier: MIT
#include "driver.hpp"

#include "errors.hpp"
#include "statement.hpp"
#include "thread_guard.hpp"

#include <mercator/support/error.hpp>

#include <cppconn/metadata.h>
#include <cppconn/resultset.h>
#include <fmt/format.h>
#include <mysql_driver.h>

#include <algorithm>
#include <chrono>

namespace mercator::mysql {
namespace {

using Clock = std::chrono::steady_clock;

int timeout_seconds(const Address& address, const ConnectOptions& options) {
    if (address.connect_timeout) return *address.connect_timeout;
    const auto whole = std::chrono::ceil<std::chrono::seconds>(options.connect_timeout).count();
    return static_cast<int>(std::clamp<std::int64_t>(whole, 1, 1'000'000));
}

void set_if_given(sql::ConnectOptionsMap& map, const char* name, const std::string& value) {
    if (!value.empty()) map[name] = sql::SQLString(value);
}

void set_if_given(sql::ConnectOptionsMap& map, const char* name, const std::optional<int>& value) {
    if (value) map[name] = *value;
}

sql::ConnectOptionsMap connect_map(const Address& address, const ConnectOptions& options) {
    sql::ConnectOptionsMap map;
    map["hostName"] = sql::SQLString(address.host);
    map["port"] = static_cast<int>(address.port);
    map["userName"] = sql::SQLString(address.user);
    map["password"] = sql::SQLString(address.password.value_or(""));
    map["OPT_CONNECT_TIMEOUT"] = timeout_seconds(address, options);
    map["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
    map["CLIENT_FOUND_ROWS"] = true;
    set_if_given(map, "schema", address.database);
    set_if_given(map, "socket", address.socket);
    set_if_given(map, "OPT_READ_TIMEOUT", address.read_timeout);
    set_if_given(map, "OPT_WRITE_TIMEOUT", address.write_timeout);
    set_if_given(map, "sslCA", address.tls_authority);
    set_if_given(map, "sslCert", address.tls_certificate);
    set_if_given(map, "sslKey", address.tls_key);
    return map;
}

std::unique_ptr<sql::Connection> open(const Address& address, const ConnectOptions& options) {
    sql::ConnectOptionsMap map = connect_map(address, options);
    const auto started = Clock::now();
    try {
        return std::unique_ptr<sql::Connection>(connector().connect(map));
    } catch (const sql::SQLException& error) {
        DatabaseErrorInfo info = describe(error, {});
        info.connection_lost = true;
        // Only the clock tells a server that is silent from one that is not there.
        const bool waited = Clock::now() - started >= std::chrono::seconds(timeout_seconds(address, options)) * 9 / 10;
        if (info.code == ErrorCode::Disconnected && waited) info.code = ErrorCode::Timeout;
        info.message = fmt::format("cannot connect to {}: {}", address.display(), info.message);
        throw_database_error(std::move(info));
    }
}

// Standard strings (a backslash is a character), errors instead of silent changes of values, UTC. The character set's
// name resets the collation of results to one that the connector knows; collation_connection is that of parameters.
constexpr std::string_view settings =
    "SET NAMES utf8mb4, collation_connection = '{}', time_zone = '+00:00', sql_mode = "
    "'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,"
    "NO_BACKSLASH_ESCAPES,NO_UNSIGNED_SUBTRACTION'";

}  // namespace

Connection::Connection(const Address& address, const ConnectOptions& options) : database_(address.database) {
    enter_thread();
    link_ = open(address, options);
    try {
        server_ = Server::parse(link_->getMetaData()->getDatabaseProductVersion().asStdString());
        service_.reset(link_->createStatement());
    } catch (const sql::SQLException& error) {
        fail(error, {});
    }
    apply_settings();
    read_packet_limit();
}

Connection::~Connection() {
    enter_thread();
    try {
        service_.reset();
        link_.reset();
    } catch (const std::exception&) {   // the link goes away in any case
        broken_ = true;
    }
}

void Connection::apply_settings() {
    run(fmt::format(fmt::runtime(settings), server_.exact_collation()));
    settings_changed_ = false;
}

void Connection::read_packet_limit() {
    constexpr const char* sql = "SELECT @@max_allowed_packet";
    try {
        const std::unique_ptr<sql::ResultSet> rows(service_->executeQuery(sql));
        if (rows->next()) max_packet_ = static_cast<std::size_t>(rows->getUInt64(1));
    } catch (const sql::SQLException& error) {
        fail(error, sql);
    }
}

void Connection::check_usable(std::string_view sql) const {
    if (!broken_ && !aborted_) return;
    DatabaseErrorInfo info;
    info.statement = sql;
    info.transaction_aborted = true;
    info.connection_lost = broken_;
    info.code = broken_ ? ErrorCode::Disconnected : ErrorCode::Deadlock;
    info.message = broken_ ? "the connection was lost earlier; open a new one"
                           : "a deadlock has rolled back the transaction; roll back here too, then repeat it";
    throw_database_error(std::move(info));
}

void Connection::follow(TransactionEffect effect) noexcept {
    switch (effect) {
        case TransactionEffect::Begin: in_transaction_ = true; break;
        case TransactionEffect::Commit:
        case TransactionEffect::Rollback:
        case TransactionEffect::ImplicitCommit: in_transaction_ = false; break;
        case TransactionEffect::Session: settings_changed_ = true; break;
        case TransactionEffect::None: break;
    }
}

void Connection::fail(const sql::SQLException& error, std::string_view sql) {
    DatabaseErrorInfo info = describe(error, sql);
    if (info.connection_lost) broken_ = true;
    if (info.transaction_aborted) {
        aborted_ = in_transaction_;
        in_transaction_ = false;
    }
    throw_database_error(std::move(info));
}

void Connection::run_and_drain(const std::string& sql) {
    enter_thread();
    try {
        bool has_rows = service_->execute(sql);
        for (;;) {
            if (has_rows) delete service_->getResultSet();
            if (!service_->getMoreResults()) break;
            has_rows = true;
        }
    } catch (const sql::SQLException& error) {
        fail(error, sql);
    }
}

void Connection::run(std::string_view sql) {
    check_usable(sql);
    run_and_drain(std::string(sql));
}

void Connection::run_with_name(std::string_view command, std::string_view name) {
    std::string sql(command);
    IdentifierPreparer('`', 64).append(sql, name);
    run(sql);
}

void Connection::execute_script(std::string_view sql) {
    for (const std::string_view statement : split_script(sql)) {
        const TransactionEffect effect = transaction_effect(statement);
        // Schema changes commit first and may fail afterwards.
        if (effect == TransactionEffect::ImplicitCommit) {
            check_usable(statement);
            follow(effect);
        }
        run(statement);
        follow(effect);
    }
}

std::unique_ptr<DriverStatement> Connection::prepare(std::shared_ptr<const Compiled> compiled) {
    check_usable(compiled->sql);
    return std::make_unique<Statement>(*this, std::move(compiled));
}

void Connection::begin(TransactionMode /*mode*/) {
    run("START TRANSACTION");
    in_transaction_ = true;
}

void Connection::commit() {
    run("COMMIT");
    in_transaction_ = false;
}

void Connection::rollback() {
    const bool was_aborted = aborted_;
    aborted_ = false;
    if (was_aborted && !broken_) return;   // the server has done it
    run("ROLLBACK");
    in_transaction_ = false;
}

void Connection::savepoint(std::string_view name) {
    run_with_name("SAVEPOINT ", name);
}

void Connection::rollback_to_savepoint(std::string_view name) {
    run_with_name("ROLLBACK TO SAVEPOINT ", name);
}

void Connection::release_savepoint(std::string_view name) {
    run_with_name("RELEASE SAVEPOINT ", name);
}

void Connection::reset() {
    if (in_transaction_ || aborted_) rollback();
    if (!settings_changed_) return;
    if (!database_.empty()) run_with_name("USE ", database_);
    apply_settings();
}

void Connection::ping() {
    run("DO 0");
}

Connection::GeneratedKeys Connection::generated_keys() {
    constexpr const char* sql = "SELECT LAST_INSERT_ID(), @@auto_increment_increment";
    enter_thread();
    try {
        const std::unique_ptr<sql::ResultSet> rows(service_->executeQuery(sql));
        if (!rows->next()) return {};
        return {rows->getInt64(1), rows->getInt64(2)};
    } catch (const sql::SQLException& error) {
        fail(error, sql);
    }
}

}  // namespace mercator::mysql
