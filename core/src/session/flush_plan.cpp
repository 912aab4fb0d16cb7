// SPDX-License-Identifier: MIT
#include "flush_plan.hpp"

#include "class_keys.hpp"
#include "key_sync.hpp"
#include "related_objects.hpp"

#include <mercator/state/identity_key.hpp>
#include <mercator/state/snapshot.hpp>
#include <mercator/support/error.hpp>
#include <mercator/support/topological.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mercator {

namespace {

/// Foreign keys that a relationship writes by an UPDATE of its own decide no order.
bool is_written_later(const ForeignKey& key, const Mapper& child, const Mapper& parent) {
    const auto says_so = [&](const Mapper& from, const Mapper& to) {
        const auto& list = from.relationships();
        return std::any_of(list.begin(), list.end(), [&](const Relationship& relationship) {
            return relationship.post_update && to.is_a(*relationship.target) &&
                   foreign_key_behind(relationship) == &key;
        });
    };
    return says_so(child, parent) || says_so(parent, child);
}

TopologicalOrder by_foreign_keys(const std::vector<const Mapper*>& mappers) {
    std::vector<DependencyEdge> edges;
    for (std::size_t child = 0; child < mappers.size(); ++child) {
        any_foreign_key(*mappers[child], [&](const ForeignKey& key, const Table&) {
            for (std::size_t parent = 0; parent < mappers.size(); ++parent) {
                if (table_referred_to(key, *mappers[parent]) != nullptr &&
                    !is_written_later(key, *mappers[child], *mappers[parent]))
                    edges.push_back({parent, child});
            }
            return false;
        });
    }
    return sort_topologically(mappers.size(), edges);
}

std::vector<const Mapper*> mappers_of(const std::vector<InstanceState*>& states) {
    std::vector<const Mapper*> mappers;
    for (const InstanceState* state : states) {
        if (std::find(mappers.begin(), mappers.end(), state->mapper) == mappers.end())
            mappers.push_back(state->mapper);
    }
    return mappers;
}

} // namespace

std::vector<const Mapper*> FlushPlan::sorted_mappers(const std::vector<InstanceState*>& states) {
    return parents_first(mappers_of(states));
}

std::vector<const Mapper*> FlushPlan::parents_first(const std::vector<const Mapper*>& mappers) {
    std::vector<const Mapper*> sorted;
    for (const auto index : by_foreign_keys(mappers).order) sorted.push_back(mappers[index]);
    return sorted;
}

namespace {

/// How many edges lead to each node in a row; those that the order does not honour do not count.
std::vector<std::size_t> levels_of(std::size_t nodes, const TopologicalOrder& sorted,
                                   const std::vector<DependencyEdge>& edges) {
    std::vector<std::vector<std::size_t>> before(nodes);
    for (const auto& edge : edges) before[edge.after].push_back(edge.before);
    std::vector<std::size_t> level(nodes, 0);
    std::vector<bool> placed(nodes, false);
    for (const auto index : sorted.order) {
        for (const auto parent : before[index]) {
            if (placed[parent]) level[index] = std::max(level[index], level[parent] + 1);
        }
        placed[index] = true;
    }
    return level;
}

} // namespace

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
    const auto level = levels_of(states.size(), sort_topologically(states.size(), edges), edges);
    std::vector<Step> steps(*std::max_element(level.begin(), level.end()) + 1, Step{&mapper, {}});
    for (std::size_t i = 0; i < states.size(); ++i) steps[level[i]].states.push_back(states[i]);
    return steps;
}

std::vector<FlushPlan::Step> FlushPlan::inserts(const std::vector<InstanceState*>& states) {
    Parents parents;
    for (const auto& link : links_) {
        if (link.parent != nullptr && link.parent != link.child &&
            link.child->mapper == link.parent->mapper && !is_post_update(*link.relationship)) {
            parents[link.child].push_back(link.parent);
        }
    }
    std::vector<Step> steps;
    const auto mappers = mappers_of(states);
    const auto sorted = by_foreign_keys(mappers);
    if (!sorted.dropped.empty()) {
        steps = circular_inserts(mappers, states);
        postpone(steps);
        return steps;
    }
    for (const auto index : sorted.order) {
        const Mapper* mapper = mappers[index];
        std::vector<InstanceState*> own;
        for (InstanceState* state : states) {
            if (state->mapper == mapper) own.push_back(state);
        }
        if (parents.empty() || !refers_to(*mapper, *mapper)) {
            steps.push_back({mapper, std::move(own)});
            continue;
        }
        for (auto& step : levels(*mapper, own, parents)) steps.push_back(std::move(step));
    }
    postpone(steps);
    return steps;
}

std::vector<FlushPlan::Step>
FlushPlan::circular_inserts(const std::vector<const Mapper*>& mappers,
                            const std::vector<InstanceState*>& states) {
    std::unordered_map<const InstanceState*, std::size_t> position;
    for (std::size_t i = 0; i < states.size(); ++i) position.emplace(states[i], i);
    std::vector<DependencyEdge> edges; // those that must be honoured first
    std::vector<DependencyEdge> wishes;
    for (const auto& link : links_) {
        const auto child = position.find(link.child);
        const auto parent = position.find(link.parent);
        if (child == position.end() || parent == position.end() || link.child == link.parent ||
            is_post_update(*link.relationship))
            continue;
        (can_be_empty(*link.relationship) ? wishes : edges)
            .push_back({parent->second, child->second});
    }
    const std::size_t required = edges.size();
    edges.insert(edges.end(), wishes.begin(), wishes.end());
    TopologicalOrder sorted = sort_topologically(states.size(), edges);
    if (!sorted.dropped.empty() && sorted.dropped.front() < required) {
        edges.resize(required); // what can be NULL for a moment gives way
        sorted = sort_topologically(states.size(), edges);
    }
    const auto level = levels_of(states.size(), sorted, edges);
    std::vector<Step> steps;
    const std::size_t depths = *std::max_element(level.begin(), level.end()) + 1;
    for (std::size_t depth = 0; depth < depths; ++depth) {
        for (const Mapper* mapper : parents_first(mappers)) {
            Step step{mapper, {}};
            for (std::size_t i = 0; i < states.size(); ++i) {
                if (level[i] == depth && states[i]->mapper == mapper)
                    step.states.push_back(states[i]);
            }
            if (!step.states.empty()) steps.push_back(std::move(step));
        }
    }
    return steps;
}

namespace {

/// Does the database look at the link's foreign key only when the transaction is committed?
bool is_checked_at_commit(const Link& link) {
    const Mapper& child = *link.child->mapper;
    return any_foreign_key(child, [&](const ForeignKey& key, const Table&) {
        if (key.deferrable != Deferrable::InitiallyDeferred ||
            key.columns.size() != link.relationship->pairs.size())
            return false;
        for (std::size_t pair = 0; pair < key.columns.size(); ++pair) {
            const auto& column = child.columns()[child_column(*link.relationship, pair)];
            if (std::find(key.columns.begin(), key.columns.end(), column.in_schema().name) ==
                key.columns.end())
                return false;
        }
        return true;
    });
}

const ColumnProperty& property_of(const Link& link) {
    return link.child->mapper->columns()[child_column(*link.relationship)];
}

} // namespace

/// Can the child be inserted with the key of a parent that is inserted later?
bool FlushPlan::may_refer_to_absent_row(const Link& link) {
    if (key_is_to_come(link)) return false;
    return link.parent == link.child ||
           (is_checked_at_commit(link) && context_.engine().capabilities().deferrable_foreign_keys);
}

/// The way from the link back to its child, by keys that cannot be NULL: "A.b_id -> B, B.a_id ->
/// A". Only the link itself where there is none.
std::string FlushPlan::circle_of(const Link& link) const {
    const auto named = [](const Link& step) {
        return fmt::format("{} -> {}", property_of(step).where, step.parent->mapper->class_name());
    };
    std::unordered_map<const InstanceState*, std::string> way{{link.parent, named(link)}};
    std::vector<const InstanceState*> front{link.parent};
    for (std::size_t i = 0; i < front.size(); ++i) { // grows while it is walked
        if (front[i] == link.child) return way.at(front[i]);
        for (const auto& next : links_) {
            if (next.child != front[i] || next.parent == nullptr ||
                can_be_empty(*next.relationship) || way.contains(next.parent))
                continue;
            way.emplace(next.parent, way.at(front[i]) + ", " + named(next));
            front.push_back(next.parent);
        }
    }
    return named(link);
}

void FlushPlan::throw_unresolvable(const Link& link) const {
    throw StateError(
        fmt::format(
            "unresolvable cycle: {}. {} and the object it refers to wait for each other's keys, "
            "and the foreign key in {} cannot be NULL; make the member a std::optional, give the "
            "objects keys of their own and make the foreign keys deferrable (where the database "
            "can), or add one of them first (nothing was sent)",
            circle_of(link), link.relationship->where, property_of(link).where),
        property_of(link).where);
}

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
        if (parent == step_of.end() || child == step_of.end()) continue;
        const bool can_wait = can_be_empty(*link.relationship);
        const bool waits = can_wait && is_post_update(*link.relationship);
        if (!waits && parent->second < child->second) continue;
        if (can_wait) {
            postponed_.push_back(link);
        } else if (!may_refer_to_absent_row(link)) {
            throw_unresolvable(link);
        }
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

namespace {

using Classes = std::vector<const Mapper*>;

/// Classes that are looked at together: those of a hierarchy whose rows may refer to each other's.
/// Others stand alone.
std::vector<Classes> together(const Classes& mappers) {
    std::vector<Classes> groups;
    for (const Mapper* mapper : mappers) {
        const auto joins = [&](const Classes& group) {
            return &group.front()->identity_root() == &mapper->identity_root() &&
                   std::any_of(group.begin(), group.end(), [&](const Mapper* other) {
                       return refers_to(*mapper, *other) && refers_to(*other, *mapper);
                   });
        };
        const auto group = mapper->is_in_hierarchy()
                               ? std::find_if(groups.begin(), groups.end(), joins)
                               : groups.end();
        if (group == groups.end()) {
            groups.push_back({mapper});
        } else {
            group->push_back(mapper);
        }
    }
    return groups;
}

} // namespace

std::vector<FlushPlan::Step> FlushPlan::deletes(const std::vector<InstanceState*>& states) {
    std::vector<Step> steps;
    const auto add = [&](const Classes& classes, const std::vector<InstanceState*>& objects) {
        for (const Mapper* mapper : classes) {
            Step step{mapper, {}};
            for (InstanceState* state : objects) {
                if (state->mapper == mapper) step.states.push_back(state);
            }
            if (!step.states.empty()) steps.push_back(std::move(step));
        }
    };
    for (const Classes& classes : together(sorted_mappers(states))) {
        const auto is_among = [&](const Mapper* mapper) {
            return std::find(classes.begin(), classes.end(), mapper) != classes.end();
        };
        std::vector<InstanceState*> own;
        Parents parents;
        for (InstanceState* state : states) {
            if (!is_among(state->mapper)) continue;
            own.push_back(state);
            for (const auto& relationship : state->mapper->relationships()) {
                const bool leads_there =
                    std::any_of(classes.begin(), classes.end(), [&](const Mapper* mapper) {
                        return mapper->is_a(*relationship.target);
                    });
                if (relationship.direction != Direction::ManyToOne || !leads_there) continue;
                const InstanceState* parent = stored_parent(*state, relationship);
                if (parent != nullptr && parent != state) parents[state].push_back(parent);
            }
        }
        if (parents.empty() && classes.size() == 1) {
            steps.push_back({classes.front(), std::move(own)});
            continue;
        }
        for (const auto& step : levels(*classes.front(), own, parents)) add(classes, step.states);
    }
    std::reverse(steps.begin(), steps.end());
    release(steps);
    return steps;
}

} // namespace mercator
