// SPDX-License-Identifier: MIT
#pragma once

#include "session_listeners.hpp"

#include <mercator/state/graph.hpp>
#include <mercator/state/instance_state.hpp>

#include <span>
#include <unordered_set>
#include <vector>

namespace mercator {

/// Tells listeners what one flush does, and keeps what it has written. Exists only when somebody
/// wants to know.
class FlushEvents {
public:
    /// `in_listener` is true while one is called.
    FlushEvents(const SessionListeners& listeners, Session& session, Graph& graph,
                bool& in_listener) :
        listeners_(listeners),
        session_(session),
        graph_(graph),
        in_listener_(in_listener) {}

    /// Before anything is sent: those of deletes, inserts and updates. Each object once.
    void before_writing(const std::vector<InstanceState*>& pending,
                        const std::vector<InstanceState*>& deleted);

    // What was written, in order.
    void inserted(std::span<InstanceState* const> states) { note(states, RowChange::Insert); }
    void updated(std::span<InstanceState* const> states) { note(states, RowChange::Update); }
    void deleted(std::span<InstanceState* const> states) { note(states, RowChange::Delete); }

    /// When all is written: those of each row.
    void after_writing() const;
    [[nodiscard]] const std::vector<ModelChange>& changes() const noexcept { return changes_; }

private:
    void tell_all(SessionEvent event, const std::vector<InstanceState*>& states) const;
    void before_updates() const;
    void note(std::span<InstanceState* const> states, RowChange change);
    [[nodiscard]] AnyObject object(InstanceState& state) const {
        return {*state.mapper, graph_.handle(state)};
    }

    const SessionListeners& listeners_;
    Session& session_;
    Graph& graph_;
    bool& in_listener_;
    std::unordered_set<const InstanceState*> written_; ///< inserted or updated
    std::vector<ModelChange> changes_;
};

} // namespace mercator
