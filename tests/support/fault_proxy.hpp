// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/url.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace mercator::test {

/// A wire that can fail: listens on a port of this machine and passes everything on to a server,
/// until told otherwise. Its thread ends with it.
class FaultProxy {
public:
    /// The server is the first host of the address.
    explicit FaultProxy(const Url& server);
    FaultProxy(const FaultProxy&) = delete;
    FaultProxy& operator=(const FaultProxy&) = delete;
    ~FaultProxy();

    /// The server's address by way of this wire.
    [[nodiscard]] Url url() const;

    /// Closes what is open; new connections work.
    void cut();
    /// Takes in all that is sent over open connections and passes nothing on; new ones work.
    void swallow();
    /// New connections are accepted and never answered, or work again.
    void swallow_new(bool on) { swallow_new_ = on; }
    /// Connections accepted so far.
    [[nodiscard]] int accepted() const { return accepted_; }
    /// How often a client has begun to talk, at first or after the server had: round trips.
    [[nodiscard]] int round_trips() const { return round_trips_; }

private:
    struct Pair {
        int server = -1;
        bool swallowed = false;
        bool client_talks = false; ///< what came last came from it
    };
    void work();
    void accept_one();
    bool pass_on(int from, int to, bool swallowed) const;

    Url server_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::mutex mutex_;
    std::map<int, Pair> pairs_; ///< by the client's socket
    std::atomic<bool> swallow_new_{false};
    std::atomic<int> accepted_{0};
    std::atomic<int> round_trips_{0};
    std::atomic<bool> ends_{false};
    std::thread thread_;
};

} // namespace mercator::test
