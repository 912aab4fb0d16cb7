// SPDX-License-Identifier: MIT
#include <mercator/loading/correlated.hpp>

#include "correlated_select.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <utility>

namespace mercator {

ast::ExpressionPtr related_value(const Relationship& relationship,
                                 const ast::ExpressionPtr& function,
                                 const std::vector<ast::ExpressionPtr>& conditions) {
    CorrelatedSelect rows(relationship, relationship.owner->table_ref(), conditions, {function});
    return std::make_shared<ast::ScalarSubquery>(std::move(rows).finish(), function->type);
}

std::shared_ptr<const LoadNode> expression_node(const Mapper& mapper, Field field,
                                                ast::ExpressionPtr expression) {
    for (const auto& property : mapper.columns()) {
        if (property.member_place() != field.offset) continue;
        throw ArgumentError(fmt::format("{} is a column, so an expression cannot be loaded into "
                                        "it; add a member that is not mapped",
                                        property.where),
                            property.where);
    }
    field.where = mapper.class_name();
    auto node = std::make_shared<LoadNode>();
    node->mapper = &mapper;
    node->expressions.push_back({field, std::move(expression)});
    return node;
}

} // namespace mercator
