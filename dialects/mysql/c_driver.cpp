// SPDX-License-Identifier: MIT
#include "c_driver.hpp"

#include "c_statement.hpp"

#include <mercator/support/error.hpp>

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <new>
#include <utility>

namespace mercator::mysql {
namespace {

const char* text_or_null(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
}

void set_timeout(MYSQL* link, mysql_option option, const std::optional<int>& seconds) {
    if (!seconds) return;
    const unsigned value = static_cast<unsigned>(*seconds);
    mysql_options(link, option, &value);
}

void set_tls(MYSQL* link, const Address& address) {
    if (address.tls == Tls::Disabled) return;
    mysql_ssl_set(link, text_or_null(address.tls_key), text_or_null(address.tls_certificate),
                  text_or_null(address.tls_authority), nullptr, nullptr);
    const my_bool yes = 1;
    mysql_options(link, MYSQL_OPT_SSL_ENFORCE, &yes);
    if (address.tls == Tls::VerifyIdentity)
        mysql_options(link, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
}

void set_options(MYSQL* link, const Address& address, int connect_timeout) {
    set_timeout(link, MYSQL_OPT_CONNECT_TIMEOUT, connect_timeout);
    set_timeout(link, MYSQL_OPT_READ_TIMEOUT, address.read_timeout);
    set_timeout(link, MYSQL_OPT_WRITE_TIMEOUT, address.write_timeout);
    mysql_options(link, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    const my_bool no = 0;
    mysql_options(link, MYSQL_OPT_RECONNECT, &no);
    const unsigned off = 0;
    mysql_options(link, MYSQL_OPT_LOCAL_INFILE, &off);
    // Or else "localhost" would mean a socket of the library's choice.
    const unsigned protocol = address.socket.empty() ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET;
    mysql_options(link, MYSQL_OPT_PROTOCOL, &protocol);
    set_tls(link, address);
}

/// `mysql_init` would set the library up without a lock.
MYSQL* new_link() {
    static const int failed = mysql_library_init(0, nullptr, nullptr);
    MYSQL* link = failed != 0 ? nullptr : mysql_init(nullptr);
    if (link == nullptr) throw std::bad_alloc();
    return link;
}

/// False when the time is over. A signal does not end the wait.
bool answers_within(int socket, std::chrono::milliseconds limit) {
    using Clock = std::chrono::steady_clock;
    constexpr std::int64_t longest = 1'000'000;
    const auto deadline = Clock::now() + limit;
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd waiting{socket, POLLIN, 0};
        const auto patience = std::clamp<std::int64_t>(left, 0, longest);
        const int ready = poll(&waiting, 1, limit.count() > 0 ? static_cast<int>(patience) : -1);
        if (ready > 0) return true;
        if (ready == 0 && left <= longest) return false;
        if (ready < 0 && errno != EINTR) return true; // reading tells what it is
    }
}

} // namespace

CConnection::CConnection(const Address& address, const ConnectOptions& options) :
    Connection(address, options),
    ping_limit_(options.ping_timeout),
    link_(new_link()) {
    const Connecting connecting(address, options);
    set_options(link_.get(), address, connecting.timeout_seconds());
    const bool tcp = address.socket.empty();
    if (mysql_real_connect(link_.get(), tcp ? address.host.c_str() : nullptr, address.user.c_str(),
                           address.password.value_or("").c_str(), text_or_null(address.database),
                           address.port, text_or_null(address.socket),
                           CLIENT_FOUND_ROWS) == nullptr) {
        connecting.fail(error());
    }
    met(mysql_get_server_info(link_.get()));
}

CConnection::~CConnection() = default;

NativeError CConnection::error() const {
    return {static_cast<int>(mysql_errno(link_.get())), mysql_sqlstate(link_.get()),
            mysql_error(link_.get())};
}

void CConnection::settle() {
    if (streaming_ != nullptr) std::exchange(streaming_, nullptr)->keep_rest();
}

void CConnection::query(const std::string& sql) {
    settle();
    if (mysql_real_query(link_.get(), sql.data(), sql.size()) != 0) fail(error(), sql);
}

void CConnection::ping() {
    const std::string sql = "DO 0";
    check_usable(sql);
    settle();
    if (mysql_send_query(link_.get(), sql.data(), sql.size()) != 0) fail(error(), sql);
    if (!answers_within(static_cast<int>(mysql_get_socket(link_.get())), ping_limit_)) {
        constexpr int server_lost = 2013;
        fail({server_lost, "HY000", "no answer to a sign of life"}, sql);
    }
    if (mysql_read_query_result(link_.get()) != 0) fail(error(), sql);
}

void CConnection::send(const std::string& sql) {
    query(sql);
    int more = 0;
    do {
        MYSQL_RES* rows = mysql_store_result(link_.get());
        if (rows == nullptr && mysql_field_count(link_.get()) != 0) fail(error(), sql);
        mysql_free_result(rows);
        more = mysql_next_result(link_.get());
    } while (more == 0);
    if (more > 0) fail(error(), sql);
}

std::int64_t CConnection::ask(const std::string& sql) {
    query(sql);
    MYSQL_RES* rows = mysql_store_result(link_.get());
    if (rows == nullptr) fail(error(), sql);
    std::int64_t number = 0;
    const char* const* row = mysql_fetch_row(rows);
    if (row != nullptr && row[0] != nullptr) {
        std::from_chars(row[0], row[0] + std::strlen(row[0]), number);
    }
    mysql_free_result(rows);
    return number;
}

std::unique_ptr<DriverStatement> CConnection::prepare(std::shared_ptr<const Compiled> compiled) {
    check_usable(compiled->sql);
    return std::make_unique<CStatement>(*this, std::move(compiled));
}

} // namespace mercator::mysql
