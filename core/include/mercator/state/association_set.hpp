// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/state/instance_state.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>
#include <unordered_map>
#include <vector>

namespace mercator {

/// "These two belong together from now on, or no longer": a change of a many-to-many relationship
/// that the next flush turns into a row of its table.
struct Association {
    InstanceState* owner = nullptr;
    InstanceState* target = nullptr;
    const Relationship* relationship = nullptr;
    bool added = true;
    bool row_was_seen = false; ///< of one that is removed: it was there when the members were read
    /// Of one that is added: it was removed before without having been read, so a row that may be
    /// there goes first.
    bool replaces = false;
};

/// Of the two sides of a many-to-many relationship, the one that changes are kept under: the side
/// that describes the other, else the one whose name comes first.
[[nodiscard]] MERCATOR_API const Relationship& recorded_side(const Relationship& side) noexcept;
/// The same change told by `recorded_side`.
[[nodiscard]] MERCATOR_API Association as_recorded(Association change) noexcept;

/// The changes of many-to-many relationships that are not written yet, in the order in which they
/// came. Each pair is there once, whichever side told of it, and what undoes a change leaves
/// nothing, unless nobody knows whether there was something to undo. Finding, adding and undoing take the same time however many there are.
class MERCATOR_API AssociationSet {
public:
    void record(const Association& change);
    /// The change of this pair, or nullptr. Valid until the next `record` or `forget`.
    [[nodiscard]] Association* find(InstanceState& owner, InstanceState& target,
                                    const Relationship& relationship) noexcept;
    void forget(InstanceState& owner, InstanceState& target, const Relationship& relationship);
    void clear() noexcept;
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return count_; }

    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const auto& change : changes_) {
            if (change.owner != nullptr) visit(change);
        }
    }
    /// Those in which the object takes part, on either side.
    template <class Visit>
    void for_each_of(const InstanceState& state, Visit&& visit) const {
        const auto found = of_object_.find(&state);
        if (found == of_object_.end()) return;
        for (const auto place : found->second) {
            if (changes_[place].owner != nullptr) visit(changes_[place]);
        }
    }
    [[nodiscard]] bool concerns(const InstanceState& state) const {
        bool found = false;
        for_each_of(state, [&](const Association&) { found = true; });
        return found;
    }

private:
    struct Pair {
        const InstanceState* owner;
        const InstanceState* target;
        const Relationship* relationship;
        friend bool operator==(const Pair&, const Pair&) noexcept = default;
    };
    struct PairHash {
        std::size_t operator()(const Pair& pair) const noexcept {
            const std::hash<const void*> hash;
            return hash(pair.owner) * 31 + hash(pair.target) * 17 + hash(pair.relationship);
        }
    };
    void enter(std::size_t place);
    void turn(std::size_t place);
    void erase(std::size_t place);
    void close_gaps();

    std::vector<Association> changes_; ///< with gaps, which have no owner
    std::size_t count_ = 0;
    std::unordered_map<Pair, std::size_t, PairHash> place_of_;
    std::unordered_map<const InstanceState*, std::vector<std::size_t>> of_object_;
};

} // namespace mercator
