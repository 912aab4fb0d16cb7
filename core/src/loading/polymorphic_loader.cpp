// SPDX-License-Identifier: MIT
#include "polymorphic_loader.hpp"

#include "class_tables.hpp"
#include "concrete_rows.hpp"
#include "planned_select.hpp"
#include "polymorphic_rows.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/loading/loader_strategy.hpp>
#include <mercator/loading/row_assembler.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <utility>

namespace mercator {

namespace {

PolymorphicPlan made_plan(const PolymorphicWish& wish) {
    const Mapper& mapper = *wish.mapper;
    const bool concrete = has_concrete_classes(mapper);
    const auto name = [&](const Mapper& of, const ast::ColumnRef& own) -> ast::ExpressionPtr {
        if (!concrete) return nullptr;
        return concrete_column(mapper, mapper.table_ref()->qualifier(), of, own);
    };
    return polymorphic_plan(wish, name);
}

/// Do the options say which columns are read, or how?
bool says_columns(const LoadNode* options) noexcept {
    return options != nullptr &&
           (options->only_named_columns || !options->columns.empty() || !options->classes.empty());
}

} // namespace

std::shared_ptr<const PolymorphicPlan> plan_of_class(const PolymorphicWish& wish) {
    if (says_columns(wish.options)) return std::make_shared<const PolymorphicPlan>(made_plan(wish));
    // One for the classes that are known, kept for ever.
    using Key = std::tuple<std::uint32_t, std::size_t, bool, bool>;
    static std::mutex mutex;
    static std::map<Key, std::shared_ptr<const PolymorphicPlan>> plans;
    const Mapper& mapper = *wish.mapper;
    const std::lock_guard lock(mutex);
    auto& plan = plans[{mapper.id(), mapper.descendants().size(), wish.read_only, wish.whole}];
    if (plan == nullptr) plan = std::make_shared<const PolymorphicPlan>(made_plan(wish));
    return plan;
}

namespace {

/// A row that waits for what is read later, with what its tag says.
struct WaitingRow {
    PolymorphicRows::Row row;
    std::vector<Value> tag;
};

/// The rows of one statement.
class Reading {
public:
    Reading(LoadContext& context, const LoadRequest& request, const ast::Select& select) :
        context_(context),
        request_(request),
        plan_(plan_of_class({.mapper = request.mapper,
                             .options = request.options.get(),
                             .read_only = request.read_only,
                             .whole = select.distinct})),
        rows_(context, *plan_, request.read_only, request.populate_existing),
        select_(select) {
        select_.columns = plan_->columns;
        decode_.steps.push_back(PolymorphicRows::step(*plan_, 0));
        if (request.tag != nullptr) decode_ = tagged(select_, decode_, *request.tag);
    }

    void read(std::vector<InstanceState*>& objects) {
        fetch(objects);
        if (!plan_->reads_later) return;
        rows_.read_later();
        for (const WaitingRow& waiting : waiting_) {
            InstanceState* state = waiting.row.state;
            if (state == nullptr) state = rows_.found(waiting.row.later);
            if (state == nullptr) continue; // somebody has deleted it meanwhile
            for (std::size_t i = 0; i < waiting.tag.size(); ++i)
                store(request_.tag->fields[i], request_.tag->place, waiting.tag[i]);
            deliver(*state, objects);
        }
    }

private:
    void fetch(std::vector<InstanceState*>& objects) {
        StatementLease statement = context_.run(select_);
        while (true) {
            std::byte* targets[] = {rows_.place(),
                                    request_.tag == nullptr ? nullptr : request_.tag->place};
            if (!statement->fetch(decode_, targets)) return;
            const PolymorphicRows::Row row = rows_.take(*statement);
            if (plan_->reads_later) {
                keep(row);
            } else {
                deliver(*row.state, objects);
            }
        }
    }

    void keep(const PolymorphicRows::Row& row) {
        WaitingRow& waiting = waiting_.emplace_back();
        waiting.row = row;
        if (request_.tag == nullptr) return;
        for (const Field& field : request_.tag->fields)
            waiting.tag.push_back(load(field, request_.tag->place));
    }

    void deliver(InstanceState& state, std::vector<InstanceState*>& objects) {
        // A row of an object that this session has deleted must not bring it back.
        if (state.status == ObjectStatus::Deleted) return;
        objects.push_back(&state);
        if (request_.tag != nullptr) request_.tag->row(state);
    }

    LoadContext& context_;
    const LoadRequest& request_;
    std::shared_ptr<const PolymorphicPlan> plan_;
    PolymorphicRows rows_;
    ast::Select select_;
    DecodePlan decode_;
    std::vector<WaitingRow> waiting_;
};

} // namespace

void read_polymorphic(LoadContext& context, const LoadRequest& request, const ast::Select& select,
                      std::vector<InstanceState*>& objects) {
    Reading(context, request, select).read(objects);
}

InstanceState* polymorphic_by_key(LoadContext& context, const Mapper& mapper,
                                  std::span<const Value> key, bool read_only) {
    ast::Select select;
    read_all_of(select, mapper);
    const EntityPlan& plan = entity_plan(mapper, nullptr, read_only);
    select.columns = plan.columns;
    for (std::size_t i = 0; i < key.size(); ++i) {
        const auto& property = mapper.columns()[mapper.primary_key()[i]];
        select.where.push_back(ast::binary(ast::Operator::Equal, property.ref,
                                           ast::bind(key[i], property.field.type)));
    }
    if (!has_several_classes(mapper)) {
        EntityAssembler assembler(context, mapper, plan, read_only);
        const StatementLease statement = context.run(select);
        return assembler.next(*statement);
    }
    const LoadRequest request{.mapper = &mapper, .read_only = read_only};
    std::vector<InstanceState*> found;
    read_polymorphic(context, request, select, found);
    // Tables that repeat a base's columns have keys of their own: the class itself comes first.
    const auto exact = std::find_if(found.begin(), found.end(), [&](const InstanceState* state) {
        return state->mapper == &mapper;
    });
    if (exact != found.end()) return *exact;
    return found.empty() ? nullptr : found.front();
}

void load_along_classes(LoadContext& context, const LoadRequest& request,
                        std::span<InstanceState* const> objects, LoadTogether& together) {
    std::vector<const Relationship*> further;
    const Mapper* last = request.mapper;
    for (const InstanceState* state : objects) {
        if (state->mapper == last) continue;
        last = state->mapper;
        const auto& all = last->relationships();
        for (std::size_t i = request.mapper->relationships().size(); i < all.size(); ++i) {
            if (std::find(further.begin(), further.end(), &all[i]) == further.end())
                further.push_back(&all[i]);
        }
    }
    // The statement of the base has not brought them, whatever it could have joined.
    LoadRequest alone = request;
    alone.populate_existing = false;
    for (const Relationship* relationship : further) {
        std::vector<InstanceState*> owners;
        std::copy_if(
            objects.begin(), objects.end(), std::back_inserter(owners),
            [&](const InstanceState* state) { return state->mapper->is_a(*relationship->owner); });
        const LoadStep step =
            decided_step(context.load_settings(), request.options.get(), *relationship);
        strategy_of(step.lazy).rows_loaded(context, step, {alone, nullptr, owners, &together});
    }
}

} // namespace mercator
