// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mercator {

/// A query that becomes a derived table, so that LIMIT, OFFSET and DISTINCT count its own rows and
/// not those of what is joined to it. What the outer statement needs is handed out under labels.
class PageSelect {
public:
    PageSelect(const ast::Select& query, std::string alias);

    /// The column of the derived table that has the value of an expression of the query.
    [[nodiscard]] ast::ExpressionPtr outer(const ast::ExpressionPtr& inner);
    /// The query's ORDER BY for the outer statement; inside it is kept where it says which rows are
    /// counted.
    [[nodiscard]] std::vector<ast::ExpressionPtr> take_order();
    /// After the last `outer`.
    [[nodiscard]] std::shared_ptr<const ast::Subquery> finish() &&;

private:
    [[nodiscard]] const ast::ExpressionPtr& labelled(const ast::ExpressionPtr& inner);

    ast::Select select_;
    std::string alias_;
};

} // namespace mercator
