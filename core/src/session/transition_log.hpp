// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/session/lifecycle.hpp>
#include <mercator/state/graph.hpp>

#include <deque>
#include <list>
#include <memory>
#include <vector>

namespace mercator {

/// Listeners on the life of a session's objects, and what has happened since they were last told.
/// Exists only when there are listeners.
class TransitionLog {
public:
    explicit TransitionLog(std::shared_ptr<Graph> graph);
    TransitionLog(const TransitionLog&) = delete;
    TransitionLog& operator=(const TransitionLog&) = delete;
    ~TransitionLog();

    void add(TransitionListener listener);
    /// The session goes on with another graph; what happened in the former one is still told.
    void follow(const std::shared_ptr<Graph>& graph);
    /// Tells all that has happened, in order; what listeners cause meanwhile comes after it. A step
    /// that was taken back before anybody was told is not told.
    void tell();
    /// The same at the end of an operation that fails or must not throw.
    void tell_quietly() noexcept;

private:
    struct Step {
        Transition transition;
        AnyObject object;
    };
    void gather();
    void tell(const Step& step);

    std::shared_ptr<Graph> graph_;
    std::list<TransitionListener> listeners_; ///< a list: a listener may add another
    std::vector<Graph::StatusChange> changes_;
    std::deque<Step> steps_;
    bool telling_ = false;
};

} // namespace mercator
