// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/types/sql_type.hpp>
#include <mercator/types/value.hpp>

/// What type a value without one takes beside a neighbour, and which types may stand beside each
/// other.
namespace mercator::ast {

[[nodiscard]] bool is_number(const SqlType& type) noexcept;
[[nodiscard]] bool are_comparable(const SqlType& left, const SqlType& right) noexcept;

/// The neighbour's type when it can hold the value without loss; otherwise the value's own, so that
/// no comparison is decided by a rounded or refused parameter.
[[nodiscard]] SqlType bind_type(const Value& value, const SqlType& neighbour) noexcept;

} // namespace mercator::ast
