// SPDX-License-Identifier: MIT
#include "transition_log.hpp"

#include <optional>
#include <unordered_set>
#include <utility>

namespace mercator {

std::string_view name_of(Transition transition) noexcept {
    switch (transition) {
    case Transition::TransientToPending:
        return "TransientToPending";
    case Transition::PendingToTransient:
        return "PendingToTransient";
    case Transition::PendingToPersistent:
        return "PendingToPersistent";
    case Transition::LoadedAsPersistent:
        return "LoadedAsPersistent";
    case Transition::PersistentToPending:
        return "PersistentToPending";
    case Transition::PersistentToTransient:
        return "PersistentToTransient";
    case Transition::PersistentToDeleted:
        return "PersistentToDeleted";
    case Transition::PersistentToDetached:
        return "PersistentToDetached";
    case Transition::DeletedToPersistent:
        return "DeletedToPersistent";
    case Transition::DeletedToDetached:
        return "DeletedToDetached";
    case Transition::DeletedToTransient:
        return "DeletedToTransient";
    case Transition::DetachedToPersistent:
        return "DetachedToPersistent";
    case Transition::DetachedToTransient:
        return "DetachedToTransient";
    }
    return "an unknown step";
}

namespace {

/// Nothing for what is no step, as from one status to itself.
std::optional<Transition> transition_of(ObjectStatus from, ObjectStatus to) noexcept {
    using enum ObjectStatus;
    const auto is = [&](ObjectStatus a, ObjectStatus b) { return from == a && to == b; };
    if (is(Transient, Pending)) return Transition::TransientToPending;
    if (is(Pending, Transient)) return Transition::PendingToTransient;
    if (is(Pending, Persistent)) return Transition::PendingToPersistent;
    if (is(Transient, Persistent)) return Transition::LoadedAsPersistent;
    if (is(Persistent, Pending)) return Transition::PersistentToPending;
    if (is(Persistent, Transient)) return Transition::PersistentToTransient;
    if (is(Persistent, Deleted)) return Transition::PersistentToDeleted;
    if (is(Persistent, Detached)) return Transition::PersistentToDetached;
    if (is(Deleted, Persistent)) return Transition::DeletedToPersistent;
    if (is(Deleted, Detached)) return Transition::DeletedToDetached;
    if (is(Deleted, Transient)) return Transition::DeletedToTransient;
    if (is(Detached, Persistent)) return Transition::DetachedToPersistent;
    if (is(Detached, Transient)) return Transition::DetachedToTransient;
    return std::nullopt;
}

} // namespace

TransitionLog::TransitionLog(std::shared_ptr<Graph> graph) : graph_(std::move(graph)) {
    graph_->watch(&changes_);
}

TransitionLog::~TransitionLog() {
    graph_->watch(nullptr);
}

void TransitionLog::add(TransitionListener listener) {
    listeners_.push_back(std::move(listener));
}

void TransitionLog::follow(const std::shared_ptr<Graph>& graph) {
    gather();
    graph_->watch(nullptr);
    graph_ = graph;
    graph_->watch(&changes_);
}

/// From what happened to steps: each object from its first status to the one that it has now.
void TransitionLog::gather() {
    const auto changes = std::exchange(changes_, {});
    std::unordered_set<const InstanceState*> seen;
    for (const auto& change : changes) {
        if (!seen.insert(change.state).second) continue;
        if (const auto transition = transition_of(change.from, change.state->status))
            steps_.push_back({*transition, {*change.state->mapper, graph_->handle(*change.state)}});
    }
}

void TransitionLog::tell(const Step& step) {
    for (const auto& listener : listeners_) listener(step.transition, step.object);
}

void TransitionLog::tell() {
    gather();
    if (telling_) return; // the loop below comes to them
    telling_ = true;
    try {
        while (!steps_.empty()) {
            const Step step = steps_.front();
            steps_.pop_front();
            tell(step);
            gather();
        }
    } catch (...) {
        telling_ = false;
        throw;
    }
    telling_ = false;
}

void TransitionLog::tell_quietly() noexcept {
    do {
        try {
            tell();
        } catch (...) { // the failure that is under way is the one to report
        }
    } while (!telling_ && !steps_.empty());
}

} // namespace mercator
