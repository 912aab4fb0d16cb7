// SPDX-License-Identifier: MIT
#include "address.hpp"

#include "connector.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <charconv>
#include <string_view>

namespace mercator::mysql {
namespace {

constexpr std::string_view known_options =
    "unix_socket, connect_timeout, read_timeout, write_timeout, ssl_mode, ssl_ca, ssl_cert, "
    "ssl_key";

Tls read_tls(const std::string& name, const std::string& mode) {
    if (mode == "disabled") return Tls::Disabled;
    if (mode == "required") return Tls::Required;
    if (mode == "verify_identity") return Tls::VerifyIdentity;
    throw ArgumentError(
        fmt::format("option {} must be one of: disabled required verify_identity", name), name);
}

/// Who names an authority or a certificate wants encryption, and of the former a proof.
void settle_tls(Address& address, bool mode_given) {
    const bool has_files = !address.tls_authority.empty() || !address.tls_certificate.empty() ||
                           !address.tls_key.empty();
    if (!mode_given && has_files)
        address.tls = address.tls_authority.empty() ? Tls::Required : Tls::VerifyIdentity;
    if (address.tls == Tls::Disabled && has_files)
        throw ArgumentError("ssl_mode is disabled, but ssl_ca, ssl_cert or ssl_key is given",
                            "ssl_mode");
    if (address.tls == Tls::VerifyIdentity && address.tls_authority.empty())
        throw ArgumentError("ssl_mode verify_identity needs ssl_ca, the authority's certificates",
                            "ssl_ca");
}

int seconds(const std::string& name, const std::string& text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 1 ||
        value > 1'000'000) {
        throw ArgumentError(
            fmt::format("option {} must be a number of seconds from 1 to 1000000", name), name);
    }
    return value;
}

void read_option(Address& address, const std::string& name, const std::string& value) {
    if (name == "unix_socket")
        address.socket = value;
    else if (name == "connect_timeout")
        address.connect_timeout = seconds(name, value);
    else if (name == "read_timeout")
        address.read_timeout = seconds(name, value);
    else if (name == "write_timeout")
        address.write_timeout = seconds(name, value);
    else if (name == "ssl_mode")
        address.tls = read_tls(name, value);
    else if (name == "ssl_ca")
        address.tls_authority = value;
    else if (name == "ssl_cert")
        address.tls_certificate = value;
    else if (name == "ssl_key")
        address.tls_key = value;
    else
        throw ArgumentError(fmt::format("unknown option \"{}\"; known are {}", name, known_options),
                            name);
}

void read_host(Address& address, const Url& url) {
    address.host = "127.0.0.1";
    if (url.hosts.empty()) return;
    const Url::Host& host = url.hosts.front();
    address.port = host.port.value_or(address.port);
    // The connector parses the host as an address of its own kind; what could mean more than a name
    // must not get there.
    if (host.name.find_first_of("@?#[] \t\r\n") != std::string::npos) {
        throw ArgumentError(
            "the host has a character that no host name has; percent-encode user and password",
            "host");
    }
    if (host.name.starts_with('/')) {
        address.socket = host.name;
    } else if (host.name.find('/') != std::string::npos) {
        throw ArgumentError("the host has a slash; percent-encode user and password", "host");
    } else if (!host.name.empty()) {
        address.host = host.name;
    }
}

Driver read_driver(const std::string& name) {
    if (name == "c" || (name.empty() && !has_connector())) return Driver::C;
    if (name == "connectorcpp" && !has_connector()) {
        throw ArgumentError("this build of the mysql dialect has no connectorcpp driver; it has c",
                            "driver");
    }
    if (name.empty() || name == "connectorcpp") return Driver::ConnectorCpp;
    throw ArgumentError(
        fmt::format("unknown driver \"{}\"; the mysql dialect has connectorcpp and c", name),
        "driver");
}

} // namespace

Address Address::from(const Url& url) {
    if (url.hosts.size() > 1)
        throw ArgumentError("more than one host is not supported; give one", "host");
    Address address;
    address.driver = read_driver(url.driver);
    address.scheme = url.scheme;
    read_host(address, url);
    address.user = url.user;
    address.password = url.password;
    address.database = url.database;
    for (const auto& [name, value] : url.options) read_option(address, name, value);
    settle_tls(address, url.option("ssl_mode").has_value());
    return address;
}

std::string Address::bracketed_host() const {
    return host.find(':') == std::string::npos ? host : fmt::format("[{}]", host);
}

std::string Address::display() const {
    return socket.empty() ? fmt::format("{}:{}/{}", bracketed_host(), port, database)
                          : fmt::format("{}/{}", socket, database);
}

} // namespace mercator::mysql
