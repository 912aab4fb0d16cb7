// SPDX-License-Identifier: MIT
#include <mercator/dialect/dialect.hpp>

namespace mercator {

Dialect::~Dialect() = default;

bool Dialect::shares_database(const Url& /*url*/) const {
    return true;
}

Url Dialect::located(const Url& url, const std::string& /*base*/) const {
    return url;
}

} // namespace mercator
