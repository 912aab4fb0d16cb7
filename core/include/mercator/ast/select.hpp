// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/expression.hpp>

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace mercator::ast {

struct ImpliedJoin;

/// A table by name, with an optional schema and alias. The qualifier of its columns is the alias,
/// else the name.
struct TableRef {
    std::string schema;
    std::string name;
    std::string alias;
    /// Set for a table that a path leads to: a SELECT that names one of its columns without reading
    /// the table joins it so. Such a table has an alias that tells the path.
    std::shared_ptr<const ImpliedJoin> implied = nullptr;
    [[nodiscard]] const std::string& qualifier() const noexcept {
        return alias.empty() ? name : alias;
    }
    /// The same table under the same name, whichever way it is joined.
    friend bool operator==(const TableRef& a, const TableRef& b) noexcept {
        return a.name == b.name && a.alias == b.alias && a.schema == b.schema;
    }
};

/// A SELECT in parentheses with an alias, read like a table.
struct Subquery {
    SelectPtr select;
    std::string alias;
    /// Their rows follow those of `select`, repeated ones included (UNION ALL). Each has as many
    /// columns, of the same types, which have the names that `select` gives them.
    std::vector<SelectPtr> and_all = {};
};

/// What can stand in FROM and JOIN. Tables are shared, because a mapper has its own ready.
using FromItem = std::variant<std::shared_ptr<const TableRef>, std::shared_ptr<const Subquery>>;

enum class JoinKind : std::uint8_t { Inner, Left, Right, Full, Cross };

struct Join {
    JoinKind kind = JoinKind::Inner;
    FromItem target;
    ExpressionPtr on; ///< empty for Cross
};

/// How a table is joined by a statement that names its columns and does not read it, as in
/// `rel(&Post::author).col(&User::name) == "Ada"`. The join is added where the owner is read: in
/// the innermost SELECT around the column that reads the owner, or that joins it by its own
/// `implied`. Paths of one statement that lead the same way under one alias are joined once.
///
/// `on` must not hold columns whose `table` is the joined one: shared pointers would go round in a
/// circle.
struct ImpliedJoin {
    std::shared_ptr<const TableRef> owner;
    JoinKind kind = JoinKind::Left;
    ExpressionPtr on;
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
