// SPDX-License-Identifier: MIT
#include <mercator/loading/loader_strategy.hpp>

#include "batch_loader.hpp"
#include "immediate_loader.hpp"
#include "joined_loader.hpp"
#include "lazy_loader.hpp"
#include "no_loader.hpp"
#include "raise_loader.hpp"
#include "related_loader.hpp"
#include "selectin_loader.hpp"
#include "subquery_loader.hpp"
#include "waived_criteria.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_set>

namespace mercator {

LoaderStrategy::~LoaderStrategy() = default;
bool LoaderStrategy::joins_owners() const noexcept {
    return false;
}
void LoaderStrategy::rows_loaded(LoadContext&, const LoadStep&, const LoadedRows&) const {}

bool LoaderStrategy::ends_here(const LoadStep& step, const LoadPath* path) noexcept {
    if (path == nullptr || (step.branch != nullptr && step.branch->lazy)) return false;
    return path->count(*step.relationship) >= std::max(step.relationship->join_depth, 1U);
}

std::vector<InstanceState*> LoaderStrategy::unloaded(std::span<InstanceState* const> objects,
                                                     const LoadStep& step) {
    const Relationship& relationship = *step.relationship;
    const LoadBranch* branch = step.branch;
    const bool wants_all =
        branch == nullptr || (!branch->leaves_out() && branch->contained == nullptr);
    std::vector<InstanceState*> owners;
    for (InstanceState* owner : objects) {
        if (owner->status != ObjectStatus::Persistent) continue;
        const bool lacks =
            !is_known(*owner, relationship) || (wants_all && is_partial(*owner, relationship));
        if (lacks) owners.push_back(owner);
    }
    return owners;
}

const LoaderStrategy& strategy_of(Lazy lazy) {
    static const LazyLoader lazy_loader;
    static const BatchLoader batch_loader;
    static const SelectinLoader selectin_loader;
    static const JoinedLoader joined_loader;
    static const SubqueryLoader subquery_loader;
    static const ImmediateLoader immediate_loader;
    static const RaiseLoader raise_loader;
    static const NoLoader no_loader;
    switch (lazy) {
    case Lazy::select:
    case Lazy::dynamic:
    case Lazy::write_only:
        return lazy_loader;
    case Lazy::selectin:
        return selectin_loader;
    case Lazy::immediate:
        return immediate_loader;
    case Lazy::raise:
    case Lazy::raise_on_sql:
        return raise_loader;
    case Lazy::noload:
        return no_loader;
    case Lazy::joined:
        return joined_loader;
    case Lazy::subquery:
        return subquery_loader;
    case Lazy::batch:
        break;
    }
    return batch_loader;
}

void touch_relationship(LoadContext& context, InstanceState& owner,
                        const Relationship& relationship) {
    const LoadContext::Use use(context);
    const CriteriaPause waived = waived_criteria(context, owner);
    const LoadNode* options = owner.batch == nullptr ? nullptr : owner.batch->options.get();
    const LoadStep step = decided_step(context.load_settings(), options, relationship);
    strategy_of(step.lazy).first_touch(context, owner, step);
}

std::vector<InstanceState*> load_related(LoadContext& context, InstanceState& owner,
                                         const Relationship& relationship) {
    return RelatedLoader(context, {&relationship, nullptr, Lazy::select}, CodePlace{}).ask(owner);
}

void load_whole(LoadContext& context, InstanceState& owner, const Relationship& relationship) {
    const LoadStep all{&relationship, nullptr, Lazy::batch};
    if (!is_known(owner, relationship)) {
        strategy_of(all.lazy).first_touch(context, owner, all);
    } else if (is_partial(owner, relationship)) {
        InstanceState* const owners[] = {&owner};
        RelatedLoader(context, all, CodePlace{}).load(owners);
    }
}

namespace {

std::vector<InstanceState*> targets_of(std::span<InstanceState* const> owners,
                                       const Relationship& relationship) {
    std::vector<InstanceState*> targets;
    std::unordered_set<const void*> seen;
    const auto add = [&](void* target) {
        if (target != nullptr && seen.insert(target).second) targets.push_back(&state_of(target));
    };
    for (InstanceState* owner : owners) {
        if (!is_known(*owner, relationship)) continue;
        if (relationship.is_collection) {
            const RelatedMany& many = owner->many(relationship);
            for (const auto& item : RelatedAccess::items(many)) add(item.get());
        } else {
            add(RelatedAccess::target(owner->one(relationship)));
        }
    }
    return targets;
}

} // namespace

namespace {

/// Does an option ask for the relationship, and not for leaving it out?
bool asks_to_load(const LoadBranch& branch) {
    return branch.lazy && branch.lazy != Lazy::raise && branch.lazy != Lazy::raise_on_sql &&
           branch.lazy != Lazy::noload;
}

} // namespace

void load_after(LoadContext& context, std::span<InstanceState* const> objects,
                const std::shared_ptr<const LoadNode>& options, CodePlace place) {
    if (options == nullptr) return;
    const LoadContext::Use use(context);
    std::vector<InstanceState*> concerned;
    for (InstanceState* state : objects) {
        if (state->mapper->is_a(*options->mapper)) concerned.push_back(state);
    }
    for (const LoadBranch& branch : options->branches) {
        const Relationship& relationship = *branch.relationship;
        const LoadStep step{&relationship, &branch, Lazy::selectin};
        std::vector<InstanceState*> having;
        std::copy_if(
            concerned.begin(), concerned.end(), std::back_inserter(having),
            [&](const InstanceState* state) { return state->mapper->is_a(*relationship.owner); });
        const auto owners = LoaderStrategy::unloaded(having, step);
        if (!owners.empty() && asks_to_load(branch))
            RelatedLoader(context, step, place).load(owners);
        load_after(context, targets_of(having, relationship), branch.next, place);
    }
}

} // namespace mercator
