// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/mapping/mapper.hpp>
#include <mercator/state/instance_state.hpp>
#include <mercator/support/export.hpp>

#include <cstddef>
#include <vector>

namespace mercator {

/// The objects of a session (state/graph.hpp). Users' programs know it by name only: its tables
/// would cost every file that includes a session a tenth of the compiler's memory.
class Graph;

/// What a graph asks of its session. Implemented by the session; the arrow points down.
class MERCATOR_API GraphClient {
public:
    virtual ~GraphClient();
    virtual void load_relationship(InstanceState& owner, const Relationship& relationship) = 0;
    /// The same for a change that has to know whose place is taken: whatever the strategy says, and
    /// without a flush, since the change is only half done.
    virtual void load_for_change(InstanceState& owner, const Relationship& relationship) = 0;
    /// A deferred column was touched.
    virtual void load_column(InstanceState& state, const ColumnProperty& column) = 0;
    // Of a collection that is not loaded, with what is not flushed yet.
    [[nodiscard]] virtual std::size_t count_related(InstanceState& owner,
                                                    const Relationship& relationship) = 0;
    [[nodiscard]] virtual bool has_related(InstanceState& owner,
                                           const Relationship& relationship) = 0;
    /// Asked of the database alone.
    [[nodiscard]] virtual bool is_related(InstanceState& owner, const Relationship& relationship,
                                          InstanceState& target) = 0;
    [[nodiscard]] virtual std::vector<InstanceState*>
    slice_related(InstanceState& owner, const Relationship& relationship, std::size_t offset,
                  std::size_t limit) = 0;
    /// A transient object came into reach of one that the session keeps: it is to be saved as well.
    virtual void cascade_save(InstanceState& state) = 0;
    /// Several rows stand where the relationship has room for one object.
    virtual void found_several(const Relationship& /*relationship*/) {}
};

} // namespace mercator
