// SPDX-License-Identifier: MIT
#pragma once

#include "column_values.hpp"

#include <mercator/loading/entity_plan.hpp>
#include <mercator/loading/load_context.hpp>
#include <mercator/state/graph.hpp>
#include <mercator/state/snapshot.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace mercator {

/// A row has become that of another class of its hierarchy since its object was read: DataError.
[[noreturn]] void refuse_other_class(const InstanceState& known, const Mapper& now);

/// Puts the rows of one class into the graph.
class EntityAssembler {
public:
    EntityAssembler(LoadContext& context, const Mapper& mapper, bool read_only) :
        EntityAssembler(context, mapper, entity_plan(mapper), read_only) {}
    /// For rows without the columns that the plan leaves out.
    EntityAssembler(LoadContext& context, const Mapper& mapper, const EntityPlan& plan,
                    bool read_only) :
        graph_(*context.graph()),
        mapper_(mapper),
        slab_(graph_.slab(mapper)),
        identities_(graph_.identities(mapper)),
        plan_(&plan.decode),
        missing_(plan.missing),
        transaction_(context.transaction_number()),
        context_(context),
        read_only_(read_only),
        plain_(!read_only && !graph_.is_watched() && plan.missing.empty()) {}

    /// Objects that are there already take over what was not changed in them (populate_existing).
    void overwrite_known() noexcept { overwrites_ = true; }

    /// Decodes by this plan instead, which fills `beside` as its second target.
    void read_beside(const DecodePlan& plan, std::byte* beside) {
        plan_ = &plan;
        beside_ = beside;
    }

    /// The object of the next row, or nullptr at the end.
    InstanceState* next(DriverStatement& statement) {
        InstanceState& fresh = graph_.construct(mapper_);
        std::byte* targets[] = {fresh.object(), beside_};
        try {
            if (!statement.fetch(*plan_, targets)) {
                slab_.recycle(fresh);
                return nullptr;
            }
        } catch (...) {
            slab_.recycle(fresh);
            throw;
        }
        InstanceState& state = settle(fresh);
        if (&state != &fresh) slab_.recycle(fresh);
        return &state;
    }

    /// For rows of several classes: an object to decode into.
    InstanceState& begin() { return graph_.construct(mapper_); }
    /// The object of a row that was decoded into `fresh`: that one, which is the graph's from now
    /// on, or one that was there before; then `fresh` can be decoded into again.
    InstanceState& settle(InstanceState& fresh) {
        identity_of(mapper_, fresh.object(), key_);
        if (InstanceState* known =
                key_.bytes.empty() ? identities_.find_integer(key_.hash) : identities_.find(key_)) {
            if (known->mapper == &mapper_) [[likely]] {
                meet_again(*known, fresh);
            } else if (known->status != ObjectStatus::Deleted) {
                slab_.recycle(fresh);
                refuse_other_class(*known, mapper_);
            }
            return *known;
        }
        if (key_.bytes.empty()) {
            graph_.register_integer(fresh, identities_, key_.hash);
        } else {
            graph_.register_identity(fresh);
        }
        fresh.loaded_in = transaction_;
        if (plain_) [[likely]] {
            fresh.status = ObjectStatus::Persistent;
            fresh.snapshot = take_snapshot(mapper_, fresh.object(), graph_.arena());
            return fresh;
        }
        return begin_otherwise(fresh);
    }
    /// Gives one of `begin` back that no row has.
    void discard(InstanceState& fresh) noexcept { slab_.recycle(fresh); }

private:
    /// Apart, so that the usual way stays short enough to be built into its callers.
    [[gnu::noinline]] InstanceState& begin_otherwise(InstanceState& fresh) {
        graph_.set_status(fresh, ObjectStatus::Persistent);
        if (!missing_.empty()) {
            reset_columns(fresh, missing_);
            mark_unloaded(fresh, missing_);
        }
        if (!read_only_) fresh.snapshot = take_snapshot(mapper_, fresh.object(), graph_.arena());
        return fresh;
    }

    /// A row of an object that is already there. What the user changed stays; what an older
    /// transaction read is renewed.
    void meet_again(InstanceState& known, InstanceState& fresh) {
        const bool old =
            known.loaded_in != transaction_ && known.status == ObjectStatus::Persistent;
        if (known.partial || !missing_.empty()) meet_partly(known, fresh, old);
        if (overwrites_) overwrite(known, fresh);
        if (old && (!known.is_tracked() || !is_changed(mapper_, known.object(), known.snapshot))) {
            if (!known.is_tracked() || is_changed(mapper_, fresh.object(), known.snapshot))
                renew(known, fresh);
            known.loaded_in = transaction_;
        }
        if (!read_only_ && !known.is_tracked() && known.status == ObjectStatus::Persistent) {
            known.snapshot = take_snapshot(mapper_, known.object(), graph_.arena());
        }
    }

    /// Before a row and its object are compared, each gets what it lacks from the other.
    [[gnu::noinline]] void meet_partly(InstanceState& known, InstanceState& fresh, bool old) {
        if (!missing_.empty()) fill_from_known(fresh, known, missing_);
        const auto is_missing = [&](std::uint16_t column) {
            return std::find(missing_.begin(), missing_.end(), column) != missing_.end();
        };
        auto lacking = unloaded_columns(known);
        std::erase_if(lacking, is_missing);
        if (!lacking.empty()) take_columns(context_, known, fresh, lacking);
        // Plain members of an object that nobody may change.
        if (known.partial && !known.is_tracked() && known.status == ObjectStatus::Persistent)
            renew(known, fresh);
        if (missing_.empty()) {
            known.partial = false;
        } else if (old &&
                   (!known.is_tracked() || !is_changed(mapper_, known.object(), known.snapshot))) {
            mark_unloaded(known, missing_); // what an older transaction read is read anew
        }
    }

    /// Column by column: what was changed and not flushed stays.
    [[gnu::noinline]] void overwrite(InstanceState& known, const InstanceState& fresh) {
        if (known.status != ObjectStatus::Persistent) return;
        std::vector<std::pair<const Field*, Value>> mine;
        if (known.is_tracked()) {
            const ColumnSet changed = changed_columns(mapper_, known.object(), known.snapshot);
            for (std::size_t i = 0; i < mapper_.columns().size(); ++i) {
                const Field& field = mapper_.columns()[i].field;
                if (changed.contains(i)) mine.emplace_back(&field, load(field, known.object()));
            }
        }
        if (!known.is_tracked() || is_changed(mapper_, fresh.object(), known.snapshot))
            renew(known, fresh);
        for (const auto& [field, value] : mine) store(*field, known.object(), value);
        known.loaded_in = transaction_;
        for (const auto& relationship : mapper_.relationships()) {
            if (relationship.is_collection) {
                RelatedAccess::unload(known.many(relationship));
            } else if (relationship.direction != Direction::ManyToOne) {
                RelatedAccess::unload(known.one(relationship)); // no column of its own tells it
            }
        }
    }

    void renew(InstanceState& known, const InstanceState& fresh) {
        const std::byte* row = take_snapshot(mapper_, fresh.object(), graph_.arena());
        const ColumnSet changed = changed_columns(mapper_, known.object(), row);
        if (known.is_tracked()) context_.row_changed(known, row);
        restore_snapshot(mapper_, known.object(), row);
        if (known.is_tracked()) known.snapshot = row;
        graph_.count_rewrite();
        graph_.follow_row(known, changed);
    }

    Graph& graph_;
    const Mapper& mapper_;
    Slab& slab_;
    IdentityMap& identities_;
    const DecodePlan* plan_;
    const std::vector<std::uint16_t>& missing_; ///< columns that the rows do not have
    std::byte* beside_ = nullptr;
    IdentityKey key_;
    std::uint32_t transaction_;
    LoadContext& context_;
    bool read_only_;
    bool overwrites_ = false;
    bool plain_; ///< new objects are tracked and nobody watches: one test per row
};

} // namespace mercator
