// SPDX-License-Identifier: MIT
#include "page_select.hpp"

#include "same_column.hpp"

#include <mercator/ast/build.hpp>

#include <fmt/format.h>

namespace mercator {

namespace {

const ast::Expression& without_label(const ast::Expression& expression) {
    if (expression.kind != ast::NodeKind::Label) return expression;
    return *static_cast<const ast::Label&>(expression).operand;
}

} // namespace

PageSelect::PageSelect(const ast::Select& query, std::string alias) :
    select_(query),
    alias_(std::move(alias)) {
    select_.columns.clear();
}

const ast::ExpressionPtr& PageSelect::labelled(const ast::ExpressionPtr& inner) {
    for (const auto& column : select_.columns) {
        const auto& known = without_label(*column);
        const auto& wanted = without_label(*inner);
        if (&known == &wanted || is_same_column(known, wanted)) return column;
    }
    ast::ExpressionPtr operand = inner;
    if (inner->kind == ast::NodeKind::Label)
        operand = static_cast<const ast::Label&>(*inner).operand;
    // Short, since databases cut or refuse long names; by position, so that no two are the same.
    return select_.columns.emplace_back(
        ast::label(std::move(operand), fmt::format("c{}", select_.columns.size() + 1)));
}

ast::ExpressionPtr PageSelect::outer(const ast::ExpressionPtr& inner) {
    const auto& label = static_cast<const ast::Label&>(*labelled(inner));
    return ast::column(alias_, label.name, label.type, label.nullable);
}

std::vector<ast::ExpressionPtr> PageSelect::take_order() {
    std::vector<ast::ExpressionPtr> outside;
    for (auto& term : select_.order_by) {
        if (term->kind != ast::NodeKind::Ordering) {
            outside.push_back(outer(term));
            term = labelled(term);
            continue;
        }
        const auto& ordering = static_cast<const ast::Ordering&>(*term);
        outside.push_back(ast::order(outer(ordering.operand), ordering.descending, ordering.nulls));
        term = ast::order(labelled(ordering.operand), ordering.descending, ordering.nulls);
    }
    if (!select_.limit && !select_.offset) select_.order_by.clear();
    return outside;
}

std::shared_ptr<const ast::Subquery> PageSelect::finish() && {
    auto subquery = std::make_shared<ast::Subquery>();
    subquery->select = std::make_shared<const ast::Select>(std::move(select_));
    subquery->alias = std::move(alias_);
    return subquery;
}

} // namespace mercator
