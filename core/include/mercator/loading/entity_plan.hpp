// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/dialect/driver.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/support/export.hpp>

#include <vector>

namespace mercator {

/// How rows of a class are selected and decoded: all its columns in the mapper's order, into target
/// 0. One per mapper and process, immutable; its DecodePlan may be kept by drivers.
struct EntityPlan {
    std::vector<ast::ExpressionPtr> columns;
    DecodePlan decode;
    ast::Select by_key; ///< with one placeholder value per key column
};

[[nodiscard]] MERCATOR_API const EntityPlan& entity_plan(const Mapper& mapper);

} // namespace mercator
