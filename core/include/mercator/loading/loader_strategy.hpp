// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/mapping/relationship.hpp>
#include <mercator/support/export.hpp>

#include <span>
#include <vector>

namespace mercator {

/// One way to load a relationship (SQLAlchemy's LoaderStrategy). Strategies are stateless and
/// shared; a new one is one file with one class and one line in `strategy_of`.
class MERCATOR_API LoaderStrategy {
public:
    virtual ~LoaderStrategy();
    /// Before the owners' statement is compiled: may add joins and columns to it.
    virtual void setup_query(ast::Select& select, const Relationship& relationship) const;
    /// After all rows of that statement were read: may load the relationship for all owners at
    /// once.
    virtual void rows_loaded(LoadContext& context, const Relationship& relationship,
                             std::span<InstanceState* const> owners) const;
    /// When an unloaded member is touched. Must leave it loaded, or throw.
    virtual void first_touch(LoadContext& context, InstanceState& owner,
                             const Relationship& relationship) const = 0;
};

/// The objects that `owner` is related to, by a statement where memory does not know: for
/// relationships with and without a member. In the order of their keys.
[[nodiscard]] MERCATOR_API std::vector<InstanceState*>
load_related(LoadContext& context, InstanceState& owner, const Relationship& relationship);

/// The strategy of a `Lazy` setting.
[[nodiscard]] MERCATOR_API const LoaderStrategy& strategy_of(Lazy lazy);

} // namespace mercator
