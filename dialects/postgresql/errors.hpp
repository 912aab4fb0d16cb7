// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/error.hpp>

#include <libpq-fe.h>

#include <string>
#include <string_view>

namespace mercator::postgresql {

/// What a five-character SQLSTATE means. Texts are never looked at: they are translated.
[[nodiscard]] ErrorCode code_of(std::string_view sqlstate) noexcept;

/// Everything the server told about a failed command, without DETAIL, which repeats row values. A
/// failure without a SQLSTATE comes from the client library, not from the server: the link counts
/// as lost, whatever its status says.
[[nodiscard]] DatabaseErrorInfo describe_failure(const PGconn* connection, const PGresult* result,
                                                 std::string_view statement);

/// A failure that libpq reported while a connection was being made, with verbose messages: their
/// only carrier of the SQLSTATE.
[[nodiscard]] std::string sqlstate_in(std::string_view verbose_message);

} // namespace mercator::postgresql
