// SPDX-License-Identifier: MIT
#include "driver.hpp"

#include <mercator/dialect/identifier_preparer.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/log.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator::mysql {
namespace {

// Standard strings (a backslash is a character), errors instead of silent changes of values, a key
// of 0 as given, UTC. Messages in English, because names of constraints stand nowhere else.
// The character set's name resets the collation of results to one that the connector knows;
// collation_connection is that of parameters.
constexpr std::string_view settings =
    "SET NAMES utf8mb4, collation_connection = '{}', time_zone = '+00:00', "
    "lc_messages = 'en_US', sql_mode = "
    "'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_"
    "SUBSTITUTION,"
    "NO_BACKSLASH_ESCAPES,NO_UNSIGNED_SUBTRACTION,NO_AUTO_VALUE_ON_ZERO'";

} // namespace

Connecting::Connecting(const Address& address, const ConnectOptions& options) :
    address_(address),
    started_(Clock::now()) {
    const auto whole = std::chrono::ceil<std::chrono::seconds>(options.connect_timeout).count();
    timeout_ = address.connect_timeout.value_or(
        static_cast<int>(std::clamp<std::int64_t>(whole, 1, 1'000'000)));
}

void Connecting::fail(const NativeError& error) const {
    DatabaseErrorInfo info = describe(error, {});
    info.connection_lost = true;
    // Only the clock tells a server that is silent from one that is not there.
    const bool waited = Clock::now() - started_ >= std::chrono::milliseconds(timeout_) * 900;
    if (info.code == ErrorCode::Disconnected && waited) info.code = ErrorCode::Timeout;
    info.message = fmt::format("cannot connect to {}: {}", address_.display(), info.message);
    throw_database_error(std::move(info));
}

Connection::Connection(const Address& address, const ConnectOptions& options) :
    database_(address.database),
    scheme_(address.scheme),
    place_(address.display()),
    log_(options.log),
    wants_encryption_(address.tls != Tls::Disabled) {}

void Connection::warn_of_other_product() const {
    const std::string_view product = server_.is_mariadb ? "mariadb" : "mysql";
    if (log_ == nullptr || scheme_ == product) return;
    log_->write(LogLevel::Warning,
                fmt::format("the address says {}://, but {} is served by {} {}; write {}://",
                            scheme_, place_, server_.is_mariadb ? "MariaDB" : "MySQL", server_.text,
                            product));
}

void Connection::met(std::string_view greeting) {
    if (wants_encryption_ && !is_encrypted()) {
        // The client libraries go on in plain text when the server offers nothing else.
        DatabaseErrorInfo info;
        info.code = ErrorCode::Operational;
        info.message = fmt::format("cannot connect to {}: the address demands encryption, and the "
                                   "server does not offer it",
                                   place_);
        info.connection_lost = true;
        throw_database_error(std::move(info));
    }
    server_ = Server::parse(greeting);
    apply_settings();
    max_packet_ = static_cast<std::size_t>(ask("SELECT @@max_allowed_packet"));
}

void Connection::apply_settings() {
    run(fmt::format(fmt::runtime(settings), server_.exact_collation()));
    settings_changed_ = false;
}

void Connection::check_usable(std::string_view sql) const {
    if (!broken_ && !aborted_) return;
    DatabaseErrorInfo info;
    info.statement = sql;
    info.transaction_aborted = true;
    info.connection_lost = broken_;
    info.code = broken_           ? ErrorCode::Disconnected
                : in_transaction_ ? ErrorCode::Timeout
                                  : ErrorCode::Deadlock;
    info.message =
        broken_ ? "the connection was lost earlier; open a new one"
        : in_transaction_
            ? "a statement of this transaction waited too long for a lock and was not carried out; "
              "roll back, to the savepoint before it or as a whole, then repeat"
            : "a deadlock has rolled back the transaction; roll back here too, then repeat it";
    throw_database_error(std::move(info));
}

void Connection::follow(TransactionEffect effect) noexcept {
    switch (effect) {
    case TransactionEffect::Begin:
        in_transaction_ = true;
        break;
    case TransactionEffect::Commit:
    case TransactionEffect::Rollback:
    case TransactionEffect::ImplicitCommit:
        in_transaction_ = false;
        break;
    case TransactionEffect::ImplicitCommitAndSession:
        in_transaction_ = false;
        session_changed_ = true;
        break;
    case TransactionEffect::Session:
        settings_changed_ = true;
        session_changed_ = true;
        break;
    case TransactionEffect::None:
        break;
    }
}

DatabaseErrorInfo Connection::note(const NativeError& error, std::string_view sql) {
    DatabaseErrorInfo info = describe(error, sql);
    if (info.connection_lost) broken_ = true;
    if (info.transaction_aborted) {
        aborted_ = in_transaction_;
        // After a wait for a lock the server keeps the transaction open.
        if (info.code != ErrorCode::Timeout) in_transaction_ = false;
    }
    return info;
}

void Connection::fail(const NativeError& error, std::string_view sql) {
    throw_database_error(note(error, sql));
}

void Connection::run(std::string_view sql) {
    check_usable(sql);
    send(std::string(sql));
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
        if (commits_first(effect)) {
            check_usable(statement);
            follow(effect);
        }
        run(statement);
        follow(effect);
    }
}

void Connection::begin(TransactionMode /*mode*/) {
    run("START TRANSACTION");
    in_transaction_ = true;
}

void Connection::begin_isolated(TransactionMode mode, Isolation isolation) {
    // Of the next transaction alone; a failed START leaves it behind, on a link that is broken.
    run("SET TRANSACTION ISOLATION LEVEL " + std::string(words_of(isolation)));
    begin(mode);
}

void Connection::commit() {
    run("COMMIT");
    in_transaction_ = false;
}

void Connection::rollback() {
    const bool was_aborted = aborted_;
    aborted_ = false;
    if (was_aborted && !broken_ && !in_transaction_) return; // the server has done it
    run("ROLLBACK");
    in_transaction_ = false;
}

void Connection::savepoint(std::string_view name) {
    run_with_name("SAVEPOINT ", name);
}

void Connection::rollback_to_savepoint(std::string_view name) {
    if (in_transaction_) aborted_ = false;
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

} // namespace mercator::mysql
