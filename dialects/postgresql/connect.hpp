// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/dialect.hpp>
#include <mercator/support/url.hpp>

#include <libpq-fe.h>

#include <chrono>
#include <memory>

namespace mercator::postgresql {

struct FinishConnection {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
using ConnectionPtr = std::unique_ptr<PGconn, FinishConnection>;

/// How long to wait for the server's answer to a command, by option read_timeout; 0: for ever.
[[nodiscard]] std::chrono::milliseconds answer_limit(const Url& url);

/// Every option and value that we understand; anything else is an ArgumentError naming it.
void check_address(const Url& url);

/// An open, authenticated link with the session settings that our formats rely on, in one round of
/// start-up messages. Tries the hosts in their order, each within the time limit.
[[nodiscard]] ConnectionPtr open_link(const Url& url, const ConnectOptions& options);

} // namespace mercator::postgresql
