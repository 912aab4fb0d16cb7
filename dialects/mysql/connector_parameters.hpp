// SPDX-License-Identifier: MIT
#pragma once

#include "parameters.hpp"

#include <cppconn/prepared_statement.h>

#include <iosfwd>
#include <memory>
#include <vector>

namespace mercator::mysql {

/// Parameters through the connector's setters. One thread.
class ConnectorParameters : public Parameters<ConnectorParameters> {
public:
    /// `max_packet` is the server's limit for one packet and for one value.
    ConnectorParameters(std::size_t max_packet, bool has_uuid) :
        Parameters(has_uuid),
        max_packet_(max_packet) {}

    /// Before each execution.
    void begin(sql::PreparedStatement& statement, std::size_t count);
    /// After each execution: frees what large values needed.
    void end() noexcept { streams_.clear(); }

    void put_null(const Target& target);
    void put_integer(const Target& target, std::int64_t value);
    void put_unsigned(const Target& target, std::uint64_t value);
    void put_double(const Target& target, double value);
    void put_bytes(const Target& target, std::string_view bytes);

private:
    sql::PreparedStatement* statement_ = nullptr;
    std::size_t max_packet_;
    std::size_t inline_bytes_ = 0;
    std::vector<bool> sticky_unsigned_;
    std::vector<std::unique_ptr<std::istream>> streams_;
    sql::SQLString scratch_;
};

} // namespace mercator::mysql
