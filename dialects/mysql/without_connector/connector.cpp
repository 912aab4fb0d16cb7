// SPDX-License-Identifier: MIT
#include "../connector.hpp"

#include <mercator/support/error.hpp>

namespace mercator::mysql {

bool has_connector() noexcept {
    return false;
}

std::unique_ptr<DriverConnection> connect_by_connector(const Address& /*address*/,
                                                       const ConnectOptions& /*options*/) {
    throw StateError("MySQL Connector/C++ is not part of this build");
}

} // namespace mercator::mysql
