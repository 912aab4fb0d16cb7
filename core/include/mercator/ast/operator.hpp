// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace mercator::ast {

/// Operators of one and two operands. How each is spelled is the compiler's business.
enum class Operator : std::uint8_t {
    // comparison
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    // arithmetic
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Negate,
    // text
    Concat,
    // logic
    Not
};

[[nodiscard]] constexpr bool is_comparison(Operator op) noexcept {
    return op <= Operator::GreaterEqual;
}
[[nodiscard]] constexpr bool is_arithmetic(Operator op) noexcept {
    return op >= Operator::Add && op <= Operator::Negate;
}

} // namespace mercator::ast
