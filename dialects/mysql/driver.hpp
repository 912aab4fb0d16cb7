// SPDX-License-Identifier: MIT
#pragma once

#include "address.hpp"
#include "errors.hpp"
#include "script.hpp"
#include "server.hpp"

#include <mercator/dialect/dialect.hpp>
#include <mercator/dialect/driver.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace mercator::mysql {

/// The attempt to open a link.
class Connecting {
public:
    Connecting(const Address& address, const ConnectOptions& options);

    [[nodiscard]] int timeout_seconds() const noexcept { return timeout_; }
    /// Throws what has gone wrong.
    [[noreturn]] void fail(const NativeError& error) const;

private:
    using Clock = std::chrono::steady_clock;
    const Address& address_;
    Clock::time_point started_;
    int timeout_ = 0;
};

/// One link to a server, whatever client library carries it. Never reconnects. Follows the
/// transaction by what it has sent and by the errors that came back, because not every library
/// shows the server's status; after a deadlock it refuses everything but `rollback`, or else the
/// rest of the work would commit statement by statement.
class Connection : public DriverConnection {
public:
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void execute_script(std::string_view sql) override;
    void begin(TransactionMode mode) override;
    void begin_isolated(TransactionMode mode, Isolation isolation) override;
    void commit() override;
    void rollback() override;
    void savepoint(std::string_view name) override;
    void rollback_to_savepoint(std::string_view name) override;
    void release_savepoint(std::string_view name) override;
    [[nodiscard]] bool in_transaction() const override { return in_transaction_; }
    void reset() override;
    void ping() override;
    [[nodiscard]] bool is_broken() const noexcept override { return broken_; }
    /// Stays true after `reset`, which brings back the database and our settings, but neither the
    /// other variables nor tables and locks: only a new link is free of them.
    [[nodiscard]] bool session_changed() const noexcept override { return session_changed_; }
    void accept_session() noexcept override { settings_changed_ = session_changed_ = false; }

    [[nodiscard]] const Server& server() const noexcept { return server_; }
    [[nodiscard]] std::size_t max_packet() const noexcept { return max_packet_; }

    /// Before anything is sent: throws if the link is broken or a deadlock has ended the
    /// transaction.
    void check_usable(std::string_view sql) const;
    /// After a statement of that kind has succeeded.
    void follow(TransactionEffect effect) noexcept;
    /// Notes what the error means for the link.
    DatabaseErrorInfo note(const NativeError& error, std::string_view sql);
    /// Notes it and throws it.
    [[noreturn]] void fail(const NativeError& error, std::string_view sql);
    /// Writes a warning if the address names the other product. (Both speak one protocol, so it
    /// works; what the application believes about its server may still be wrong.)
    void warn_of_other_product() const;
    /// Runs a SELECT of one integer.
    [[nodiscard]] virtual std::int64_t ask(const std::string& sql) = 0;
    /// Does what is said over the link travel encrypted?
    [[nodiscard]] virtual bool is_encrypted() = 0;

protected:
    Connection(const Address& address, const ConnectOptions& options);
    /// The link is there: learns what it leads to and settles the session.
    void met(std::string_view greeting);
    /// Runs one statement and reads whatever comes back.
    virtual void send(const std::string& sql) = 0;

private:
    void apply_settings();
    void run(std::string_view sql);
    void run_with_name(std::string_view command, std::string_view name);

    std::string database_;
    std::string scheme_;
    std::string place_;
    std::shared_ptr<LogSink> log_;
    bool wants_encryption_;
    Server server_;
    std::size_t max_packet_ = 16U * 1024U * 1024U;
    bool in_transaction_ = false;
    /// A deadlock has rolled back, or (still in a transaction) a wait for a lock has doomed it;
    /// nobody has said rollback yet.
    bool aborted_ = false;
    bool settings_changed_ = false;
    bool session_changed_ = false;
    bool broken_ = false;
};

} // namespace mercator::mysql
