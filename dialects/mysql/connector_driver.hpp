// SPDX-License-Identifier: MIT
#pragma once

#include "driver.hpp"

#include <cppconn/connection.h>
#include <cppconn/exception.h>
#include <cppconn/statement.h>

#include <memory>

namespace mercator::mysql {

[[nodiscard]] NativeError native_error(const sql::SQLException& error);

/// One link through MySQL Connector/C++.
class ConnectorConnection final : public Connection {
public:
    ConnectorConnection(const Address& address, const ConnectOptions& options);
    ~ConnectorConnection() override;
    ConnectorConnection(const ConnectorConnection&) = delete;
    ConnectorConnection& operator=(const ConnectorConnection&) = delete;

    [[nodiscard]] std::unique_ptr<DriverStatement>
    prepare(std::shared_ptr<const Compiled> compiled) override;
    [[nodiscard]] std::int64_t ask(const std::string& sql) override;
    [[nodiscard]] bool is_encrypted() override;
    [[nodiscard]] sql::Connection& native() noexcept { return *link_; }

private:
    void send(const std::string& sql) override;

    std::unique_ptr<sql::Connection> link_;
    std::unique_ptr<sql::Statement> service_;
};

} // namespace mercator::mysql
