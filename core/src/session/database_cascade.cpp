// SPDX-License-Identifier: MIT
#include "database_cascade.hpp"

#include "class_keys.hpp"
#include "moved_keys.hpp"
#include "related_objects.hpp"

#include <mercator/state/identity_key.hpp>
#include <mercator/state/snapshot.hpp>

#include <algorithm>
#include <unordered_set>

namespace mercator {

namespace {

using Pairs = std::vector<std::pair<std::uint16_t, std::uint16_t>>;

class DatabaseCascade {
public:
    DatabaseCascade(Graph& graph, const std::vector<InstanceState*>& deleted) :
        graph_(graph),
        deleted_(deleted),
        gone_(deleted.begin(), deleted.end()) {}

    std::vector<InstanceState*> run() {
        for (const InstanceState* state : deleted_) add_class(*state->mapper);
        for (std::size_t i = 0; i < classes_.size(); ++i) { // grows while it is walked
            waiting_.erase(classes_[i]);
            follow(*classes_[i]);
        }
        return std::move(found_);
    }

private:
    void add_class(const Mapper& mapper) {
        if (waiting_.insert(&mapper).second) classes_.push_back(&mapper);
    }

    /// Rows that refer to rows of this class that are gone.
    void follow(const Mapper& parent) {
        graph_.for_each_slab([&](Slab& slab) {
            any_foreign_key(slab.mapper(), [&](const ForeignKey& key, const Table&) {
                if (key.on_delete == ReferentialAction::Cascade &&
                    table_referred_to(key, parent) != nullptr)
                    follow(slab, key, parent);
                return false;
            });
        });
    }

    void follow(Slab& children, const ForeignKey& key, const Mapper& parent) {
        const Pairs pairs = foreign_key_pairs(children.mapper(), key, parent);
        if (pairs.empty()) return;
        children.for_each([&](InstanceState& child) {
            if (child.status != ObjectStatus::Persistent || !child.is_tracked() ||
                gone_.contains(&child) || !refers_to_gone(child, key, pairs, parent))
                return;
            gone_.insert(&child);
            found_.push_back(&child);
            add_class(*child.mapper);
        });
    }

    bool refers_to_gone(const InstanceState& child, const ForeignKey& key, const Pairs& pairs,
                        const Mapper& parent) const {
        std::vector<Value> values;
        for (const auto index : parent.primary_key()) {
            for (const auto& [own, theirs] : pairs) {
                if (theirs == index)
                    values.push_back(snapshot_value(*child.mapper, child.snapshot, own));
            }
        }
        if (values.size() != parent.primary_key().size() || values.size() != pairs.size())
            return refers_by_other_columns(child, key, parent);
        if (std::any_of(values.begin(), values.end(),
                        [](const Value& value) { return value.is_null(); }))
            return false;
        IdentityKey identity;
        identity_of(parent, values, identity);
        return gone_.contains(graph_.identities(parent).find(identity));
    }

    bool refers_by_other_columns(const InstanceState& child, const ForeignKey& key,
                                 const Mapper& parent) const {
        return std::any_of(gone_.begin(), gone_.end(), [&](const InstanceState* state) {
            return state->mapper == &parent && state->is_tracked() &&
                   MovedKeys::refers(child, key, *state, state->snapshot);
        });
    }

    Graph& graph_;
    const std::vector<InstanceState*>& deleted_;
    std::unordered_set<const InstanceState*> gone_;
    std::vector<InstanceState*> found_;
    std::vector<const Mapper*> classes_;
    std::unordered_set<const Mapper*> waiting_; ///< among `classes_`, still to be followed
};

} // namespace

std::vector<InstanceState*> deleted_in_database(Graph& graph,
                                                const std::vector<InstanceState*>& deleted) {
    if (deleted.empty()) return {};
    return DatabaseCascade(graph, deleted).run();
}

} // namespace mercator
