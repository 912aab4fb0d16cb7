// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>
#include <mercator/state/graph.hpp>

#include <cstddef>
#include <vector>

namespace mercator {

/// What descriptions say of values on their way to the database: the form in which they are stored
/// (`stored_as`), validators, and what must not be written. Classes that say nothing of it cost a
/// flush one test each.
///
/// Only what is going to be written is looked at: all of a new object, the changed columns of
/// others.
class ValueRules {
public:
    explicit ValueRules(Graph& graph);

    /// A new object, while it still lies outside of the graph. What the flush may fill in by a
    /// default is not looked at yet. Throws ValidationError.
    static void check_given(const Mapper& mapper, std::byte* object);

    /// Brings what was changed into the form in which it is stored, so that what is the same in
    /// that form is no change; what the database computes, into what it has computed.
    void put_into_form(const std::vector<InstanceState*>& pending);
    /// Throws StateError for what is for reading alone.
    void check_writable(const std::vector<InstanceState*>& pending,
                        const std::vector<InstanceState*>& changed,
                        const std::vector<InstanceState*>& deleted,
                        const std::vector<Link>& links) const;
    /// Runs the validators. Throws ValidationError for the first object that does not pass, with
    /// all its members that do not.
    void validate(const std::vector<InstanceState*>& pending,
                  const std::vector<InstanceState*>& changed) const;

private:
    Graph& graph_;
    bool looks_at_values_ = false;
    bool has_read_only_ = false;
    bool has_computed_ = false;
};

} // namespace mercator
