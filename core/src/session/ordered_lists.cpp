// SPDX-License-Identifier: MIT
#include "ordered_lists.hpp"

#include "key_sync.hpp"
#include "related_objects.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace mercator {

namespace {

bool is_kept(const InstanceState& state) {
    return state.status == ObjectStatus::Pending || state.status == ObjectStatus::Persistent;
}

/// Has the member a row, now or after the flush? Objects that were expunged keep theirs.
bool has_place(const InstanceState& member) {
    return is_kept(member) || (member.status == ObjectStatus::Detached && !member.flushed_delete);
}

/// What was read as const is not written.
bool is_written(const InstanceState& member) {
    return member.status == ObjectStatus::Pending ||
           (member.status == ObjectStatus::Persistent && member.is_tracked());
}

} // namespace

OrderedLists::OrderedLists(LoadContext& context) : context_(context), graph_(*context.graph()) {}

void OrderedLists::number(const std::vector<InstanceState*>& deleted) {
    // After a rollback only the links tell what was added.
    for (const auto& link : graph_.links()) {
        const Relationship* side = link.relationship->direction == Direction::OneToMany
                                       ? link.relationship
                                       : link.relationship->reverse;
        if (side != nullptr && side->is_collection && link.parent != nullptr &&
            is_kept(*link.child))
            graph_.note_list(*link.parent, *side);
    }
    if (!deleted.empty()) graph_.note_lists_of(deleted);
    if (graph_.changed_lists().empty()) return;
    const auto lists = graph_.changed_lists(); // a copy: loading may note others
    for (const auto& [owner, relationship] : lists) {
        if (!is_kept(*owner)) continue;
        static_cast<void>(related_objects(context_, *owner, *relationship));
        number(*owner, *relationship, &former_);
    }
}

void OrderedLists::number_loaded(Graph& graph) {
    for (const auto& [owner, relationship] : graph.changed_lists()) {
        if (is_kept(*owner) && RelatedAccess::is_loaded(owner->many(*relationship)) &&
            !RelatedAccess::is_partial(owner->many(*relationship)))
            number(*owner, *relationship, nullptr);
    }
}

void OrderedLists::number(InstanceState& owner, const Relationship& relationship,
                          std::vector<Former>* former) {
    const Mapper& mapper = *relationship.target;
    const Field& field = mapper.column_at(*relationship.position_offset).field;
    const RelatedMany& list = owner.many(relationship);
    std::int64_t next = 0;
    for (const auto& item : RelatedAccess::items(list)) {
        InstanceState& member = state_of(item.get());
        if (!has_place(member)) continue;
        const Value place(next++);
        if (!is_written(member)) continue;
        Value before = load(field, member.object());
        if (same_key(before, place)) continue;
        store(field, member.object(), place);
        if (former != nullptr) former->push_back({&member, &field, std::move(before)});
    }
}

void OrderedLists::take_back() {
    for (auto step = former_.rbegin(); step != former_.rend(); ++step)
        store(*step->field, step->member->object(), step->place);
    former_.clear();
}

Value place_aside(const Field& field, const Value& place) {
    return visit_field_type(field.kind, [&](auto type) -> Value {
        using T = typename decltype(type)::type;
        if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
            std::int64_t number = 0;
            if (const auto* given = place.get_if<std::int64_t>()) number = *given;
            if (const auto* given = place.get_if<std::uint64_t>())
                number = static_cast<std::int64_t>(*given);
            if constexpr (std::is_signed_v<T>) return Value(-1 - number);
            constexpr auto top = static_cast<std::int64_t>(std::min<std::uint64_t>(
                std::numeric_limits<T>::max(), std::numeric_limits<std::int64_t>::max()));
            return Value(top - number);
        } else {
            return place;
        }
    });
}

std::vector<std::size_t> place_columns(Graph& graph, const Mapper& mapper) {
    std::vector<std::size_t> found;
    const auto& columns = mapper.columns();
    graph.for_each_slab([&](const Slab& slab) {
        for (const auto& relationship : slab.mapper().relationships()) {
            if (!relationship.position_offset || !mapper.is_a(*relationship.target)) continue;
            const auto place =
                std::find_if(columns.begin(), columns.end(), [&](const ColumnProperty& column) {
                    return column.field.offset == *relationship.position_offset;
                });
            found.push_back(static_cast<std::size_t>(place - columns.begin()));
        }
    });
    return found;
}

} // namespace mercator
