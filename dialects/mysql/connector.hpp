// SPDX-License-Identifier: MIT
#pragma once

#include "address.hpp"

#include <mercator/dialect/dialect.hpp>

#include <memory>

namespace mercator::mysql {

/// Was MySQL Connector/C++ built in (MERCATOR_MYSQL_CONNECTOR)? It stands under the GPL, with an
/// exception for free software, so a distribution may want to do without; then the C client is the
/// default.
[[nodiscard]] bool has_connector() noexcept;

/// A connection through MySQL Connector/C++. Only where `has_connector()`.
[[nodiscard]] std::unique_ptr<DriverConnection> connect_by_connector(const Address& address,
                                                                     const ConnectOptions& options);

} // namespace mercator::mysql
