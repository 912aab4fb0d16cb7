// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/support/error.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>

namespace mercator {

/// No connection became free in time: the application holds too many, or the pool is too small. No
/// database was asked, so nothing is lost by trying again.
class MERCATOR_API PoolTimeout : public TimeoutError {
public:
    PoolTimeout(DatabaseErrorInfo info, std::size_t pool_size, std::size_t in_use);
    PoolTimeout(const PoolTimeout&) = default;
    PoolTimeout& operator=(const PoolTimeout&) = default;
    ~PoolTimeout() override;

    /// How many connections the pool may open.
    [[nodiscard]] std::size_t pool_size() const noexcept { return pool_size_; }
    /// How many were in use, or being opened, at the end of the wait.
    [[nodiscard]] std::size_t in_use() const noexcept { return in_use_; }

private:
    std::size_t pool_size_;
    std::size_t in_use_;
};

} // namespace mercator
