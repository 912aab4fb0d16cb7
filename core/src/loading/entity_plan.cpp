// SPDX-License-Identifier: MIT
#include <mercator/loading/entity_plan.hpp>

#include "class_tables.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/loading/load_node.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

namespace mercator {

namespace {

std::unique_ptr<EntityPlan> make_plan(const Mapper& mapper,
                                      const std::vector<std::uint16_t>& missing) {
    auto plan = std::make_unique<EntityPlan>();
    plan->missing = missing;
    std::uint16_t index = 0;
    for (std::size_t i = 0; i < mapper.columns().size(); ++i) {
        if (std::find(missing.begin(), missing.end(), i) != missing.end()) continue;
        const auto& property = mapper.columns()[i];
        plan->columns.push_back(property.ref);
        plan->decode.steps.push_back(DecodeStep{index++, 0, property.field});
    }
    plan->by_key.columns = plan->columns;
    if (!mapper.is_without_table()) read_tables(plan->by_key, mapper);
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

const EntityPlan& made_entity_plan(const Mapper& mapper) {
    static std::mutex mutex;
    static std::vector<std::unique_ptr<EntityPlan>> plans;
    const std::lock_guard lock(mutex);
    if (const EntityPlan* plan = mapper.entity_plan()) return *plan; // made by another thread
    plans.push_back(make_plan(mapper, {}));
    mapper.keep(*plans.back());
    return *plans.back();
}

const EntityPlan& plan_without(const Mapper& mapper, const std::vector<std::uint16_t>& missing) {
    if (missing.empty()) return entity_plan(mapper);
    static std::mutex mutex;
    static std::map<std::pair<std::uint32_t, std::vector<std::uint16_t>>,
                    std::unique_ptr<EntityPlan>>
        plans;
    const std::lock_guard lock(mutex);
    auto& plan = plans[{mapper.id(), missing}];
    if (!plan) plan = make_plan(mapper, missing);
    return *plan;
}

namespace {

bool is_key(const Mapper& mapper, std::size_t column) {
    const auto& key = mapper.primary_key();
    return std::find(key.begin(), key.end(), column) != key.end();
}

/// Foreign keys are what relationships go by.
bool is_foreign_key(const Mapper& mapper, const ColumnProperty& property) {
    const std::string& name = property.in_schema().name;
    return std::any_of(mapper.table().foreign_keys.begin(), mapper.table().foreign_keys.end(),
                       [&](const ForeignKey& key) {
                           return std::find(key.columns.begin(), key.columns.end(), name) !=
                                  key.columns.end();
                       });
}

bool is_left_out(const Mapper& mapper, const LoadNode* options, const ColumnProperty& property) {
    bool out = property.deferred;
    if (options == nullptr) return out;
    bool asked = false;
    for (const ColumnWish& wish : options->columns) {
        // The same column of a class that inherits it has a description of its own.
        if (wish.column != &property && wish.column->ref != property.ref) continue;
        out = wish.kind != ColumnWish::Kind::Load;
        asked = true;
    }
    return asked ? out : out || (options->only_named_columns && !is_foreign_key(mapper, property));
}

} // namespace

const EntityPlan& entity_plan(const Mapper& mapper, const LoadNode* options, bool read_only) {
    const bool by_options =
        options != nullptr && (options->only_named_columns || !options->columns.empty());
    if (!by_options && mapper.deferrable_columns().empty()) return entity_plan(mapper);
    std::vector<std::uint16_t> missing;
    for (std::size_t i = 0; i < mapper.columns().size(); ++i) {
        const auto& property = mapper.columns()[i];
        if (is_key(mapper, i) || !is_left_out(mapper, options, property)) continue;
        if (property.link_offset == 0 && !read_only) {
            throw ArgumentError(
                fmt::format("{} is a plain member, which cannot load itself when it is touched; "
                            "make it a Deferred<T>, or query<const {}>() for objects that are not "
                            "changed",
                            property.where, mapper.class_name()),
                property.where);
        }
        missing.push_back(static_cast<std::uint16_t>(i));
    }
    return plan_without(mapper, missing);
}

} // namespace mercator
