// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>

namespace mercator {

/// The expression for a statement that joins nothing, as an UPDATE: columns that a path leads to
/// from `start` are subqueries of one value.
[[nodiscard]] ast::ExpressionPtr with_path_values(const ast::ExpressionPtr& expression,
                                                  const ast::TableRef& start);

} // namespace mercator
