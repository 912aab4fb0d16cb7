// SPDX-License-Identifier: MIT
// What listeners are told before a value or a relationship changes: all that a change does to both
// sides, before any of it is done, so that a listener that throws leaves nothing half changed.
#include "mapping/refusal.hpp"

#include <mercator/mapping/attribute.hpp>
#include <mercator/state/change_observer.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/support/error.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace mercator {

ChangeObserver::~ChangeObserver() = default;

namespace {

AttributeLink& attribute_link(InstanceState& state, const ColumnProperty& column) {
    return *reinterpret_cast<AttributeLink*>(state.object() + column.field.offset +
                                             column.attribute_offset);
}

Initiator initiator_of(const Relationship& relationship, ChangeOperation operation) {
    return {relationship.owner, relationship.member, operation};
}

} // namespace

void Graph::observe(ChangeObserver* observer) noexcept {
    const bool is_first = observer_ == nullptr && observer != nullptr;
    observer_ = observer;
    if (is_first) for_each([this](InstanceState& state) { bind_attributes(state); });
}

void Graph::bind_attributes(InstanceState& state) noexcept {
    for (const auto column : state.mapper->attribute_columns())
        AttributeAccess::bind(attribute_link(state, state.mapper->columns()[column]), &state);
}

namespace {

/// What the description says of values, as soon as one is assigned.
void check_assigned(const ColumnProperty& column, const Mapper& mapper, void* value) {
    if (column.put_into_form) column.put_into_form(value);
    if (!column.validate) return;
    if (auto why = refusal([&] { column.validate(value); }))
        throw ValidationError(std::string(mapper.class_name()), {{column.where, std::move(*why)}});
}

} // namespace

void Graph::value_set(RelationshipOwner& owner, const void* member, void* value) {
    auto& state = static_cast<InstanceState&>(owner);
    if (observer_ == nullptr && !state.mapper->looks_at_values()) return; // the session has ended
    const auto offset =
        static_cast<std::uint32_t>(static_cast<const std::byte*>(member) - state.object());
    const ColumnProperty& column = state.mapper->column_at(offset);
    if (observer_ != nullptr) observer_->value_setting(state, column, value, member);
    check_assigned(column, *state.mapper, value);
}

void Graph::replacing(RelationshipOwner& owner, std::uint16_t index,
                      std::vector<std::shared_ptr<void>>& members) {
    if (observer_ == nullptr) return;
    auto& state = static_cast<InstanceState&>(owner);
    observer_->replacing(state, state.mapper->relationships()[index], members);
}

/// What the member holds now; asked of the database only if somebody wants to know it.
InstanceState* Graph::former_target(InstanceState& owner, const Relationship& relationship) {
    const RelatedOne& one = owner.one(relationship);
    const bool has_row =
        owner.status == ObjectStatus::Persistent || owner.status == ObjectStatus::Deleted;
    if (!RelatedAccess::is_loaded(one) && has_row && client_ != nullptr &&
        observer_->wants_former(owner, relationship))
        client_->load_for_change(owner, relationship);
    if (RelatedAccess::is_loaded(one)) {
        void* target = RelatedAccess::target(one);
        return target == nullptr ? nullptr : &state_of(target);
    }
    return relationship.direction == Direction::ManyToOne ? parent_by_key(owner, relationship)
                                                          : nullptr;
}

/// Who has the child now, where it is told by the parents' side alone.
InstanceState* Graph::former_parent(InstanceState& child, const Relationship& relationship) {
    const auto link = link_index_.find({&child, &relationship});
    return link != link_index_.end() ? links_[link->second].parent
                                     : parent_by_key(child, relationship);
}

/// What setting `relationship` of the owner does to the other side.
void Graph::tell_reverse_set(InstanceState& owner, const Relationship& relationship,
                             InstanceState* target, InstanceState* old) {
    if (relationship.reverse == nullptr) return;
    const Relationship& reverse = *relationship.reverse;
    const Initiator initiator = initiator_of(relationship, ChangeOperation::Set);
    std::shared_ptr<void> self = handle(owner);
    std::shared_ptr<void> nobody;
    if (old != nullptr) {
        if (reverse.is_collection) {
            observer_->removing(*old, reverse, self, initiator);
        } else {
            observer_->one_setting(*old, reverse, nobody, self, initiator);
        }
    }
    if (target == nullptr) return;
    if (reverse.is_collection) {
        observer_->appending(*target, reverse, self, initiator);
        return;
    }
    InstanceState* displaced = former_target(*target, reverse);
    if (displaced == &owner) return;
    const std::shared_ptr<void> theirs = displaced == nullptr ? nullptr : handle(*displaced);
    if (displaced != nullptr)
        observer_->one_setting(*displaced, relationship, nobody, handle(*target), initiator);
    observer_->one_setting(*target, reverse, self, theirs, initiator);
}

InstanceState* Graph::tell_set(InstanceState& owner, const Relationship& relationship,
                               InstanceState* target) {
    InstanceState* old = former_target(owner, relationship);
    if (old == target) return target;
    std::shared_ptr<void> given = target == nullptr ? nullptr : handle(*target);
    observer_->one_setting(owner, relationship, given, old == nullptr ? nullptr : handle(*old),
                           initiator_of(relationship, ChangeOperation::Set));
    target = given == nullptr ? nullptr : &own_state(given, relationship);
    if (old != target) tell_reverse_set(owner, relationship, target, old);
    return target;
}

InstanceState* Graph::tell_append(InstanceState& owner, const Relationship& relationship,
                                  InstanceState& target) {
    const auto is_there = [&](InstanceState& other) {
        return RelatedAccess::is_loaded(owner.many(relationship)) &&
               is_in_collection(owner, relationship, other);
    };
    if (is_there(target)) return &target;
    const Initiator initiator = initiator_of(relationship, ChangeOperation::Append);
    std::shared_ptr<void> given = handle(target);
    observer_->appending(owner, relationship, given, initiator);
    InstanceState& member = own_state(given, relationship);
    if (is_there(member)) return &member;
    std::shared_ptr<void> self = handle(owner);
    if (relationship.direction == Direction::ManyToMany) {
        if (relationship.reverse == nullptr) return &member;
        if (relationship.reverse->is_collection) {
            observer_->appending(member, *relationship.reverse, self, initiator);
        } else {
            InstanceState* old = former_target(member, *relationship.reverse);
            observer_->one_setting(member, *relationship.reverse, self,
                                   old == nullptr ? nullptr : handle(*old), initiator);
        }
        return &member;
    }
    InstanceState* old = relationship.reverse != nullptr
                             ? former_target(member, *relationship.reverse)
                             : former_parent(member, relationship);
    if (old != nullptr && (old == &owner || !old->mapper->is_a(*relationship.owner))) old = nullptr;
    if (relationship.reverse != nullptr)
        observer_->one_setting(member, *relationship.reverse, self,
                               old == nullptr ? nullptr : handle(*old), initiator);
    if (old != nullptr) observer_->removing(*old, relationship, given, initiator);
    return &member;
}

void Graph::tell_remove(InstanceState& owner, const Relationship& relationship,
                        InstanceState& target) {
    if (is_member(owner, relationship, target) == std::optional<bool>(false)) return;
    const Initiator initiator = initiator_of(relationship, ChangeOperation::Remove);
    observer_->removing(owner, relationship, handle(target), initiator);
    if (relationship.reverse == nullptr) return;
    const std::shared_ptr<void> self = handle(owner);
    if (relationship.reverse->is_collection) {
        observer_->removing(target, *relationship.reverse, self, initiator);
    } else {
        std::shared_ptr<void> nobody;
        observer_->one_setting(target, *relationship.reverse, nobody, self, initiator);
    }
}

} // namespace mercator
