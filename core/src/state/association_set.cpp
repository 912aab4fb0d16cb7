// SPDX-License-Identifier: MIT
#include <mercator/state/association_set.hpp>

#include <utility>

namespace mercator {

const Relationship& recorded_side(const Relationship& side) noexcept {
    if (side.reverse == nullptr || side.backref != nullptr) return side;
    const Relationship& other = *side.reverse;
    return other.backref != nullptr || other.where < side.where ? other : side;
}

Association as_recorded(Association change) noexcept {
    const Relationship& side = recorded_side(*change.relationship);
    if (&side != change.relationship) std::swap(change.owner, change.target);
    change.relationship = &side;
    return change;
}

void AssociationSet::record(const Association& told) {
    const Association change = as_recorded(told);
    const auto found = place_of_.find({change.owner, change.target, change.relationship});
    if (found != place_of_.end()) {
        if (changes_[found->second].added != change.added) turn(found->second);
        return;
    }
    changes_.push_back(change);
    enter(changes_.size() - 1);
}

Association* AssociationSet::find(InstanceState& owner, InstanceState& target,
                                  const Relationship& relationship) noexcept {
    if (count_ == 0) return nullptr;
    const Association asked = as_recorded({&owner, &target, &relationship});
    const auto found = place_of_.find({asked.owner, asked.target, asked.relationship});
    return found == place_of_.end() ? nullptr : &changes_[found->second];
}

void AssociationSet::forget(InstanceState& owner, InstanceState& target,
                            const Relationship& relationship) {
    const Association told = as_recorded({&owner, &target, &relationship});
    const auto found = place_of_.find({told.owner, told.target, told.relationship});
    if (found != place_of_.end()) erase(found->second);
}

void AssociationSet::clear() noexcept {
    changes_.clear();
    count_ = 0;
    place_of_.clear();
    of_object_.clear();
}

void AssociationSet::enter(std::size_t place) {
    const Association& change = changes_[place];
    place_of_.emplace(Pair{change.owner, change.target, change.relationship}, place);
    of_object_[change.owner].push_back(place);
    if (change.target != change.owner) of_object_[change.target].push_back(place);
    ++count_;
}

/// The opposite of the change was told.
void AssociationSet::turn(std::size_t place) {
    Association& change = changes_[place];
    const bool may_have_row = change.added ? change.replaces : !change.row_was_seen;
    if (!may_have_row) return erase(place);
    change.added = !change.added;
    change.replaces = change.added;
    change.row_was_seen = false;
}

void AssociationSet::erase(std::size_t place) {
    Association& change = changes_[place];
    place_of_.erase({change.owner, change.target, change.relationship});
    change.owner = nullptr;
    --count_;
    constexpr std::size_t worth_it = 32;
    if (changes_.size() > worth_it && changes_.size() > 2 * count_) close_gaps();
}

void AssociationSet::close_gaps() {
    std::erase_if(changes_, [](const Association& change) { return change.owner == nullptr; });
    count_ = 0;
    place_of_.clear();
    of_object_.clear();
    for (std::size_t place = 0; place < changes_.size(); ++place) enter(place);
}

} // namespace mercator
