// SPDX-License-Identifier: MIT
#include "flush_plan.hpp"

#include "key_sync.hpp"

#include <mercator/state/identity_key.hpp>
#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/topological.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {

namespace {

bool refers_to_itself(const Mapper& mapper) {
    const auto& keys = mapper.table().foreign_keys;
    return std::any_of(keys.begin(), keys.end(), [&](const ForeignKey& key) {
        return key.target_table == mapper.table().name;
    });
}

} // namespace

std::vector<const Mapper*> FlushPlan::sorted_mappers(const std::vector<InstanceState*>& states) {
    std::vector<const Mapper*> mappers;
    for (const InstanceState* state : states) {
        if (std::find(mappers.begin(), mappers.end(), state->mapper) == mappers.end())
            mappers.push_back(state->mapper);
    }
    return parents_first(mappers);
}

std::vector<const Mapper*> FlushPlan::parents_first(const std::vector<const Mapper*>& mappers) {
    std::vector<DependencyEdge> edges;
    for (std::size_t child = 0; child < mappers.size(); ++child) {
        for (const auto& key : mappers[child]->table().foreign_keys) {
            for (std::size_t parent = 0; parent < mappers.size(); ++parent) {
                if (mappers[parent]->table().name == key.target_table)
                    edges.push_back({parent, child});
            }
        }
    }
    std::vector<const Mapper*> sorted;
    for (const auto index : sort_topologically(mappers.size(), edges).order)
        sorted.push_back(mappers[index]);
    return sorted;
}

std::vector<FlushPlan::Step> FlushPlan::levels(const Mapper& mapper,
                                               const std::vector<InstanceState*>& states,
                                               const Parents& parents) {
    std::unordered_map<const InstanceState*, std::size_t> position;
    for (std::size_t i = 0; i < states.size(); ++i) position.emplace(states[i], i);
    std::vector<DependencyEdge> edges;
    for (std::size_t child = 0; child < states.size(); ++child) {
        const auto found = parents.find(states[child]);
        if (found == parents.end()) continue;
        for (const InstanceState* parent : found->second) {
            if (const auto place = position.find(parent); place != position.end())
                edges.push_back({place->second, child});
        }
    }
    const auto order = sort_topologically(states.size(), edges).order;
    std::vector<std::size_t> level(states.size(), 0);
    std::vector<std::vector<std::size_t>> before(states.size());
    for (const auto& edge : edges) before[edge.after].push_back(edge.before);
    std::vector<bool> placed(states.size(), false);
    std::vector<Step> steps;
    for (const auto index : order) {
        for (const auto parent : before[index]) {
            if (placed[parent]) level[index] = std::max(level[index], level[parent] + 1);
        }
        placed[index] = true;
        if (steps.size() <= level[index]) steps.resize(level[index] + 1, Step{&mapper, {}});
    }
    for (std::size_t i = 0; i < states.size(); ++i) steps[level[i]].states.push_back(states[i]);
    return steps;
}

std::vector<FlushPlan::Step> FlushPlan::inserts(const std::vector<InstanceState*>& states) {
    Parents parents;
    for (const auto& link : links_) {
        if (link.parent != nullptr && link.parent != link.child &&
            link.child->mapper == link.parent->mapper) {
            parents[link.child].push_back(link.parent);
        }
    }
    std::vector<Step> steps;
    for (const Mapper* mapper : sorted_mappers(states)) {
        std::vector<InstanceState*> own;
        for (InstanceState* state : states) {
            if (state->mapper == mapper) own.push_back(state);
        }
        if (!refers_to_itself(*mapper) || parents.empty()) {
            steps.push_back({mapper, std::move(own)});
            continue;
        }
        for (auto& step : levels(*mapper, own, parents)) steps.push_back(std::move(step));
    }
    postpone(steps);
    return steps;
}

namespace {

/// Does the database look at the link's foreign key only when the transaction is committed?
bool is_checked_at_commit(const Link& link) {
    const Mapper& child = *link.child->mapper;
    const auto& keys = child.table().foreign_keys;
    return std::any_of(keys.begin(), keys.end(), [&](const ForeignKey& key) {
        if (key.deferrable != Deferrable::InitiallyDeferred ||
            key.columns.size() != link.relationship->pairs.size())
            return false;
        for (std::size_t pair = 0; pair < key.columns.size(); ++pair) {
            const auto& column = child.columns()[child_column(*link.relationship, pair)];
            if (std::find(key.columns.begin(), key.columns.end(),
                          child.table().columns[column.column].name) == key.columns.end())
                return false;
        }
        return true;
    });
}

} // namespace

void FlushPlan::postpone(const std::vector<Step>& steps) {
    postponed_.clear();
    if (links_.empty()) return;
    std::unordered_map<const InstanceState*, std::size_t> step_of;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        for (const InstanceState* state : steps[i].states) step_of.emplace(state, i);
    }
    for (const auto& link : links_) {
        if (link.parent == nullptr) continue;
        const auto parent = step_of.find(link.parent);
        const auto child = step_of.find(link.child);
        if (parent == step_of.end() || child == step_of.end() || parent->second < child->second)
            continue;
        if (!can_be_empty(*link.relationship)) {
            if (!key_is_to_come(link) && (link.parent == link.child || is_checked_at_commit(link)))
                continue;
            const auto& property = link.child->mapper->columns()[child_column(*link.relationship)];
            throw StateError(
                fmt::format(
                    "{} and the object it refers to wait for each other's keys: the foreign key in "
                    "{} "
                    "cannot be NULL; make the member a std::optional, give both keys of their own "
                    "and "
                    "make the foreign key deferrable, or add one of the two first",
                    link.relationship->where, property.where),
                property.where);
        }
        postponed_.push_back(link);
    }
}

/// The parent that the child's row refers to in the database, whatever its members say by now.
InstanceState* FlushPlan::stored_parent(InstanceState& child, const Relationship& relationship) {
    if (!child.is_tracked()) return graph_.known_parent(child, relationship);
    std::vector<Value> key;
    for (const auto index : relationship.target->primary_key()) {
        for (std::size_t pair = 0; pair < relationship.pairs.size(); ++pair) {
            if (parent_column(relationship, pair) != index) continue;
            key.push_back(
                snapshot_value(*child.mapper, child.snapshot, child_column(relationship, pair)));
        }
    }
    if (key.size() != relationship.target->primary_key().size())
        return graph_.known_parent(child, relationship);
    if (std::any_of(key.begin(), key.end(), [](const Value& value) { return value.is_null(); }))
        return nullptr;
    IdentityKey identity;
    identity_of(*relationship.target, key, identity);
    return graph_.identities(*relationship.target).find(identity);
}

void FlushPlan::release(const std::vector<Step>& steps) {
    released_.clear();
    std::unordered_map<const InstanceState*, std::size_t> step_of;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        for (const InstanceState* state : steps[i].states) step_of.emplace(state, i);
    }
    for (std::size_t i = 0; i < steps.size(); ++i) {
        for (InstanceState* state : steps[i].states) {
            for (const auto& relationship : state->mapper->relationships()) {
                if (relationship.direction != Direction::ManyToOne || relationship.required)
                    continue;
                InstanceState* parent = stored_parent(*state, relationship);
                if (parent == nullptr) continue;
                const auto place = step_of.find(parent);
                if (place != step_of.end() && place->second <= i)
                    released_.push_back({state, nullptr, &relationship});
            }
        }
    }
}

std::vector<FlushPlan::Step> FlushPlan::deletes(const std::vector<InstanceState*>& states) {
    std::vector<Step> steps;
    for (const Mapper* mapper : sorted_mappers(states)) {
        std::vector<InstanceState*> own;
        Parents parents;
        for (InstanceState* state : states) {
            if (state->mapper != mapper) continue;
            own.push_back(state);
            for (const auto& relationship : mapper->relationships()) {
                if (relationship.direction != Direction::ManyToOne || relationship.target != mapper)
                    continue;
                const InstanceState* parent = stored_parent(*state, relationship);
                if (parent != nullptr && parent != state) parents[state].push_back(parent);
            }
        }
        if (parents.empty()) {
            steps.push_back({mapper, std::move(own)});
            continue;
        }
        for (auto& step : levels(*mapper, own, parents)) steps.push_back(std::move(step));
    }
    std::reverse(steps.begin(), steps.end());
    release(steps);
    return steps;
}

} // namespace mercator
