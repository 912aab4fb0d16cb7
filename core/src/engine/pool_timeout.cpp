// SPDX-License-Identifier: MIT
#include <mercator/engine/pool_timeout.hpp>

#include <utility>

namespace mercator {

PoolTimeout::PoolTimeout(DatabaseErrorInfo info, std::size_t pool_size, std::size_t in_use) :
    TimeoutError(std::move(info)),
    pool_size_(pool_size),
    in_use_(in_use) {}

PoolTimeout::~PoolTimeout() = default;

} // namespace mercator
