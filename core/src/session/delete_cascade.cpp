// SPDX-License-Identifier: MIT
#include "delete_cascade.hpp"

namespace mercator {

void DeleteCascade::begin(const Graph& graph, const std::vector<InstanceState*>& pending,
                          const std::vector<InstanceState*>& deleted) {
    begun_ = true;
    links_ = graph.links();
    pending_ = pending;
    deleted_ = deleted.size();
}

void DeleteCascade::note_letting_go(InstanceState& parent, const Relationship& relationship,
                                    InstanceState& child) {
    if (let_go_.empty() || let_go_.back().parent != &parent ||
        let_go_.back().relationship != &relationship) {
        let_go_.push_back({&parent, &relationship, {}, {}});
        if (relationship.is_collection)
            let_go_.back().members = RelatedAccess::items(parent.many(relationship));
    }
    const Relationship* reverse = relationship.reverse;
    const bool was_loaded = reverse != nullptr && RelatedAccess::is_loaded(child.one(*reverse));
    let_go_.back().children.emplace_back(&child, was_loaded);
}

std::vector<const InstanceState*> DeleteCascade::dropped() const {
    std::vector<const InstanceState*> states;
    for (const InstanceState* state : pending_) {
        if (state->status == ObjectStatus::Transient) states.push_back(state);
    }
    return states;
}

void DeleteCascade::leave(Graph& graph) const {
    for (InstanceState* state : pending_) {
        if (state->status == ObjectStatus::Transient) graph.leave_parents(*state);
    }
}

void DeleteCascade::take_back(Graph& graph, std::vector<InstanceState*>& pending,
                              std::vector<InstanceState*>& deleted) {
    if (!begun_) return;
    for (std::size_t i = deleted_; i < deleted.size(); ++i)
        graph.set_status(*deleted[i], ObjectStatus::Persistent);
    deleted.resize(deleted_);
    for (InstanceState* state : pending_) {
        if (state->status == ObjectStatus::Transient)
            graph.set_status(*state, ObjectStatus::Pending);
    }
    pending = pending_;
    for (const auto& [parent, relationship, members, children] : let_go_) {
        for (const auto& [child, was_loaded] : children) {
            if (relationship->reverse == nullptr) continue;
            RelatedOne& one = child->one(*relationship->reverse);
            if (was_loaded) {
                RelatedAccess::set(one, parent->object());
            } else {
                RelatedAccess::unload(one);
            }
        }
        if (relationship->is_collection) {
            RelatedAccess::items(parent->many(*relationship)) = members;
        } else {
            RelatedAccess::set(parent->one(*relationship), children.front().first->object());
        }
    }
    graph.clear_links();
    graph.restore_links(links_);
    begun_ = false;
}

} // namespace mercator
