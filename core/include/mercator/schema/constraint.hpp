// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/expression.hpp>

#include <string>
#include <vector>

namespace mercator {

/// UNIQUE over one or more columns. NULLs count as different from each other on every supported
/// database.
struct UniqueConstraint {
    std::string name{}; ///< empty: given by the naming convention
    std::vector<std::string> columns{};
};

/// CHECK of a condition, given as a tree or, for what a tree cannot say, as text that the schema's
/// author wrote.
struct CheckConstraint {
    std::string name{};
    ast::ExpressionPtr condition{};
};

} // namespace mercator
