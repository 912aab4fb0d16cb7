// SPDX-License-Identifier: MIT
#include "connector.hpp"

#include "connector_driver.hpp"

namespace mercator::mysql {

bool has_connector() noexcept {
    return true;
}

std::unique_ptr<DriverConnection> connect_by_connector(const Address& address,
                                                       const ConnectOptions& options) {
    return std::make_unique<ConnectorConnection>(address, options);
}

} // namespace mercator::mysql
