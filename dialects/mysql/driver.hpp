// SPDX-License-Identifier: MIT
#pragma once

#include "address.hpp"
#include "script.hpp"
#include "server.hpp"

#include <mercator/dialect/dialect.hpp>
#include <mercator/dialect/driver.hpp>

#include <cppconn/connection.h>
#include <cppconn/exception.h>
#include <cppconn/statement.h>

#include <memory>
#include <string>
#include <string_view>

namespace mercator::mysql {

/// One link through MySQL Connector/C++. Never reconnects. Follows the transaction by what it has sent and by the errors that
/// came back, because the connector does not show the server's status; after a deadlock it refuses everything but
/// `rollback`, or else the rest of the work would commit statement by statement.
class Connection final : public DriverConnection {
public:
    Connection(const Address& address, const ConnectOptions& options);
    ~Connection() override;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] std::unique_ptr<DriverStatement> prepare(std::shared_ptr<const Compiled> compiled) override;
    void execute_script(std::string_view sql) override;
    void begin(TransactionMode mode) override;
    void commit() override;
    void rollback() override;
    void savepoint(std::string_view name) override;
    void rollback_to_savepoint(std::string_view name) override;
    void release_savepoint(std::string_view name) override;
    [[nodiscard]] bool in_transaction() const override { return in_transaction_; }
    void reset() override;
    void ping() override;
    [[nodiscard]] bool is_broken() const noexcept override { return broken_; }

    [[nodiscard]] const Server& server() const noexcept { return server_; }
    [[nodiscard]] std::size_t max_packet() const noexcept { return max_packet_; }
    [[nodiscard]] sql::Connection& native() noexcept { return *link_; }

    /// Before anything is sent: throws if the link is broken or a deadlock has ended the transaction.
    void check_usable(std::string_view sql) const;
    /// After a statement of that kind has succeeded.
    void follow(TransactionEffect effect) noexcept;
    /// Notes what the error means for the link and throws it.
    [[noreturn]] void fail(const sql::SQLException& error, std::string_view sql);
    /// First key that the last INSERT made, and the distance to the next.
    struct GeneratedKeys {
        std::int64_t first = 0;
        std::int64_t step = 1;
    };
    [[nodiscard]] GeneratedKeys generated_keys();

private:
    void apply_settings();
    void read_packet_limit();
    void run(std::string_view sql);
    void run_and_drain(const std::string& sql);
    void run_with_name(std::string_view command, std::string_view name);

    std::string database_;
    std::unique_ptr<sql::Connection> link_;
    std::unique_ptr<sql::Statement> service_;
    Server server_;
    std::size_t max_packet_ = 16U * 1024U * 1024U;
    bool in_transaction_ = false;
    bool aborted_ = false;          ///< a deadlock has rolled back; nobody has said rollback yet
    bool settings_changed_ = false;
    bool broken_ = false;
};

}  // namespace mercator::mysql
