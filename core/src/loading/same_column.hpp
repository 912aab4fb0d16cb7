// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/expression.hpp>

namespace mercator {

/// Are both the same column of a statement, which names tables?
[[nodiscard]] inline bool is_same_column(const ast::Expression& a, const ast::Expression& b) {
    if (a.kind != ast::NodeKind::ColumnRef || b.kind != ast::NodeKind::ColumnRef) return false;
    const auto& left = static_cast<const ast::ColumnRef&>(a);
    const auto& right = static_cast<const ast::ColumnRef&>(b);
    return left.name == right.name && left.qualifier == right.qualifier;
}

} // namespace mercator
