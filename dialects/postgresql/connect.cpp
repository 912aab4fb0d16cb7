// SPDX-License-Identifier: MIT
#include "connect.hpp"

#include "errors.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mercator::postgresql {
namespace {

using Clock = std::chrono::steady_clock;

enum class Kind : std::uint8_t {
    Text,   ///< handed to libpq as it is
    Number, ///< the same, checked to be digits
    Ours    ///< understood here
};

struct Option {
    std::string_view name;
    Kind kind = Kind::Text;
    std::string_view allowed{}; ///< blank-separated; empty: anything
};

constexpr std::array known_options{
    Option{"application_name"},
    Option{"channel_binding", Kind::Text, "disable prefer require"},
    Option{"client_encoding", Kind::Ours, "UTF8 utf8 UTF-8 utf-8"},
    Option{"connect_timeout", Kind::Ours},
    Option{"gssencmode", Kind::Text, "disable prefer require"},
    Option{"host", Kind::Ours},
    Option{"keepalives", Kind::Text, "0 1"},
    Option{"keepalives_count", Kind::Number},
    Option{"keepalives_idle", Kind::Number},
    Option{"keepalives_interval", Kind::Number},
    Option{"krbsrvname"},
    Option{"lock_timeout", Kind::Ours},
    Option{"options", Kind::Ours},
    Option{"passfile"},
    Option{"port", Kind::Ours},
    Option{"prepared_statements", Kind::Ours, "on off"},
    Option{"read_timeout", Kind::Ours},
    Option{"requirepeer"},
    Option{"search_path", Kind::Ours},
    Option{"ssl_max_protocol_version", Kind::Text, "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"},
    Option{"ssl_min_protocol_version", Kind::Text, "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"},
    Option{"sslcert"},
    Option{"sslcrl"},
    Option{"sslcrldir"},
    Option{"sslkey"},
    Option{"sslmode", Kind::Text, "disable allow prefer require verify-ca verify-full"},
    Option{"sslpassword"},
    Option{"sslrootcert"},
    Option{"sslsni", Kind::Text, "0 1"},
    Option{"statement_timeout", Kind::Ours},
    Option{"target_session_attrs", Kind::Text,
           "any read-write read-only primary standby prefer-standby"},
    Option{"tcp_user_timeout", Kind::Number},
};

const Option* find_option(std::string_view name) {
    const auto found = std::find_if(known_options.begin(), known_options.end(),
                                    [&](const Option& option) { return option.name == name; });
    return found == known_options.end() ? nullptr : &*found;
}

std::optional<std::uint32_t> parse_number(std::string_view text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

bool is_word_of(std::string_view words, std::string_view word) {
    for (std::size_t start = 0; start <= words.size();) {
        const auto end = std::min(words.find(' ', start), words.size());
        if (words.substr(start, end - start) == word) return true;
        start = end + 1;
    }
    return false;
}

std::string all_names() {
    std::string names;
    for (const Option& option : known_options)
        names.append(names.empty() ? "" : ", ").append(option.name);
    return names;
}

/// Values of options may be secret (sslpassword): messages name the option and never repeat its
/// value.
void check_option(const std::string& name, const std::string& value) {
    constexpr std::array numbers{std::string_view("connect_timeout"),
                                 std::string_view("lock_timeout"), std::string_view("read_timeout"),
                                 std::string_view("statement_timeout")};
    const Option* option = find_option(name);
    if (option == nullptr)
        throw ArgumentError(
            fmt::format("unknown option \"{}\" in a PostgreSQL address; known are {}", name,
                        all_names()),
            name);
    if (value.find('\0') != std::string::npos)
        throw ArgumentError(fmt::format("option \"{}\" holds a NUL character", name), name);
    const bool is_number = option->kind == Kind::Number ||
                           std::find(numbers.begin(), numbers.end(), name) != numbers.end();
    if (is_number && !parse_number(value))
        throw ArgumentError(fmt::format("option \"{}\" must be a whole number", name), name);
    if (!option->allowed.empty() && !is_word_of(option->allowed, value))
        throw ArgumentError(fmt::format("option \"{}\" must be one of: {}", name, option->allowed),
                            name);
    if (const auto port = parse_number(value);
        name == "port" && (!port || *port == 0 || *port > 65'535))
        throw ArgumentError("option \"port\" must be a number from 1 to 65535", name);
}

void check_part(std::string_view part, const char* name) {
    if (part.find('\0') != std::string_view::npos)
        throw ArgumentError(
            fmt::format("the {} in a PostgreSQL address holds a NUL character", name), name);
}

/// `options` of the start-up packet splits at blanks; a backslash keeps one.
void append_setting(std::string& out, std::string_view name, std::string_view value) {
    out.append(" -c ").append(name).append("=");
    for (const char c : value) {
        if (c == ' ' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
}

/// The settings that our formats rely on stand last, so that neither a role's settings nor the
/// address changes them.
std::string startup_settings(const Url& url) {
    std::string settings = url.option("options").value_or("");
    for (const char* name : {"search_path", "statement_timeout", "lock_timeout"})
        if (const auto value = url.option(name)) append_setting(settings, name, *value);
    append_setting(settings, "TimeZone", "UTC");
    append_setting(settings, "DateStyle", "ISO, MDY");
    append_setting(settings, "IntervalStyle", "postgres");
    append_setting(settings, "extra_float_digits", "3");
    append_setting(settings, "bytea_output", "hex");
    append_setting(settings, "standard_conforming_strings", "on");
    append_setting(settings, "backslash_quote", "safe_encoding");
    return settings;
}

std::vector<Url::Host> hosts_of(const Url& url) {
    std::vector<Url::Host> hosts = url.hosts;
    if (hosts.empty()) hosts.push_back({url.option("host").value_or(""), std::nullopt});
    if (const auto port = url.option("port"))
        for (auto& host : hosts)
            if (!host.port) host.port = static_cast<std::uint16_t>(*parse_number(*port));
    return hosts;
}

/// Keywords and values for libpq: parsed by us, so that it never reads an address and never quotes
/// one in an error.
class Keywords {
public:
    void add(std::string keyword, std::string value) {
        pairs_.emplace_back(std::move(keyword), std::move(value));
    }
    void add_unless_empty(std::string keyword, const std::string& value) {
        if (!value.empty()) add(std::move(keyword), value);
    }
    [[nodiscard]] PGconn* start() const {
        std::vector<const char*> keywords;
        std::vector<const char*> values;
        for (const auto& [keyword, value] : pairs_) {
            keywords.push_back(keyword.c_str());
            values.push_back(value.c_str());
        }
        keywords.push_back(nullptr);
        values.push_back(nullptr);
        return PQconnectStartParams(keywords.data(), values.data(), 0);
    }

private:
    std::vector<std::pair<std::string, std::string>> pairs_;
};

Keywords keywords_for(const Url& url, const Url::Host& host, const std::string& session_kind) {
    Keywords keywords;
    keywords.add_unless_empty("host", host.name);
    if (host.port) keywords.add("port", std::to_string(*host.port));
    keywords.add_unless_empty("user", url.user);
    if (url.password) keywords.add("password", *url.password);
    keywords.add_unless_empty("dbname", url.database);
    // Defaults; libpq takes the last of equal keywords.
    keywords.add("application_name", "mercator");
    keywords.add("gssencmode", "disable");
    keywords.add("keepalives", "1");
    keywords.add("keepalives_idle", "60");
    keywords.add("keepalives_interval", "10");
    keywords.add("keepalives_count", "6");
    keywords.add("tcp_user_timeout", "60000");
    // Who names an authority wants no other server, and no plain text either.
    if (url.option("sslrootcert")) keywords.add("sslmode", "verify-full");
    for (const auto& [name, value] : url.options)
        if (find_option(name)->kind != Kind::Ours && name != "target_session_attrs")
            keywords.add(name, value);
    keywords.add_unless_empty("target_session_attrs", session_kind);
    keywords.add("client_encoding", "UTF8");
    keywords.add("options", startup_settings(url));
    return keywords;
}

std::string host_text(const Url::Host& host) {
    const std::string name = host.name.empty() ? "the default socket" : host.name;
    return host.port ? fmt::format("{}:{}", name, *host.port) : name;
}

/// First line of libpq's message without the password, should the library ever repeat it.
std::string first_line_without(std::string_view message, const Url& url) {
    std::string line(message.substr(0, message.find('\n')));
    if (!url.password || url.password->empty()) return line;
    for (auto at = line.find(*url.password); at != std::string::npos;
         at = line.find(*url.password, at + 3))
        line.replace(at, url.password->size(), "***");
    return line;
}

DatabaseErrorInfo refused(const PGconn* connection, const Url& url, const Url::Host& host) {
    const char* message = connection == nullptr ? "out of memory" : PQerrorMessage(connection);
    DatabaseErrorInfo info;
    info.sqlstate = sqlstate_in(message);
    info.connection_lost = true;
    const bool is_login = info.sqlstate.starts_with("28") ||
                          (connection != nullptr && PQconnectionNeedsPassword(connection) != 0);
    const bool is_away = info.sqlstate.starts_with("08") || info.sqlstate.starts_with("57");
    if (is_login) {
        info.code = ErrorCode::Operational;
        info.message =
            fmt::format("the server at {} refused user \"{}\"; check user name and password",
                        host_text(host), url.user);
        return info;
    }
    info.code = info.sqlstate.empty() || is_away ? ErrorCode::Disconnected : ErrorCode::Operational;
    if (info.sqlstate == "3D000")
        info.message = fmt::format("the server at {} has no database \"{}\"; create it first",
                                   host_text(host), url.database);
    else
        info.message = fmt::format("cannot connect to {}: {}", host_text(host),
                                   first_line_without(message, url));
    return info;
}

DatabaseErrorInfo too_slow(const Url::Host& host, std::chrono::milliseconds limit) {
    DatabaseErrorInfo info;
    info.code = ErrorCode::Timeout;
    info.message = fmt::format("no connection to {} within {} ms", host_text(host), limit.count());
    info.connection_lost = true;
    return info;
}

bool demands_tls(const Url& url) {
    const auto mode = url.option("sslmode");
    if (!mode) return url.option("sslrootcert").has_value();
    return *mode == "require" || mode->starts_with("verify");
}

/// libpq ignores sslmode on sockets of the file system.
bool is_plain(PGconn* connection) {
    return PQsslInUse(connection) == 0 && PQgssEncInUse(connection) == 0;
}

DatabaseErrorInfo unencrypted(const Url::Host& host) {
    DatabaseErrorInfo info;
    info.code = ErrorCode::Operational;
    info.message = fmt::format("cannot connect to {}: the address demands encryption, which a "
                               "socket of the file system does not have; leave it out there",
                               host_text(host));
    info.connection_lost = true;
    return info;
}

/// False when the time is over.
bool wait_for(const PGconn* connection, PostgresPollingStatusType direction,
              Clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd socket{PQsocket(connection),
                  static_cast<short>(direction == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
    const int ready = poll(&socket, 1, static_cast<int>(std::min<std::int64_t>(left, 1'000'000)));
    return ready != 0 || Clock::now() < deadline;
}

} // namespace

std::chrono::milliseconds answer_limit(const Url& url) {
    const auto seconds = url.option("read_timeout");
    return std::chrono::seconds(seconds ? *parse_number(*seconds) : 0);
}

namespace {

std::chrono::milliseconds time_limit(const Url& url, const ConnectOptions& options) {
    if (const auto seconds = url.option("connect_timeout"))
        return std::chrono::seconds(*parse_number(*seconds));
    return options.connect_timeout;
}

/// One host: the link, or nothing and the reason.
ConnectionPtr try_host(const Keywords& keywords, const Url& url, const Url::Host& host,
                       std::chrono::milliseconds limit, DatabaseErrorInfo& failure) {
    const auto deadline = limit.count() > 0 ? Clock::now() + limit : Clock::time_point::max();
    ConnectionPtr connection(keywords.start());
    if (!connection || PQstatus(connection.get()) == CONNECTION_BAD) {
        failure = refused(connection.get(), url, host);
        return nullptr;
    }
    // Verbose messages are the only way in which libpq tells the SQLSTATE of a refused connection.
    PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
    auto direction = PGRES_POLLING_WRITING;
    while (direction != PGRES_POLLING_OK) {
        if (direction == PGRES_POLLING_FAILED) {
            failure = refused(connection.get(), url, host);
            return nullptr;
        }
        if (!wait_for(connection.get(), direction, deadline)) {
            failure = too_slow(host, limit);
            return nullptr;
        }
        direction = PQconnectPoll(connection.get());
    }
    PQsetErrorVerbosity(connection.get(), PQERRORS_DEFAULT);
    if (demands_tls(url) && is_plain(connection.get())) {
        failure = unencrypted(host);
        return nullptr;
    }
    return connection;
}

/// libpq's "prefer-standby" looks at all hosts twice; as we go through the hosts ourselves, so do
/// we.
std::vector<std::string> session_kinds(const Url& url) {
    const std::string kind = url.option("target_session_attrs").value_or("");
    if (kind == "prefer-standby") return {"standby", "any"};
    return {kind};
}

} // namespace

void check_address(const Url& url) {
    if (!url.driver.empty() && url.driver != "libpq")
        throw ArgumentError(
            fmt::format("there is no PostgreSQL driver \"{}\"; leave it out, or write +libpq",
                        url.driver),
            url.driver);
    check_part(url.user, "user");
    check_part(url.password.value_or(""), "password");
    check_part(url.database, "database");
    for (const auto& host : url.hosts) check_part(host.name, "host");
    for (const auto& [name, value] : url.options) check_option(name, value);
    if (!url.hosts.empty() && url.option("host"))
        throw ArgumentError(
            "the address names a host twice: before the path and in option \"host\"", "host");
}

ConnectionPtr open_link(const Url& url, const ConnectOptions& options) {
    check_address(url);
    const auto limit = time_limit(url, options);
    DatabaseErrorInfo failure;
    for (const auto& kind : session_kinds(url))
        for (const auto& host : hosts_of(url))
            if (auto connection =
                    try_host(keywords_for(url, host, kind), url, host, limit, failure))
                return connection;
    throw_database_error(std::move(failure));
}

} // namespace mercator::postgresql
