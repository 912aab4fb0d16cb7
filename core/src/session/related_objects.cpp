// SPDX-License-Identifier: MIT
#include "related_objects.hpp"

#include "class_keys.hpp"

#include <mercator/loading/loader_strategy.hpp>

#include <optional>
#include <string>

namespace mercator {

std::vector<InstanceState*> related_objects(LoadContext& context, InstanceState& state,
                                            const Relationship& relationship) {
    load_whole(context, state, relationship);
    std::vector<InstanceState*> found;
    if (relationship.is_collection) {
        const RelatedMany& many = state.many(relationship);
        for (const auto& item : RelatedAccess::items(many)) found.push_back(&state_of(item.get()));
        return found;
    }
    if (void* target = RelatedAccess::target(state.one(relationship)))
        found.push_back(&state_of(target));
    return found;
}

std::vector<InstanceState*> all_related_objects(LoadContext& context, InstanceState& state,
                                                const Relationship& relationship) {
    const Criteria* criteria = context.criteria();
    if (criteria != nullptr && criteria->concern(*relationship.target) &&
        is_loaded(state, relationship)) {
        if (relationship.is_collection) {
            RelatedAccess::set_partial(state.many(relationship));
        } else {
            RelatedAccess::set_partial(state.one(relationship));
        }
    }
    return related_objects(context, state, relationship);
}

const ForeignKey* foreign_key_behind(const Relationship& relationship) {
    if (relationship.direction == Direction::ManyToMany) return nullptr;
    const Mapper& child =
        relationship.direction == Direction::ManyToOne ? *relationship.owner : *relationship.target;
    const ForeignKey* found = nullptr;
    any_foreign_key(child, [&](const ForeignKey& key, const Table& table) {
        bool same = !key.columns.empty() && key.columns.size() == relationship.pairs.size();
        for (std::size_t pair = 0; same && pair < relationship.pairs.size(); ++pair) {
            const auto& column = child.columns()[child_column(relationship, pair)];
            same = column.table == &table && column.in_schema().name == key.columns[pair];
        }
        if (same) found = &key;
        return same;
    });
    return found;
}

namespace {

/// The table of the class that has the key.
const Table& table_of(const ForeignKey& key, const Mapper& mapper) {
    const Table* found = &mapper.table();
    any_foreign_key(mapper, [&](const ForeignKey& other, const Table& table) {
        if (&other == &key) found = &table;
        return &other == &key;
    });
    return *found;
}

} // namespace

std::vector<std::pair<std::uint16_t, std::uint16_t>>
foreign_key_pairs(const Mapper& child, const ForeignKey& key, const Mapper& parent) {
    const Table* referred = table_referred_to(key, parent);
    if (referred == nullptr) return {};
    const Table& table = table_of(key, child);
    std::vector<std::string> targets = key.target_columns;
    if (targets.empty()) {
        for (const Column* column : referred->primary_key()) targets.push_back(column->name);
    }
    std::vector<std::pair<std::uint16_t, std::uint16_t>> pairs;
    for (std::size_t i = 0; i < key.columns.size() && i < targets.size(); ++i) {
        const auto own = child.column_in(table, key.columns[i]);
        const auto theirs = parent.column_in(*referred, targets[i]);
        if (!own || !theirs) return {};
        pairs.emplace_back(*own, *theirs);
    }
    return pairs;
}

} // namespace mercator
