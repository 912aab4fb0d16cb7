// SPDX-License-Identifier: MIT
#include <mercator/loading/entity_plan.hpp>

#include <mercator/ast/build.hpp>

#include <memory>
#include <mutex>
#include <shared_mutex>

namespace mercator {

namespace {

std::unique_ptr<EntityPlan> make_plan(const Mapper& mapper) {
    auto plan = std::make_unique<EntityPlan>();
    std::uint16_t index = 0;
    for (const auto& property : mapper.columns()) {
        plan->columns.push_back(property.ref);
        plan->decode.steps.push_back(DecodeStep{index++, 0, property.field});
    }
    plan->by_key.columns = plan->columns;
    plan->by_key.from = {mapper.table_ref()};
    for (const auto key : mapper.primary_key()) {
        const auto& property = mapper.columns()[key];
        // The value only marks the place; each execution brings its own.
        plan->by_key.where.push_back(
            ast::binary(ast::Operator::Equal, property.ref,
                        ast::bind(Value(std::int64_t{0}), property.field.type)));
    }
    return plan;
}

} // namespace

const EntityPlan& entity_plan(const Mapper& mapper) {
    static std::shared_mutex mutex;
    static std::vector<std::unique_ptr<EntityPlan>>
        plans; // by mapper id; entries never move once made
    {
        const std::shared_lock lock(mutex);
        if (mapper.id() < plans.size() && plans[mapper.id()]) return *plans[mapper.id()];
    }
    const std::unique_lock lock(mutex);
    if (plans.size() <= mapper.id()) plans.resize(mapper.id() + 1);
    auto& plan = plans[mapper.id()];
    if (!plan) plan = make_plan(mapper);
    return *plan;
}

} // namespace mercator
