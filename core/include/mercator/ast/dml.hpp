// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mercator::ast {

/// A column that is written or returned, with the type its parameter has.
struct TargetColumn {
    std::string name;
    SqlType type;
    bool nullable = true;
    friend bool operator==(const TargetColumn&, const TargetColumn&) = default;
};

/// How many rows one execution carries and how they travel; chosen by the unit of work from
/// `Capabilities`.
enum class BatchForm : std::uint8_t {
    Single,   ///< one row; the driver repeats the statement for each row it is given
    MultiRow, ///< `rows` rows in one statement, parameters row by row
    Arrays    ///< any number of rows, one array parameter per column
};

/// INSERT of rows given by parameters. Parameter i of a row belongs to `columns[i]`. With no
/// columns, every row takes its defaults. Rows of `returning` come back in no promised order.
struct Insert final : Statement {
    std::shared_ptr<const TableRef> table;
    std::vector<TargetColumn> columns;
    std::vector<TargetColumn> returning;
    BatchForm form = BatchForm::Single;
    std::uint32_t rows = 1;
    /// When set instead of parameters: one expression per column (a Core-level
    /// `insert().values(...)`), form Single.
    std::vector<ExpressionPtr> values;
    Insert() : Statement(NodeKind::Insert) {}
};

/// UPDATE by key, batched: parameters of a row are first `columns`, then `keys`. Or, with
/// `assignments`, an UPDATE by condition.
struct Update final : Statement {
    struct Assignment {
        TargetColumn column;
        ExpressionPtr value;
    };
    std::shared_ptr<const TableRef> table;
    std::vector<TargetColumn> columns;
    std::vector<TargetColumn> keys;
    BatchForm form = BatchForm::Single;
    std::uint32_t rows = 1;
    std::vector<Assignment> assignments;
    std::vector<ExpressionPtr> where;
    Update() : Statement(NodeKind::Update) {}
};

/// DELETE by key, batched (parameters of a row are `keys`), or by condition when `keys` is empty.
struct Delete final : Statement {
    std::shared_ptr<const TableRef> table;
    std::vector<TargetColumn> keys;
    BatchForm form = BatchForm::Single;
    std::uint32_t rows = 1;
    std::vector<ExpressionPtr> where;
    Delete() : Statement(NodeKind::Delete) {}
};

} // namespace mercator::ast
