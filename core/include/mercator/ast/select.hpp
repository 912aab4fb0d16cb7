// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/expression.hpp>

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace mercator::ast {

/// A table by name, with an optional schema and alias. The qualifier of its columns is the alias,
/// else the name.
struct TableRef {
    std::string schema;
    std::string name;
    std::string alias;
    [[nodiscard]] const std::string& qualifier() const noexcept {
        return alias.empty() ? name : alias;
    }
    friend bool operator==(const TableRef&, const TableRef&) = default;
};

/// A SELECT in parentheses with an alias, read like a table.
struct Subquery {
    SelectPtr select;
    std::string alias;
};

/// What can stand in FROM and JOIN. Tables are shared, because a mapper has its own ready.
using FromItem = std::variant<std::shared_ptr<const TableRef>, std::shared_ptr<const Subquery>>;

enum class JoinKind : std::uint8_t { Inner, Left, Right, Full, Cross };

struct Join {
    JoinKind kind = JoinKind::Inner;
    FromItem target;
    ExpressionPtr on; ///< empty for Cross
};

/// Base of the statements that a dialect compiles and a driver runs.
struct Statement {
    NodeKind kind;

protected:
    explicit Statement(NodeKind k) noexcept : kind(k) {}
    ~Statement() = default;
};

/// SELECT. `from` joins left to right with `joins`. Without columns it selects the constant 1 (for
/// EXISTS).
struct Select final : Statement {
    bool distinct = false;
    bool for_update = false;
    std::vector<ExpressionPtr> columns;
    std::vector<FromItem> from;
    std::vector<Join> joins;
    std::vector<ExpressionPtr> where; ///< all must hold
    std::vector<ExpressionPtr> group_by;
    std::vector<ExpressionPtr> having; ///< all must hold
    std::vector<ExpressionPtr> order_by;
    ExpressionPtr limit;
    ExpressionPtr offset;
    Select() : Statement(NodeKind::Select) {}
};

} // namespace mercator::ast
