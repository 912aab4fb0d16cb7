// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/dialect/driver.hpp>
#include <mercator/loading/entity_plan.hpp>
#include <mercator/loading/load_request.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/types/value.hpp>

#include <span>

namespace mercator {

/// What is read for a request. Rows that must differ are compared in all columns.
[[nodiscard]] const EntityPlan& plan_of(const LoadRequest& request, const ast::Select& select);

/// Lets the statement bring the columns of the tag as well; returns how its rows are decoded then.
[[nodiscard]] DecodePlan tagged(ast::Select& select, const DecodePlan& plan, const RowTag& tag);

/// The SELECT by primary key, with this key.
[[nodiscard]] ast::Select select_by_key(const Mapper& mapper, const EntityPlan& plan,
                                        std::span<const Value> key);

} // namespace mercator
