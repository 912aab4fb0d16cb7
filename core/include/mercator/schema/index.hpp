// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/expression.hpp>

#include <string>
#include <vector>

namespace mercator {

/// An index over one or more columns: `Index{.columns = {"status", "created_at"}, .descending =
/// {"created_at"}}`.
struct Index {
    std::string name{}; ///< empty: given by the naming convention
    std::vector<std::string> columns{};
    bool unique = false;
    std::vector<std::string> descending{}; ///< those of `columns` that are sorted the other way
    ast::ExpressionPtr where{};            ///< a partial index holds only rows that fulfil it
};

} // namespace mercator
