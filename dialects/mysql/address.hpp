// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/url.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace mercator::mysql {

/// Which client library carries a connection.
enum class Driver : std::uint8_t { ConnectorCpp, C };

/// What is asked of the wire. From Required on there is no way back to plain text.
enum class Tls : std::uint8_t {
    Disabled,
    Required,      ///< encrypted, whoever answers
    VerifyIdentity ///< and the server proves its name by a certificate of the authority
};

/// A Url as this dialect understands it: every part checked, none left in a text that a client
/// library would parse again.
struct Address {
    Driver driver = Driver::ConnectorCpp;
    std::string scheme; ///< the product that is expected: "mysql" or "mariadb"
    std::string host;   ///< a name or an address
    std::uint16_t port = 3306;
    std::string socket; ///< path of a Unix socket, or empty
    std::string user;
    std::optional<std::string> password;
    std::string database;
    std::optional<int> connect_timeout; ///< seconds
    std::optional<int> read_timeout;    ///< seconds
    std::optional<int> write_timeout;   ///< seconds
    Tls tls = Tls::Disabled;
    std::string tls_authority; ///< file of certificates
    std::string tls_certificate;
    std::string tls_key;

    /// Throws ArgumentError that names the option or part; touches no network.
    [[nodiscard]] static Address from(const Url& url);

    /// The host as a part of a longer text: an IPv6 address in brackets.
    [[nodiscard]] std::string bracketed_host() const;
    /// "db.example:3306/shop" for messages: no user, no password.
    [[nodiscard]] std::string display() const;
};

} // namespace mercator::mysql
