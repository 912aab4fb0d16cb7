// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/dialect/driver.hpp>
#include <mercator/mapping/mapper.hpp>
#include <mercator/support/export.hpp>

#include <vector>

namespace mercator {

struct LoadNode; // load_node.hpp

/// How rows of a class are selected and decoded: all its columns in the mapper's order, into target
/// 0. One per mapper and process, immutable; its DecodePlan may be kept by drivers.
struct EntityPlan {
    std::vector<ast::ExpressionPtr> columns;
    DecodePlan decode;
    ast::Select by_key; ///< with one placeholder value per key column
    /// Columns of the mapper that it leaves out.
    std::vector<std::uint16_t> missing;
};

/// Makes the plan of a class that has none yet. Thread-safe.
[[nodiscard]] MERCATOR_API const EntityPlan& made_entity_plan(const Mapper& mapper);

/// All columns. Thread-safe.
[[nodiscard]] inline const EntityPlan& entity_plan(const Mapper& mapper) {
    const EntityPlan* plan = mapper.entity_plan();
    return plan != nullptr ? *plan : made_entity_plan(mapper);
}

/// What is read of a class: without the columns that its mapping or the options (may be empty)
/// defer. Plain members cannot load themselves, so they can be left out of read-only objects only:
/// ArgumentError.
[[nodiscard]] MERCATOR_API const EntityPlan& entity_plan(const Mapper& mapper,
                                                         const LoadNode* options, bool read_only);

/// Without these columns; one for each set of columns, kept for ever.
[[nodiscard]] MERCATOR_API const EntityPlan&
plan_without(const Mapper& mapper, const std::vector<std::uint16_t>& missing);

} // namespace mercator
