// SPDX-License-Identifier: MIT
#include "fault_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

namespace mercator::test {

namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

// The sockets' interface wants the general type.
const sockaddr* general(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

} // namespace

FaultProxy::FaultProxy(const Url& server) :
    server_(server),
    listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    if (listener_ < 0 || bind(listener_, general(address), length) != 0 ||
        listen(listener_, 64) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
        throw std::runtime_error("the proxy cannot listen");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { work(); });
}

FaultProxy::~FaultProxy() {
    ends_ = true;
    thread_.join();
    cut();
    close(listener_);
}

Url FaultProxy::url() const {
    Url url = server_;
    url.hosts = {{"127.0.0.1", port_}};
    return url;
}

void FaultProxy::cut() {
    const std::lock_guard lock(mutex_);
    for (const auto& [client, pair] : pairs_) {
        close(client);
        if (pair.server >= 0) close(pair.server);
    }
    pairs_.clear();
}

void FaultProxy::swallow() {
    const std::lock_guard lock(mutex_);
    for (auto& [client, pair] : pairs_) pair.swallowed = true;
}

void FaultProxy::accept_one() {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    ++accepted_;
    Pair pair;
    pair.swallowed = swallow_new_;
    pair.server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(server_.hosts.front().port.value_or(0));
    if (connect(pair.server, general(address), sizeof address) != 0) {
        close(client);
        close(pair.server);
        return;
    }
    const int yes = 1;
    for (const int end : {client, pair.server})
        setsockopt(end, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const std::lock_guard lock(mutex_);
    pairs_[client] = pair;
}

bool FaultProxy::pass_on(int from, int to, bool swallowed) const {
    std::array<char, 65'536> buffer{};
    const ssize_t got = recv(from, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got <= 0) return false;
    if (swallowed) return true;
    for (ssize_t sent = 0; sent < got;) {
        const ssize_t more =
            send(to, buffer.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
        if (more <= 0) return false;
        sent += more;
    }
    return true;
}

void FaultProxy::work() {
    while (!ends_) {
        std::vector<pollfd> sockets{{listener_, POLLIN, 0}};
        {
            const std::lock_guard lock(mutex_);
            for (const auto& [client, pair] : pairs_) {
                sockets.push_back({client, POLLIN, 0});
                sockets.push_back({pair.server, POLLIN, 0});
            }
        }
        constexpr int short_while = 10; // sockets may be cut meanwhile
        if (poll(sockets.data(), sockets.size(), short_while) <= 0) continue;
        if (sockets[0].revents != 0) accept_one();
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 1; i < sockets.size(); i += 2) {
            const int client = sockets[i].fd;
            const auto found = pairs_.find(client);
            if (found == pairs_.end() || found->second.server != sockets[i + 1].fd) continue;
            Pair& pair = found->second;
            bool open = true;
            if (sockets[i].revents != 0) {
                if (!std::exchange(pair.client_talks, true)) ++round_trips_;
                open = pass_on(client, pair.server, pair.swallowed);
            }
            if (open && sockets[i + 1].revents != 0) {
                pair.client_talks = false;
                open = pass_on(pair.server, client, pair.swallowed);
            }
            if (open) continue;
            close(client);
            close(pair.server);
            pairs_.erase(found);
        }
    }
}

} // namespace mercator::test
