// SPDX-License-Identifier: MIT
#include "planned_select.hpp"

#include "same_column.hpp"

#include <mercator/ast/build.hpp>

#include <algorithm>
#include <cstdint>

namespace mercator {

const EntityPlan& plan_of(const LoadRequest& request, const ast::Select& select) {
    if (select.distinct) return entity_plan(*request.mapper);
    return entity_plan(*request.mapper, request.options.get(), request.read_only);
}

namespace {

std::uint16_t position_in(ast::Select& select, const ast::ExpressionPtr& column) {
    const auto found =
        std::find_if(select.columns.begin(), select.columns.end(), [&](const auto& other) {
            return other == column || is_same_column(*other, *column);
        });
    const auto position = static_cast<std::uint16_t>(found - select.columns.begin());
    if (found == select.columns.end()) select.columns.push_back(column);
    return position;
}

} // namespace

DecodePlan tagged(ast::Select& select, const DecodePlan& plan, const RowTag& tag) {
    DecodePlan decode = plan;
    for (std::size_t i = 0; i < tag.columns.size(); ++i)
        decode.steps.push_back({position_in(select, tag.columns[i]), 1, tag.fields[i]});
    std::stable_sort(decode.steps.begin(), decode.steps.end(),
                     [](const DecodeStep& a, const DecodeStep& b) { return a.column < b.column; });
    return decode;
}

ast::Select select_by_key(const Mapper& mapper, const EntityPlan& plan,
                          std::span<const Value> key) {
    ast::Select select = plan.by_key;
    select.where.clear();
    for (std::size_t i = 0; i < key.size(); ++i) {
        const auto& property = mapper.columns()[mapper.primary_key()[i]];
        select.where.push_back(ast::binary(ast::Operator::Equal, property.ref,
                                           ast::bind(key[i], property.field.type)));
    }
    return select;
}

} // namespace mercator
