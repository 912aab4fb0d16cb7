// SPDX-License-Identifier: MIT
#pragma once

#include "driver.hpp"

#include <mysql.h>

#include <chrono>
#include <memory>

namespace mercator::mysql {

class CStatement;

/// One link through MariaDB's C client. One statement at a time may leave rows on the wire; before
/// anything else is sent they are read into memory (`settle`).
class CConnection final : public Connection {
public:
    CConnection(const Address& address, const ConnectOptions& options);
    ~CConnection() override;
    CConnection(const CConnection&) = delete;
    CConnection& operator=(const CConnection&) = delete;

    [[nodiscard]] std::unique_ptr<DriverStatement>
    prepare(std::shared_ptr<const Compiled> compiled) override;
    [[nodiscard]] std::int64_t ask(const std::string& sql) override;
    [[nodiscard]] bool is_encrypted() override {
        return mysql_get_ssl_cipher(link_.get()) != nullptr;
    }
    /// Within `ConnectOptions::ping_timeout`. (The connector has no way to wait that long only: it
    /// keeps to option read_timeout.)
    void ping() override;
    /// What went wrong last.
    [[nodiscard]] NativeError error() const;
    [[nodiscard]] MYSQL* native() noexcept { return link_.get(); }

    /// Before the library is called for anything but the statement that has rows on the wire.
    void settle();
    /// The statement has rows on the wire from now on; nullptr: nobody has.
    void set_streaming(CStatement* statement) noexcept { streaming_ = statement; }
    [[nodiscard]] const CStatement* streaming() const noexcept { return streaming_; }

private:
    struct Close {
        void operator()(MYSQL* link) const noexcept { mysql_close(link); }
    };

    void send(const std::string& sql) override;
    void query(const std::string& sql);

    std::chrono::milliseconds ping_limit_;
    std::unique_ptr<MYSQL, Close> link_;
    CStatement* streaming_ = nullptr;
};

} // namespace mercator::mysql
