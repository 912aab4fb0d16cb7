// SPDX-License-Identifier: MIT
#include <mercator/mapping/expression.hpp>

#include <mercator/support/error.hpp>

#include <fmt/format.h>

namespace mercator {

ast::ExpressionPtr column_by_name(const Mapper& mapper, std::string_view name) {
    if (const auto* property = mapper.find_column(name)) return property->ref;
    std::string known;
    for (const auto& property : mapper.columns())
        known += (known.empty() ? "" : ", ") + property.member;
    throw MappingError(fmt::format("{} has no column of the name asked for; it has {}",
                                   mapper.class_name(), known),
                       std::string(mapper.class_name()));
}

namespace {

std::vector<ast::ExpressionPtr> nodes(const std::vector<Condition>& conditions) {
    std::vector<ast::ExpressionPtr> list;
    list.reserve(conditions.size());
    for (const auto& condition : conditions) list.push_back(condition.node());
    return list;
}

} // namespace

Condition all_of(const std::vector<Condition>& conditions) {
    return Condition(ast::and_(nodes(conditions)));
}
Condition any_of(const std::vector<Condition>& conditions) {
    return Condition(ast::or_(nodes(conditions)));
}

} // namespace mercator
