// SPDX-License-Identifier: MIT
#include <mercator/support/url.hpp>

#include <mercator/support/error.hpp>

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ostream>
#include <utility>

namespace mercator {
namespace {

// ASCII only and independent of the locale: an address means the same everywhere.
constexpr bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](char c) { return lower(c); });
    return result;
}

// No part of the text is repeated: it may be, or contain, a password in the wrong place.
[[noreturn]] void refuse(std::string_view what) {
    throw ArgumentError(fmt::format("the database address cannot be read: {}. It has the form "
                                    "scheme://user:password@host:port/database?option=value",
                                    what));
}

int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    const char small = lower(c);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

std::string decode(std::string_view text, std::string_view part) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
            refuse(
                fmt::format("a '%' in the {} is not followed by two hexadecimal digits (a percent "
                            "sign itself is written %25)",
                            part));
        }
        const char byte = static_cast<char>(high * 16 + low);
        if (byte == '\0') refuse(fmt::format("the {} contains a zero byte", part));
        result += byte;
        i += 2;
    }
    return result;
}

void append_encoded(std::string& out, std::string_view text, std::string_view also_plain) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : text) {
        if (is_letter(c) || is_digit(c) ||
            std::string_view("-._~").find(c) != std::string_view::npos ||
            also_plain.find(c) != std::string_view::npos) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
}

bool is_ipv6(std::string_view name) {
    const std::string address(name.substr(0, name.find('%')));
    std::array<unsigned char, sizeof(in6_addr)> binary{};
    return inet_pton(AF_INET6, address.c_str(), binary.data()) == 1;
}

void check_characters(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            refuse("it contains a control character (write it in the form %0A)");
        }
        if (c == '#') refuse("it contains a '#' (as part of a name or password, write %23)");
    }
}

bool is_scheme(std::string_view text, bool allow_underscore) {
    constexpr std::size_t longest = 64; // it becomes part of a plugin's file name
    if (text.empty() || text.size() > longest || !is_letter(text.front())) return false;
    return std::ranges::all_of(text, [&](char c) {
        return is_letter(c) || is_digit(c) || c == '-' || c == '.' ||
               (allow_underscore && c == '_');
    });
}

void parse_scheme(std::string_view text, Url& url) {
    const auto plus = text.find('+');
    const std::string_view scheme = text.substr(0, plus);
    if (!is_scheme(scheme, false)) {
        refuse("the scheme before '://' must be a letter followed by letters, digits, '-' or '.', "
               "at most 64 of them");
    }
    url.scheme = lower(scheme);
    if (plus == std::string_view::npos) return;
    const std::string_view driver = text.substr(plus + 1);
    if (!is_scheme(driver, true)) refuse("the driver name after '+' is empty or not a name");
    url.driver = lower(driver);
}

void parse_user(std::string_view text, Url& url) {
    const auto colon = text.find(':');
    url.user = decode(text.substr(0, colon), "user name");
    if (colon != std::string_view::npos) url.password = decode(text.substr(colon + 1), "password");
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    if (text.empty()) return std::nullopt; // RFC 3986 allows "host:"
    std::uint16_t port = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc() || stop != end || port == 0) {
        refuse("a port is not a number from 1 to 65535 (a ':', '/', '?' or '@' that belongs to the "
               "user name or password must be percent-encoded)");
    }
    return port;
}

Url::Host parse_bracketed_host(std::string_view text) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) refuse("an IPv6 address has no closing ']'");
    Url::Host host{decode(text.substr(1, close - 1), "host"), std::nullopt};
    if (!is_ipv6(host.name)) refuse("what is in the brackets is not an IPv6 address");
    const std::string_view rest = text.substr(close + 1);
    if (rest.empty()) return host;
    if (rest.front() != ':') refuse("only a port may follow the ']' of an IPv6 address");
    host.port = parse_port(rest.substr(1));
    return host;
}

Url::Host parse_host(std::string_view text) {
    if (text.starts_with('[')) return parse_bracketed_host(text);
    const auto colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    if (name.find_first_of("[] \\") != std::string_view::npos) {
        refuse("a host contains a blank, a bracket or a backslash");
    }
    Url::Host host{decode(name, "host"), std::nullopt};
    if (colon == std::string_view::npos) return host;
    const std::string_view port = text.substr(colon + 1);
    if (port.find(':') != std::string_view::npos) {
        refuse("a host contains more than one ':' (an IPv6 address is written in brackets)");
    }
    host.port = parse_port(port);
    return host;
}

void parse_hosts(std::string_view text, Url& url) {
    if (text.empty()) return;
    const bool several = text.find(',') != std::string_view::npos;
    while (true) {
        const auto comma = text.find(',');
        Url::Host host = parse_host(text.substr(0, comma));
        if (host.name.empty() && several) refuse("a list of hosts contains an empty one");
        if (!host.name.empty() || host.port) url.hosts.push_back(std::move(host));
        if (comma == std::string_view::npos) return;
        text.remove_prefix(comma + 1);
    }
}

void parse_authority(std::string_view text, Url& url) {
    const auto at = text.find('@');
    if (at == std::string_view::npos) return parse_hosts(text, url);
    if (text.find('@', at + 1) != std::string_view::npos) {
        refuse("there is more than one '@' (in a user name or password it is written %40)");
    }
    parse_user(text.substr(0, at), url);
    parse_hosts(text.substr(at + 1), url);
}

void parse_option(std::string_view text, Url& url) {
    const auto equals = text.find('=');
    std::string name = decode(text.substr(0, equals), "name of an option");
    if (name.empty()) refuse("an option after '?' has no name");
    std::string value;
    if (equals != std::string_view::npos) {
        value = decode(text.substr(equals + 1), "value of an option");
    }
    if (!url.options.emplace(std::move(name), std::move(value)).second) {
        refuse("an option is given twice");
    }
}

void parse_options(std::string_view text, Url& url) {
    if (text.empty()) return;
    while (true) {
        const auto ampersand = text.find('&');
        parse_option(text.substr(0, ampersand), url);
        if (ampersand == std::string_view::npos) return;
        text.remove_prefix(ampersand + 1);
    }
}

// Client libraries take passwords as options, too; those are as secret as the one before the '@'.
bool is_secret_option(std::string_view name) {
    const std::string small = lower(name);
    constexpr std::array<std::string_view, 6> marks = {"password",   "passwd", "pwd",
                                                       "passphrase", "secret", "token"};
    return std::ranges::any_of(
        marks, [&](std::string_view mark) { return small.find(mark) != std::string::npos; });
}

void append_host(std::string& out, const Url::Host& host) {
    if (is_ipv6(host.name)) {
        out += '[';
        append_encoded(out, host.name, ":");
        out += ']';
    } else {
        append_encoded(out, host.name, "");
    }
    if (host.port) fmt::format_to(std::back_inserter(out), ":{}", *host.port);
}

void append_user(std::string& out, const Url& url, bool with_password) {
    if (url.user.empty() && !url.password) return;
    append_encoded(out, url.user, "");
    if (url.password) {
        out += ':';
        if (with_password) {
            append_encoded(out, *url.password, "");
        } else {
            out += "***";
        }
    }
    out += '@';
}

void append_options(std::string& out, const Url& url, bool with_password) {
    char separator = '?';
    for (const auto& [name, value] : url.options) {
        out += std::exchange(separator, '&');
        append_encoded(out, name, "/:@");
        out += '=';
        if (with_password || !is_secret_option(name)) {
            append_encoded(out, value, "/:@,");
        } else {
            out += "***";
        }
    }
}

} // namespace

Url Url::parse(std::string_view text) {
    check_characters(text);
    const auto slashes = text.find("://");
    if (slashes == std::string_view::npos) refuse("it has no '://' after the scheme");
    Url url;
    parse_scheme(text.substr(0, slashes), url);
    std::string_view rest = text.substr(slashes + 3);
    if (const auto question = rest.find('?'); question != std::string_view::npos) {
        parse_options(rest.substr(question + 1), url);
        rest = rest.substr(0, question);
    }
    const auto slash = rest.find('/');
    parse_authority(rest.substr(0, slash), url);
    if (slash != std::string_view::npos) {
        url.database = decode(rest.substr(slash + 1), "database name");
    }
    return url;
}

Url Url::of_file(std::string_view scheme, const std::string& file) {
    Url url;
    parse_scheme(scheme, url);
    url.database = file;
    return url;
}

std::ostream& operator<<(std::ostream& out, const Url& url) {
    return out << url.to_string();
}

std::string Url::to_string(bool with_password) const {
    std::string out = scheme;
    if (!driver.empty()) out.append("+").append(driver);
    out += "://";
    append_user(out, *this, with_password);
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        if (i > 0) out += ',';
        append_host(out, hosts[i]);
    }
    if (!database.empty()) {
        out += '/';
        append_encoded(out, database, "/:@!$&'()*+,;=");
    }
    append_options(out, *this, with_password);
    return out;
}

std::optional<std::string> Url::option(const std::string& name) const {
    const auto found = options.find(name);
    if (found == options.end()) return std::nullopt;
    return found->second;
}

} // namespace mercator
