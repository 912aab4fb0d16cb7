// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/ast/select.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/loading/load_request.hpp>
#include <mercator/mapping/relationship.hpp>
#include <mercator/support/export.hpp>

#include <memory>
#include <span>
#include <vector>

namespace mercator {

class LoadTogether;

/// Objects whose rows have just been read, and how they were asked for.
struct LoadedRows {
    const LoadRequest& request;
    const ast::Select* select;               ///< what brought them; nullptr: several statements
    std::span<InstanceState* const> objects; ///< each once
    /// What waits to be sent with others. A strategy that sends statements of its own calls
    /// `finish` on it first.
    LoadTogether* together;
};

/// One way to load a relationship (SQLAlchemy's LoaderStrategy). Strategies are stateless and
/// shared; a new one is one file with one class and one line in `strategy_of`.
class MERCATOR_API LoaderStrategy {
public:
    virtual ~LoaderStrategy();
    /// Does it bring the related objects in the owners' own rows? Then `load_entities` reads them
    /// with joins.
    [[nodiscard]] virtual bool joins_owners() const noexcept;
    /// After all rows of the owners' statement were read: may load the relationship for all of
    /// them at once.
    virtual void rows_loaded(LoadContext& context, const LoadStep& step,
                             const LoadedRows& rows) const;
    /// When an unloaded member is touched. Must leave it loaded, or throw.
    virtual void first_touch(LoadContext& context, InstanceState& owner,
                             const LoadStep& step) const = 0;

    /// Has eager loading that no option asks for come full circle? It goes along a relationship
    /// once, or `join_depth` times.
    [[nodiscard]] static bool ends_here(const LoadStep& step, const LoadPath* path) noexcept;
    /// Those that stand for rows and have not loaded it, or only a part of what is wanted now.
    [[nodiscard]] static std::vector<InstanceState*>
    unloaded(std::span<InstanceState* const> objects, const LoadStep& step);
};

/// Leaves the whole relationship loaded, whatever is said about touching it, and also when criteria
/// have left some of it out: for cascades, which must know.
MERCATOR_API void load_whole(LoadContext& context, InstanceState& owner,
                             const Relationship& relationship);

/// Loads what `options` say for objects that are there already; relationships that are loaded stay
/// as they are, and what is said of their objects holds all the same. Objects of other classes than
/// that of the options are passed over.
MERCATOR_API void load_after(LoadContext& context, std::span<InstanceState* const> objects,
                             const std::shared_ptr<const LoadNode>& options, CodePlace place);

/// The objects that `owner` is related to, by a statement where memory does not know: for
/// relationships with and without a member. In the order of the relationship.
[[nodiscard]] MERCATOR_API std::vector<InstanceState*>
load_related(LoadContext& context, InstanceState& owner, const Relationship& relationship);

/// The strategy of a `Lazy` setting.
[[nodiscard]] MERCATOR_API const LoaderStrategy& strategy_of(Lazy lazy);

/// An unloaded relationship member was touched: loads it as the query that the object came from,
/// the mapping or the session says.
MERCATOR_API void touch_relationship(LoadContext& context, InstanceState& owner,
                                     const Relationship& relationship);

} // namespace mercator
