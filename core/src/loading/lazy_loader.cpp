// SPDX-License-Identifier: MIT
#include "lazy_loader.hpp"

#include <mercator/ast/build.hpp>
#include <mercator/loading/entity_plan.hpp>
#include <mercator/loading/row_assembler.hpp>
#include <mercator/state/snapshot.hpp>

#include <algorithm>

namespace mercator {

namespace {

/// What the relationship goes by on the owner's side. Children are found by the key that the
/// owner's row has, since a change of it in memory has not reached them.
Value owner_value(const InstanceState& owner, const Relationship& relationship,
                  std::uint16_t column) {
    if (relationship.direction != Direction::ManyToOne && owner.is_tracked())
        return snapshot_value(*owner.mapper, owner.snapshot, column);
    return load(owner.mapper->columns()[column].field, owner.object());
}

/// SELECT of the related rows: their columns of the relationship equal those of the owner.
ast::Select related_rows(const InstanceState& owner, const Relationship& relationship) {
    ast::Select select;
    select.columns = entity_plan(*relationship.target).columns;
    select.from.emplace_back(relationship.target->table_ref());
    for (const auto& [own, theirs] : relationship.pairs) {
        const Field& field = relationship.owner->columns()[own].field;
        select.where.push_back(
            ast::binary(ast::Operator::Equal, relationship.target->columns()[theirs].ref,
                        ast::bind(owner_value(owner, relationship, own), field.type)));
    }
    return select;
}

/// The owner's values for the target's primary key, or nothing when the relationship goes by other
/// columns.
std::vector<Value> target_key(const InstanceState& owner, const Relationship& relationship) {
    std::vector<Value> key;
    for (const auto index : relationship.target->primary_key()) {
        for (const auto& [own, theirs] : relationship.pairs) {
            if (theirs == index) key.push_back(owner_value(owner, relationship, own));
        }
    }
    if (key.size() != relationship.target->primary_key().size()) key.clear();
    return key;
}

bool has_null(const InstanceState& owner, const Relationship& relationship) {
    return std::any_of(relationship.pairs.begin(), relationship.pairs.end(), [&](const auto& pair) {
        return owner_value(owner, relationship, pair.first).is_null();
    });
}

std::vector<InstanceState*> load_parent(LoadContext& context, InstanceState& owner,
                                        const Relationship& relationship) {
    if (has_null(owner, relationship)) return {};
    std::vector<InstanceState*> found;
    if (const auto key = target_key(owner, relationship); !key.empty()) {
        if (InstanceState* parent = load_by_key(context, *relationship.target, key, false))
            found.push_back(parent);
        return found;
    }
    ast::Select select = related_rows(owner, relationship);
    load_entities(context, LoadRequest{.mapper = relationship.target}, select, found);
    return found;
}

std::vector<InstanceState*> load_children(LoadContext& context, InstanceState& owner,
                                          const Relationship& relationship) {
    std::vector<InstanceState*> found;
    context.autoflush_new(*relationship.target);
    ast::Select select = related_rows(owner, relationship);
    for (const auto key : relationship.target->primary_key()) {
        select.order_by.push_back(ast::order(relationship.target->columns()[key].ref));
    }
    load_entities(context, LoadRequest{.mapper = relationship.target}, select, found);
    return found;
}

/// A relationship member lets its target be changed, so a target that was read as const until now
/// is compared from here on. As nobody could change it before, what it holds is what its row held.
void begin_tracking(Graph& graph, InstanceState& target) {
    if (target.is_tracked() || target.status != ObjectStatus::Persistent) return;
    target.snapshot = take_snapshot(*target.mapper, target.object(), graph.arena());
}

} // namespace

std::vector<InstanceState*> load_related(LoadContext& context, InstanceState& owner,
                                         const Relationship& relationship) {
    return relationship.direction == Direction::ManyToOne
               ? load_parent(context, owner, relationship)
               : load_children(context, owner, relationship);
}

void LazyLoader::first_touch(LoadContext& context, InstanceState& owner,
                             const LoadStep& step) const {
    const Relationship& relationship = *step.relationship;
    Graph& graph = *context.graph();
    if (relationship.direction == Direction::ManyToOne) {
        if (InstanceState* parent = graph.known_parent(owner, relationship)) {
            begin_tracking(graph, *parent);
            graph.set_one(owner, relationship, parent);
            return;
        }
    }
    const auto found = load_related(context, owner, relationship);
    if (relationship.is_collection) {
        if (relationship.reverse != nullptr)
            begin_tracking(graph, owner); // the members point back to it
        graph.set_many(owner, relationship, found);
    } else {
        graph.set_one(owner, relationship, found.empty() ? nullptr : found.front());
    }
}

} // namespace mercator
